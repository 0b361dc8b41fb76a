package analyze

import (
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/writdev/writ/policy"
)

var shapedPairs = flag.Int("shaped", 200, "pairs of documents of AWS's shapes compared with sampled requests; the long run has 100000")

// TestCompareAgainstSamples checks pairs of documents similar to AWS's examples against sampled requests. The
// long run is
//
//	go test ./policy/analyze -run Samples -shaped 100000 -timeout 4h
func TestCompareAgainstSamples(t *testing.T) {
	d := newShaped(*seed)
	var counts [Different + 1]int
	for n := range *shapedPairs {
		kind := draw(d.drawer, policy.Identity, policy.Resource)
		old, new := d.pair(t, 1+d.IntN(6), kind)
		c := Compare(old, new, kind, Options{})
		counts[c.Verdict]++
		for range 200 {
			req := d.request(kind)
			before, after := allows(old, &req, kind), allows(new, &req, kind)
			missed := after && !before && c.Gained == nil || before && !after && c.Lost == nil
			if missed && c.Verdict != Unknown {
				t.Fatalf("pair %d, %v: %v, but %+v is %v and then %v\nold %s\nnew %s", n, kind, c.Verdict, req, before, after, old.Source(), new.Source())
			}
		}
		for i, w := range []*Witness{c.Gained, c.Lost} {
			if w != nil && (allows(new, &w.Request, kind) != (i == 0) || allows(old, &w.Request, kind) != (i == 1)) {
				t.Fatalf("pair %d, %v: false witness %+v\nold %s\nnew %s", n, kind, w.Request, old.Source(), new.Source())
			}
		}
	}
	t.Logf("unknown, equal, more, less, different: %v", counts)
	if counts[Unknown]*50 > *shapedPairs {
		t.Errorf("%d of %d pairs are unknown", counts[Unknown], *shapedPairs)
	}
}

// mutation is an edit whose effect has a known direction.
type mutation struct {
	name string
	edit func(d shaped, statements []map[string]any, kind policy.Kind) []map[string]any
	// never is the direction of a difference that the edit cannot cause.
	never side
}

// changed returns the statements with one statement of an effect changed, or nil if there is none.
func (d shaped) changed(statements []map[string]any, effect string, change func(s map[string]any)) []map[string]any {
	for i, s := range statements {
		if s["Effect"] == effect {
			all := slices.Clone(statements)
			all[i] = maps.Clone(s)
			change(all[i])
			return all
		}
	}
	return nil
}

func widenAction(s map[string]any) {
	delete(s, "NotAction")
	s["Action"] = "*"
}

func narrowAction(s map[string]any) {
	if list, ok := s["Action"].([]string); ok && len(list) > 1 {
		s["Action"] = list[1:]
	}
}

func unconditional(s map[string]any) { delete(s, "Condition") }

func conditional(s map[string]any) {
	block := map[string]any{"StringLike": map[string]any{"aws:UserAgent": "a*"}}
	if old, ok := s["Condition"].(map[string]any); ok {
		maps.Copy(block, old)
	}
	s["Condition"] = block
}

func edit(effect string, change func(s map[string]any)) func(shaped, []map[string]any, policy.Kind) []map[string]any {
	return func(d shaped, statements []map[string]any, _ policy.Kind) []map[string]any {
		return d.changed(statements, effect, change)
	}
}

func appended(effect string) func(shaped, []map[string]any, policy.Kind) []map[string]any {
	return func(d shaped, statements []map[string]any, kind policy.Kind) []map[string]any {
		s := d.statement(kind)
		s["Effect"] = effect
		return append(slices.Clone(statements), s)
	}
}

var mutations = []mutation{
	{"add an Allow", appended("Allow"), oldSide},
	{"add a Deny", appended("Deny"), newSide},
	{"widen the action of an Allow", edit("Allow", widenAction), oldSide},
	{"widen the action of a Deny", edit("Deny", widenAction), newSide},
	{"narrow the action of an Allow", edit("Allow", narrowAction), newSide},
	{"narrow the action of a Deny", edit("Deny", narrowAction), oldSide},
	{"remove the condition of an Allow", edit("Allow", unconditional), oldSide},
	{"remove the condition of a Deny", edit("Deny", unconditional), newSide},
	{"add a condition to an Allow", edit("Allow", conditional), newSide},
	{"add a condition to a Deny", edit("Deny", conditional), oldSide},
}

func TestMutationsHaveADirection(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			d := newShaped(*seed)
			tried, moved := 0, 0
			for range 200 {
				kind := draw(d.drawer, policy.Identity, policy.Resource)
				first := d.statements(1+d.IntN(6), kind)
				second := m.edit(d, first, kind)
				if second == nil {
					continue
				}
				tried++
				old, new := encode(t, first), encode(t, second)
				c := Compare(old, new, kind, Options{})
				wrong, right := c.Gained, c.Lost
				if m.never == oldSide {
					wrong, right = c.Lost, c.Gained
				}
				if wrong != nil {
					t.Fatalf("%v: %+v\nold %s\nnew %s", c.Verdict, wrong.Request, old.Source(), new.Source())
				}
				if right != nil {
					moved++
				}
			}
			if tried < 10 || moved == 0 {
				t.Errorf("%d edits tried, %d changed something", tried, moved)
			}
		})
	}
}

var mirrored = map[Verdict]Verdict{Equal: Equal, More: Less, Less: More, Different: Different, Unknown: Unknown}

// TestLaws tests properties of every comparison.
func TestLaws(t *testing.T) {
	d := drawer{Rand: rand.New(rand.NewPCG(*seed, 3)), families: []int{0, 4, 6, 8, 10, 11}}
	for range 150 {
		kind := draw(d, policy.Identity, policy.Resource)
		caller := kind == policy.Resource
		first := d.statements(caller)
		a := encode(t, first)
		shuffled := slices.Clone(first)
		d.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		again := mustDocument(t, " "+string(encode(t, append(shuffled, shuffled[0])).Source()))
		if c := Compare(a, again, kind, Options{}); c.Verdict != Equal {
			t.Fatalf("%v (%s) of a document and the same in another order\n%s\n%s", c.Verdict, c.Reason, a.Source(), again.Source())
		}
		second := d.mutate(first, caller)
		b, c := encode(t, second), encode(t, d.mutate(second, caller))
		ab, ba := Compare(a, b, kind, Options{}), Compare(b, a, kind, Options{})
		if ba.Verdict != mirrored[ab.Verdict] {
			t.Fatalf("%v one way, %v the other\n%s\n%s", ab.Verdict, ba.Verdict, a.Source(), b.Source())
		}
		bc, ac := Compare(b, c, kind, Options{}), Compare(a, c, kind, Options{})
		atMost := func(v Verdict) bool { return v == Equal || v == Less }
		if atMost(ab.Verdict) && atMost(bc.Verdict) && !atMost(ac.Verdict) && ac.Verdict != Unknown {
			t.Fatalf("%v, %v, but %v\n%s\n%s\n%s", ab.Verdict, bc.Verdict, ac.Verdict, a.Source(), b.Source(), c.Source())
		}
		if ab.Verdict == Equal && bc.Verdict != ac.Verdict && ac.Verdict != Unknown && bc.Verdict != Unknown {
			t.Fatalf("equal, %v, but %v\n%s\n%s\n%s", bc.Verdict, ac.Verdict, a.Source(), b.Source(), c.Source())
		}
	}
}
