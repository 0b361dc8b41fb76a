package analyze

import (
	"encoding/binary"
	"errors"
	"slices"
	"unicode/utf16"
)

// errBudget says that a search was given up.
var errBudget = errors.New("the search is over budget")

// membership says that a text is in a language, or that it is not.
type membership struct {
	language *language
	in       bool
}

// product searches for a shortest text that has every membership: breadth first
// through the product of the automata.
type product struct {
	members   []membership
	generator int // the member that holds the variables; -1 if there is none
	letters   string
	budget    *budget

	nodes []productNode
	seen  map[string]struct{}
	key   []byte
}

type productNode struct {
	states []int32
	parent int32
	unit   unit // that led here from the parent
}

// always marks the state of a language that accepts every rest, where that is
// what is asked.
const always int32 = -1

// shortest is a shortest text with every membership. With variables in the
// languages it is only known whether there may be one: exact is false.
//
// Letters are those to choose from where any will do.
func shortest(members []membership, letters string, b *budget) (found string, ok, exact bool, err error) {
	p := product{generator: -1, letters: letters, budget: b, seen: make(map[string]struct{})}
	exact = true
	for _, m := range members {
		exact = exact && len(m.language.variables) == 0
	}
	var finite *language
	for _, m := range members {
		l := m.language
		switch {
		case !exact && l.valid != nil:
			continue // what it leaves out is not needed to bound the answer
		case m.in && l.loose != nil && p.generator < 0 && !l.ignoresCase:
			p.generator = len(p.members)
		case m.in && l.loose != nil:
			l = l.loose
		case m.in && l.texts != nil && (finite == nil || len(l.texts) < len(finite.texts)):
			finite = l
		}
		p.members = append(p.members, membership{l, m.in})
	}
	if finite != nil && p.generator < 0 {
		found, ok = p.amongTexts(finite)
		return found, ok, exact, nil
	}
	found, ok, err = p.search()
	return found, ok, exact, err
}

// amongTexts tries the members of a finite language.
func (p *product) amongTexts(l *language) (found string, ok bool) {
	for _, s := range l.texts {
		if ok && !(len(s) < len(found)) {
			continue
		}
		if !slices.ContainsFunc(p.members, func(m membership) bool {
			return m.language.contains(s) != m.in
		}) {
			found, ok = s, true
		}
	}
	return found, ok
}

func (p *product) search() (string, bool, error) {
	states := make([]int32, len(p.members))
	for i, m := range p.members {
		states[i] = m.language.start()
	}
	if !p.visit(states, -1, 0) {
		return "", false, nil
	}
	for at := 0; at < len(p.nodes); at++ {
		if p.accepts(p.nodes[at].states) && !isHighSurrogate(p.nodes[at].unit) {
			return p.text(at), true, nil
		}
		if !p.budget.spendState() {
			return "", false, errBudget
		}
		for _, u := range p.choices(&p.nodes[at]) {
			next := make([]int32, len(p.members))
			for i := range p.members {
				next[i] = p.step(i, p.nodes[at].states[i], u)
			}
			p.visit(next, int32(at), u)
		}
	}
	return "", false, nil
}

// visit adds a node unless it is known or leads nowhere.
func (p *product) visit(states []int32, parent int32, u unit) bool {
	p.key = p.key[:0]
	for i, s := range states {
		m := &p.members[i]
		if s != always {
			switch universal := m.language.states[s].universal; {
			case m.in && s == dead, !m.in && universal:
				return false
			case m.in && universal:
				states[i] = always
			}
		}
		p.key = binary.LittleEndian.AppendUint32(p.key, uint32(states[i]))
	}
	if isHighSurrogate(u) {
		p.key = append(p.key, 1)
	}
	if _, ok := p.seen[string(p.key)]; ok {
		return false
	}
	p.seen[string(p.key)] = struct{}{}
	p.nodes = append(p.nodes, productNode{states, parent, u})
	return true
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

// choices are the units that some automaton tells apart in its state, and one
// that none does. The second unit of a character stands after a first, and only
// there.
func (p *product) choices(n *productNode) []unit {
	var units []unit
	for i, s := range n.states {
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
	second := isHighSurrogate(n.unit)
	units = append(units, p.fresh(units, second))
	return slices.DeleteFunc(units, func(u unit) bool { return isLowSurrogate(u) != second })
}

// fresh is a unit that is not among the sorted units.
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

// text is the text on the way to a node.
func (p *product) text(at int) string {
	var units []uint16
	for ; p.nodes[at].parent >= 0; at = int(p.nodes[at].parent) {
		units = append(units, uint16(p.nodes[at].unit))
	}
	slices.Reverse(units)
	return string(utf16.Decode(units))
}
