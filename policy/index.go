package policy

import (
	"slices"
	"strings"
)

// index finds the rules that can match a request without looking at the others:
// first by action, then by resource. Which rules match is for the evaluator to
// say; what the index leaves out cannot.
//
// A rule stands in one bucket for any action: of those that name the action, of
// those with a wildcard behind its service, or of those open to any service.
type index struct {
	open      bucket
	byService map[uint64]*bucket // foldHash of the service prefix
	byAction  map[uint64]*bucket // foldHash of the action
}

// bucket holds rules, divided by how their resource patterns begin.
type bucket struct {
	rules   []int32            // rules that can match any resource
	heads   map[uint64][]int32 // rules by the hash of the text a resource pattern begins with
	lengths []int              // of those texts, ascending
}

// fewRules is the number of rules up to which an index is not worth its memory.
const fewRules = 8

func newIndex(rules []rule) index {
	var x index
	if len(rules) <= fewRules {
		for i := range rules {
			x.open.rules = append(x.open.rules, int32(i))
		}
		return x
	}
	x.byService, x.byAction = make(map[uint64]*bucket), make(map[uint64]*bucket)
	for i := range rules {
		x.add(int32(i), &rules[i].action)
	}
	x.open.divide(rules)
	for _, b := range x.byService {
		b.divide(rules)
	}
	for _, b := range x.byAction {
		b.divide(rules)
	}
	return x
}

func (x *index) add(n int32, t *actionTest) {
	services, open := t.wildServices()
	if open {
		x.open.rules = append(x.open.rules, n)
		return
	}
	for service := range services {
		addTo(x.byService, service, n)
	}
	for i := range t.patterns {
		p := &t.patterns[i]
		service, wild := p.service()
		if _, ok := services[service]; !ok && !wild {
			addTo(x.byAction, foldHash(p.literal), n)
		}
	}
}

func addTo(buckets map[uint64]*bucket, key uint64, n int32) {
	b := buckets[key]
	if b == nil {
		b = new(bucket)
		buckets[key] = b
	}
	if len(b.rules) == 0 || b.rules[len(b.rules)-1] != n {
		b.rules = append(b.rules, n)
	}
}

// divide divides a bucket of many rules by the heads of their resources.
func (b *bucket) divide(rules []rule) {
	if len(b.rules) <= fewRules {
		return
	}
	all := b.rules
	b.rules, b.heads = nil, make(map[uint64][]int32)
	for _, n := range all {
		t := &rules[n].resource
		if !t.headed() {
			b.rules = append(b.rules, n)
			continue
		}
		for i := range t.patterns {
			head := t.patterns[i].glob.head()
			h := textHash(head)
			if list := b.heads[h]; len(list) == 0 || list[len(list)-1] != n {
				b.heads[h] = append(list, n)
			}
			if at, ok := slices.BinarySearch(b.lengths, len(head)); !ok {
				b.lengths = slices.Insert(b.lengths, at, len(head))
			}
		}
	}
}

// headed reports whether whatever the test matches begins with the head of one
// of its patterns.
func (t *resourceTest) headed() bool {
	if t.test != testListed {
		return false
	}
	for i := range t.patterns {
		if t.patterns[i].glob.head() == "" {
			return false
		}
	}
	return true
}

// head is the text that everything begins with that the glob matches.
func (g *glob) head() string {
	if g.pieces == nil {
		return g.literal
	}
	if g.pieces[0].kind == pieceText {
		return g.pieces[0].text
	}
	return ""
}

// hashStart and hashByte are FNV-1a, which gives the hash of every beginning of
// a text on the way to the hash of the whole.
const hashStart = uint64(14695981039346656037)

func hashByte(h uint64, c byte) uint64 { return (h ^ uint64(c)) * 1099511628211 }

func textHash(s string) uint64 {
	h := hashStart
	for i := range len(s) {
		h = hashByte(h, s[i])
	}
	return h
}

// wildServices are the services behind which the test has a wildcard; open means
// that it may match an action of any service.
func (t *actionTest) wildServices() (services map[uint64]struct{}, open bool) {
	if t.test != testListed {
		return nil, true
	}
	for i := range t.patterns {
		service, wild := t.patterns[i].service()
		if wild && service == 0 {
			return nil, true
		}
		if wild {
			if services == nil {
				services = make(map[uint64]struct{})
			}
			services[service] = struct{}{}
		}
	}
	return services, false
}

// service is the foldHash of the service prefix of an action pattern, and
// whether there is a wildcard behind it. It is 0 if the wildcard comes before
// its end.
func (g *glob) service() (hash uint64, wild bool) {
	text := g.literal
	if g.pieces != nil {
		text, wild = g.pieces[0].text, true
	}
	service, _, ok := strings.Cut(text, ":")
	if !ok {
		return 0, true
	}
	return foldHash(service), wild
}
