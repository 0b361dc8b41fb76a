package analyze

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

var (
	pairs = flag.Int("pairs", 400, "pairs of documents compared with brute force; the long run has 1000000")
	seed  = flag.Uint64("seed", 1, "seed of the generated documents")
)

// drawer draws small documents over so few names that all requests that could distinguish two of them can be
// enumerated.
type drawer struct {
	*rand.Rand
	families []int // the families of conditions in the current pair
}

func draw[T any](d drawer, from ...T) T { return from[d.IntN(len(from))] }

func (d drawer) chance(percent int) bool { return d.IntN(100) < percent }

func (d drawer) list(most int, one func() string) any {
	values := make([]string, 1+d.IntN(most))
	for i := range values {
		values[i] = one()
	}
	if len(values) == 1 && d.chance(50) {
		return values[0]
	}
	return values
}

// glob draws a short pattern.
func (d drawer) glob(letters ...string) string {
	var b strings.Builder
	for range d.IntN(4) {
		b.WriteString(draw(d, letters...))
	}
	return b.String()
}

func (d drawer) action() string {
	return draw(d, "*", "s:*", "s:a", "S:A", "s:b", "s:?", "s:a*", "s:*b", "t:*", "*:a", "s:ab", "s:??", "t:a")
}

func (d drawer) resource() string {
	switch d.IntN(10) {
	case 0:
		return "*"
	case 1:
		return draw(d, "arn:*", "arn:aws:s:*:a", "arn:aws:s:?::a", "arn:aws:s*", "arn:aws:s:r*:1:a", "arn:aws:s:::a:*", "arn:aws:s:r:*:?")
	case 2, 3:
		return "arn:aws:s:::" + d.glob("a", "b", "*", "?", "${aws:username}", "${k:s}", "${k:s, 'a'}")
	}
	return "arn:aws:s:::" + d.glob("a", "b", "*", "?", "?", "*")
}

var ifExists = []string{"", "", "", "IfExists"}

