package analyze

import (
	"errors"
	"slices"
	"unicode/utf16"
)

// errBudget means that a search exceeded its budget.
var errBudget = errors.New("the search exceeded its budget")

// membership requires that a text is in a language, or that it is not.
type membership struct {
	language *language
	in       bool
}

// product searches for a shortest text that has every membership: a breadth-first search of the product
// automaton. It is reused for later searches.
type product struct {
	members   []membership
	generator int // the index of the member that contains the variables; -1 if there is none
	letters   string
	budget    *budget

	nodes  []productNode
	states []int32 // of all nodes, consecutively
	table  []int32 // hash table of nodes: index + 1
	next   []int32
	units  []unit
}

type productNode struct {
	parent int32
	unit   unit // the unit on the edge from the parent
}

// always replaces the state of a language that accepts every remainder and whose membership is required.
const always int32 = -1

// shortest returns a shortest text with every membership. With variables in the languages it reports only
// whether a text may exist: exact is false.
//
// Letters are the letters for free positions.
func (p *product) shortest(members []membership, letters string) (found string, ok, exact bool, err error) {
	if p.budget.exceeded {
		return "", false, false, errBudget
	}
	p.generator, p.letters, p.members = -1, letters, p.members[:0]
	exact = true
	for _, m := range members {
		exact = exact && len(m.language.variables) == 0
	}
	var finite *language
	for _, m := range members {
		l := m.language
		switch {
		case !exact && l.valid != nil:
			continue // an excluded language with variables may be ignored: the answer is then only a bound
		case m.in && l.loose != nil && p.generator < 0 && !l.ignoresCase:
			p.generator = len(p.members)
		case m.in && l.loose != nil:
			l = l.loose
		case m.in && l.finite() != nil && (finite == nil || len(l.texts) < len(finite.texts)):
			finite = l
		}
		l.charge(p.budget)
		p.members = append(p.members, membership{l, m.in})
	}
	if p.headsDiffer() {
		return "", false, exact, nil
	}
	if finite != nil && p.generator < 0 {
		found, ok, err = p.amongTexts(finite)
		return found, ok, exact, err
	}
	if exact {
		if found, ok = p.guess(); ok {
			return found, true, true, nil
		}
	}
	found, ok, err = p.search()
	return found, ok, exact, err
}

// headsDiffer reports whether the prefixes of two required languages are incompatible, the usual reason for
// an empty intersection.
func (p *product) headsDiffer() bool {
	head := ""
	for _, m := range p.members {
		if !m.in || m.language.valid != nil {
			continue
		}
		m.language.prepare()
		h := m.language.head
		if n := len(commonHead(head, h)); n < len(head) && n < len(h) {
			return true
		}
		if len(h) > len(head) {
			head = h
		}
	}
	return false
}

// amongTexts tries the texts of a finite language.
func (p *product) amongTexts(l *language) (found string, ok bool, err error) {
	for _, s := range l.finite() {
		if ok && len(s) >= len(found) {
			continue
		}
		p.budget.spend(len(p.members))
		if p.budget.exceeded {
			return "", false, errBudget
		}
		if !slices.ContainsFunc(p.members, func(m membership) bool { return m.language.contains(s, p.budget) != m.in }) {
			found, ok = s, true
		}
	}
	return found, ok, nil
}

func (p *product) search() (string, bool, error) {
	p.nodes, p.states = p.nodes[:0], p.states[:0]
	clear(p.table)
	p.next = p.next[:0]
	for _, m := range p.members {
		p.next = append(p.next, m.language.start())
	}
	p.visit(-1, 0)
	for at := 0; at < len(p.nodes); at++ {
		if p.accepts(p.at(at)) && !isHighSurrogate(p.nodes[at].unit) {
			return p.text(at), true, nil
		}
		if p.budget.exceeded {
			return "", false, errBudget
		}
		p.choose(at)
		for _, u := range p.units {
			p.next = p.next[:0]
			for i := range p.members {
				p.next = append(p.next, p.step(i, p.at(at)[i], u))
			}
			p.visit(int32(at), u)
		}
	}
	return "", false, nil
}

