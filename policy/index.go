package policy

import (
	"slices"
	"strings"
)

// index finds the rules that can match a request without evaluating the others: first by action, then by
// resource. The evaluator decides which of them match; rules that the index omits cannot match.
//
// For any action a rule is in at most one bucket: of the rules that name the action, of those with a wildcard
// after its service prefix, or of those that can match any service.
type index struct {
	anyService bucket
	byService  map[uint64]*bucket // foldHash of the service prefix
	byAction   map[uint64]*bucket // foldHash of the action
}

// bucket holds rules, indexed by the literal prefixes of their resource patterns.
type bucket struct {
	rules    []int32            // rules that can match any resource
	byPrefix map[uint64][]int32 // rules by the hash of the literal prefix of a resource pattern
	lengths  []int              // of those prefixes, ascending
}

// indexThreshold is the number of rules up to which an index is not worth its memory.
const indexThreshold = 8

func newIndex(rules []rule) index {
	var x index
	if len(rules) <= indexThreshold {
		for i := range rules {
			x.anyService.rules = append(x.anyService.rules, int32(i))
		}
		return x
	}
	x.byService, x.byAction = make(map[uint64]*bucket), make(map[uint64]*bucket)
	for i := range rules {
		x.add(int32(i), &rules[i].action)
	}
	x.anyService.indexResources(rules)
	for _, b := range x.byService {
		b.indexResources(rules)
	}
	for _, b := range x.byAction {
		b.indexResources(rules)
	}
	return x
}

func (x *index) add(n int32, t *actionTest) {
	services, all := t.wildcardServices()
	if all {
		x.anyService.rules = append(x.anyService.rules, n)
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

// indexResources indexes a bucket of many rules by the prefixes of their resources.
func (b *bucket) indexResources(rules []rule) {
	if len(b.rules) <= indexThreshold {
		return
	}
	all := b.rules
	b.rules, b.byPrefix = nil, make(map[uint64][]int32)
	for _, n := range all {
		t := &rules[n].resource
		if !t.hasPrefixes() {
			b.rules = append(b.rules, n)
			continue
		}
		for i := range t.patterns {
			prefix := t.patterns[i].glob.literalPrefix()
			h := textHash(prefix)
			if list := b.byPrefix[h]; len(list) == 0 || list[len(list)-1] != n {
				b.byPrefix[h] = append(list, n)
			}
			if at, ok := slices.BinarySearch(b.lengths, len(prefix)); !ok {
				b.lengths = slices.Insert(b.lengths, at, len(prefix))
			}
		}
	}
}

// hasPrefixes reports whether every resource that the test matches begins with the
// literal prefix of one of its patterns.
func (t *resourceTest) hasPrefixes() bool {
	if t.test != testListed {
		return false
	}
	for i := range t.patterns {
		if t.patterns[i].glob.literalPrefix() == "" {
			return false
		}
	}
	return true
}

// literalPrefix returns the literal text at the start of the glob.
func (g *glob) literalPrefix() string {
	if g.pieces == nil {
		return g.literal
	}
	if g.pieces[0].kind == pieceText {
		return g.pieces[0].text
	}
	return ""
}

// hashStart and hashByte are FNV-1a, which yields the hash of every prefix of a
// text while it hashes the text.
const hashStart = uint64(14695981039346656037)

func hashByte(h uint64, c byte) uint64 { return (h ^ uint64(c)) * 1099511628211 }

func textHash(s string) uint64 {
	h := hashStart
	for i := range len(s) {
		h = hashByte(h, s[i])
	}
	return h
}

// wildcardServices returns the services for which the test has a wildcard after the service prefix; all means
// that it can match actions of any service.
func (t *actionTest) wildcardServices() (services map[uint64]struct{}, all bool) {
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

// service returns the foldHash of the service prefix of an action pattern, and
// whether a wildcard follows it. The hash is 0 if a wildcard is inside the prefix.
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