// condition draws one operator, key and list of values.
func (d drawer) condition(caller bool) (operator, key string, values any) {
	switch n := draw(d, d.families...); {
	case n < 4:
		op := draw(d, "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
		return op + draw(d, ifExists...), "k:s", d.list(3, func() string { return draw(d, "", "a", "b", "A", "a*", "?", "*", "?b", "ab", "${aws:username}", "*a") })
	case n < 6:
		op := draw(d, "ForAllValues:", "ForAnyValue:", "") + draw(d, "StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
		return op + draw(d, ifExists...), "aws:TagKeys", d.list(3, func() string { return draw(d, "a", "b", "*", "a*", "") })
	case n < 7:
		op := draw(d, "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals")
		return op + draw(d, ifExists...), "k:n", d.list(2, func() string { return draw(d, "1", "2", "1.5", "1.0", "x") })
	case n < 8:
		op := draw(d, "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals")
		return op + draw(d, ifExists...), "k:d", d.list(2, func() string { return draw(d, "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z") })
	case n < 9:
		return draw(d, "IpAddress", "NotIpAddress") + draw(d, ifExists...), "aws:SourceIp", d.list(2, func() string {
			return draw(d, "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.1", "2001:db8::/32", "0.0.0.0/0")
		})
	case n < 10:
		return "Null", draw(d, "k:s", "aws:TagKeys", "aws:SourceIp"), draw(d, "true", "false")
	case n < 11 && caller:
		op := draw(d, "StringEquals", "StringNotEquals", "StringLike", "ArnLike", "ArnNotLike")
		return op, "aws:PrincipalArn", d.list(2, func() string {
			return draw(d, "arn:aws:iam::111122223333:user/a", "arn:aws:iam::*:role/*", "arn:aws:iam::444455556666:*", "*")
		})
	case n < 11:
		return draw(d, "StringEquals", "StringNotEquals", "StringLike"), "aws:username", d.list(2, func() string { return draw(d, "a", "b", "?", "a*") })
	}
	return draw(d, "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike") + draw(d, ifExists...), "k:arn", d.list(2, func() string {
		return draw(d, "arn:aws:s:::a", "arn:aws:s:*::a", "*", "arn:aws:?:::*", "arn:aws:s", "arn:aws:s:::a:*")
	})
}

func (d drawer) principal() any {
	if d.chance(20) {
		return "*"
	}
	return map[string]any{draw(d, "AWS", "AWS", "AWS", "Service"): d.list(2, func() string {
		return draw(d, "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:role/p/R",
			"arn:aws:iam::111122223333:role/R", "arn:aws:sts::111122223333:assumed-role/R/s", "s.amazonaws.com", "444455556666", "*")
	})}
}

func (d drawer) statement(caller bool) map[string]any {
	s := map[string]any{"Effect": draw(d, "Allow", "Allow", "Allow", "Deny")}
	if caller {
		s["Principal"] = d.principal()
		if s["Effect"] == "Deny" && d.chance(30) {
			delete(s, "Principal")
			s["NotPrincipal"] = d.principal()
		}
	}
	s[draw(d, "Action", "Action", "Action", "Action", "NotAction")] = d.list(2, d.action)
	s[draw(d, "Resource", "Resource", "Resource", "Resource", "NotResource")] = d.list(2, d.resource)
	block := map[string]any{}
	for range draw(d, 0, 0, 1, 1, 2) {
		op, key, values := d.condition(caller)
		block[op] = map[string]any{key: values}
	}
	if len(block) > 0 {
		s["Condition"] = block
	}
	return s
}

func (d drawer) statements(caller bool) []map[string]any {
	var all []map[string]any
	for range 1 + d.IntN(3) {
		all = append(all, d.statement(caller))
	}
	return all
}

func encode(t testing.TB, statements []map[string]any) *policy.Document {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	return mustDocument(t, string(text))
}

// mutate changes a few statements, so that most pairs are similar.
func (d drawer) mutate(statements []map[string]any, caller bool) []map[string]any {
	changed := slices.Clone(statements)
	for range 1 + d.IntN(2) {
		i := d.IntN(len(changed))
		s := map[string]any{}
		for k, v := range changed[i] {
			s[k] = v
		}
		other := d.statement(caller)
		switch d.IntN(5) {
		case 0:
			delete(s, "Condition")
		case 1:
			s["Condition"] = other["Condition"]
			if s["Condition"] == nil {
				delete(s, "Condition")
			}
		case 2:
			delete(s, "Action")
			delete(s, "NotAction")
			s["Action"] = d.list(2, d.action)
		case 3:
			delete(s, "Resource")
			delete(s, "NotResource")
			s["Resource"] = d.list(2, d.resource)
		case 4:
			changed = append(changed, other)
			continue
		}
		changed[i] = s
	}
	return changed
}

// words returns all texts over the letters up to a length.
func words(letters string, most int) []string {
	all := []string{""}
	for from := 0; most > 0; most-- {
		to := len(all)
		for _, w := range all[from:to] {
			for _, c := range letters {
				all = append(all, w+string(c))
			}
		}
		from = to
	}
	return all
}

var smallKeys = map[string][][]string{
	"k:s":          {nil, {""}, {"a"}, {"b"}, {"A"}, {"ab"}, {"ba"}, {"c"}},
	"aws:tagkeys":  {nil, {""}, {"a"}, {"b"}, {"c"}, {"a", "b"}, {"a", "c"}, {"c", "ab"}, {"", "a"}, {"ab", "a", "", "b"}},
	"k:n":          {nil, {"0"}, {"1"}, {"1.2"}, {"1.5"}, {"1.7"}, {"2"}, {"3"}, {"x"}},
	"k:d":          {nil, {"2025-12-31"}, {"2026-01-01"}, {"2026-01-01T12:00:00Z"}, {"2026-01-02T00:00:00Z"}, {"2026-01-03"}, {"x"}},
	"aws:sourceip": {nil, {"10.0.0.1"}, {"10.1.0.0"}, {"10.200.0.1"}, {"11.0.0.0"}, {"2001:db8::1"}, {"::"}, {"x"}},
	"k:arn":        {nil, {"arn:aws:s:::a"}, {"arn:aws:s:r::a"}, {"arn:aws:s:::b"}, {"arn:aws:s:::a:b"}, {"arn:aws:t:::b"}, {"arn:aws:st:::a"}, {"x"}, {"arn:aws:s"}},
}

var smallResources = func() []string {
	all := []string{"*", "arn:aws:s:r::a", "arn:aws:s:r:1:a", "arn:aws:s:::a:b", "arn:aws:t:::a", "arn:aws:st:::a", "arn:aws:s:q::a"}
	for _, w := range words("ab", 2)[1:] {
		all = append(all, "arn:aws:s:::"+w)
	}
	return append(all, "arn:aws:s:::c", "arn:aws:s:::cab")
}()

var smallActions = []string{"s:a", "s:b", "s:ab", "s:cc", "t:a", "t:b"}

var smallCallers = []string{
	"*", "s.amazonaws.com", "111122223333", "arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/p/b",
	"arn:aws:iam::444455556666:user/a", "arn:aws:iam::111122223333:role/p/R",
	"arn:aws:sts::111122223333:assumed-role/R/s", "arn:aws:sts::111122223333:assumed-role/R/t",
}

// TestCompareAgainstBruteForce checks random pairs against all requests of a small universe. The long run is
//
//	go test ./policy/analyze -run BruteForce -pairs 1000000 -timeout 4h
func TestCompareAgainstBruteForce(t *testing.T) {
	d := drawer{Rand: rand.New(rand.NewPCG(*seed, 0))}
	var counts [Different + 1]int
	for n := range *pairs {
		kind := draw(d, policy.Identity, policy.Identity, policy.Resource)
		caller := kind == policy.Resource
		d.families = []int{d.IntN(12)}
		if !caller {
			d.families = append(d.families, d.IntN(12))
		}
		first := d.statements(caller)
		second := d.statements(caller)
		if d.chance(80) {
			second = d.mutate(first, caller)
		}
		old, new := encode(t, first), encode(t, second)
		c := Compare(old, new, kind, Options{})
		counts[c.Verdict]++
		gained, lost := enumerate(t, kind, old, new)
		report := func(format string, args ...any) {
			t.Errorf("pair %d, %v: "+format+"\nold %s\nnew %s", append(append([]any{n, kind}, args...), old.Source(), new.Source())...)
		}
		if gained != nil && c.Gained == nil && c.Verdict != Unknown {
			report("%v, but gained is %+v", c.Verdict, *gained)
		}
		if lost != nil && c.Lost == nil && c.Verdict != Unknown {
			report("%v, but lost is %+v", c.Verdict, *lost)
		}
		for i, w := range []*Witness{c.Gained, c.Lost} {
			if w != nil && (allows(new, &w.Request, kind) != (i == 0) || allows(old, &w.Request, kind) != (i == 1)) {
				report("%v, with the false witness %+v", c.Verdict, w.Request)
			}
		}
		if c.Verdict == Unknown && testing.Verbose() {
			t.Logf("pair %d, %v: %s\nold %s\nnew %s", n, kind, c.Reason, old.Source(), new.Source())
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("unknown, equal, more, less, different: %v", counts)
	if counts[Unknown]*50 > *pairs {
		t.Errorf("%d of %d pairs are unknown", counts[Unknown], *pairs)
	}
}