// at returns the states of a node.
func (p *product) at(node int) []int32 {
	k := len(p.members)
	return p.states[node*k : node*k+k]
}

// visit adds a node with the states in next unless it exists or cannot accept.
func (p *product) visit(parent int32, u unit) {
	hash := hashOffset
	if isHighSurrogate(u) {
		hash = hashStep(hash, always)
	}
	for i, s := range p.next {
		m := &p.members[i]
		if s != always {
			switch universal := m.language.states[s].universal; {
			case m.in && s == dead, !m.in && universal:
				return
			case m.in && universal:
				p.next[i] = always
			}
		}
		hash = hashStep(hash, p.next[i])
	}
	if 2*(len(p.nodes)+1) > len(p.table) {
		p.grow()
	}
	slot := hash % uint64(len(p.table))
	for ; p.table[slot] != 0; slot = (slot + 1) % uint64(len(p.table)) {
		known := int(p.table[slot] - 1)
		if slices.Equal(p.at(known), p.next) && isHighSurrogate(p.nodes[known].unit) == isHighSurrogate(u) {
			return
		}
	}
	p.table[slot] = int32(len(p.nodes) + 1)
	p.budget.spend(len(p.next))
	p.nodes = append(p.nodes, productNode{parent, u})
	p.states = append(p.states, p.next...)
}

const hashOffset = uint64(14695981039346656037)

func hashStep(h uint64, s int32) uint64 { return (h ^ uint64(uint32(s))) * 1099511628211 }

// grow doubles the hash table.
func (p *product) grow() {
	p.table = make([]int32, max(64, 2*len(p.table)))
	for n := range p.nodes {
		hash := hashOffset
		if isHighSurrogate(p.nodes[n].unit) {
			hash = hashStep(hash, always)
		}
		for _, s := range p.at(n) {
			hash = hashStep(hash, s)
		}
		slot := hash % uint64(len(p.table))
		for p.table[slot] != 0 {
			slot = (slot + 1) % uint64(len(p.table))
		}
		p.table[slot] = int32(n + 1)
	}
}

func (p *product) accepts(states []int32) bool {
	for i, s := range states {
		if s != always && p.members[i].language.states[s].accept != p.members[i].in {
			return false
		}
	}
	return true
}

func (p *product) step(i int, from int32, u unit) int32 {
	l := p.members[i].language
	switch {
	case from == always:
		return always
	case u >= firstVariable && i != p.generator && p.members[i].in:
		return l.reach(from)
	}
	return l.step(from, u)
}

// choose sets units to those that some automaton distinguishes in its state, and one that none does. Low
// surrogates follow high surrogates, and only those.
func (p *product) choose(node int) {
	units := p.units[:0]
	states := p.at(node)
	for i, s := range states {
		if s == always {
			continue
		}
		for _, u := range p.members[i].language.states[s].explicit {
			if u < firstVariable || i == p.generator {
				units = append(units, u)
			}
		}
	}
	slices.Sort(units)
	units = slices.Compact(units)
	second := isHighSurrogate(p.nodes[node].unit)
	units = append(units, p.fresh(units, second))
	p.units = slices.DeleteFunc(units, func(u unit) bool { return isLowSurrogate(u) != second })
}

// fresh returns a unit that is not among the sorted units.
func (p *product) fresh(units []unit, second bool) unit {
	from, letters := unit(0x100), p.letters
	if second {
		from, letters = 0xDC00, ""
	}
	for _, r := range letters {
		if _, taken := slices.BinarySearch(units, unit(r)); !taken {
			return unit(r)
		}
	}
	for {
		if _, taken := slices.BinarySearch(units, from); !taken {
			return from
		}
		from++
	}
}

func isHighSurrogate(u unit) bool { return 0xD800 <= u && u < 0xDC00 }
func isLowSurrogate(u unit) bool  { return 0xDC00 <= u && u < 0xE000 }

// text returns the text of the path to a node.
func (p *product) text(at int) string {
	var units []uint16
	for ; p.nodes[at].parent >= 0; at = int(p.nodes[at].parent) {
		units = append(units, uint16(p.nodes[at].unit))
	}
	slices.Reverse(units)
	return string(utf16.Decode(units))
}
