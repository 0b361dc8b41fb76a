package analyze

import "slices"

// split searches for a request that satisfies a formula, by cases. Its branches
// exclude each other, so that no request is looked for twice.
type split struct {
	*solver
	// found is called with the states of every leaf; it reports the cost of the
	// request it made of them, or that there is none.
	found func(states assignment) (cost int, ok bool)
	best  int
	some  bool // a request has been found
	spare int  // cases to look at for a shorter request after the first

	unresolved bool // a leaf gave no request, though it may have one
}

// moreCases is how many cases are looked at for a shorter request.
const moreCases = 500

// assignment is what has been asserted of each field.
type assignment map[field]*fieldState

func (a assignment) with(f field, st *fieldState) assignment {
	b := make(assignment, len(a)+1)
	for k, v := range a {
		b[k] = v
	}
	b[f] = st
	return b
}

func (a assignment) cost() int {
	n := 0
	for _, st := range a {
		n += st.cost()
	}
	return n
}

func (s *split) at(a assignment, f field) *fieldState {
	if st, ok := a[f]; ok {
		return st
	}
	return s.start(f)
}

// assert adds a literal; ok is false if no request satisfies it then.
func (s *split) assert(a assignment, l literal) (assignment, bool) {
	f := s.all[l.atom()].field
	st := s.at(a, f)
	if st == nil {
		return a, false
	}
	next := s.solver.assert(st, l)
	if next == nil {
		return a, false
	}
	if next == a[f] {
		return a, true
	}
	a = a.with(f, next)
	if l.positive() {
		for _, v := range s.all[l.atom()].requires {
			var ok bool
			if a, ok = s.assert(a, s.presence(v)); !ok {
				return a, false
			}
		}
	}
	return a, true
}

type truthValue int8

const (
	isFalse truthValue = iota - 1
	isOpen
	isTrue
)

// value is what is known of a formula.
func (s *split) value(a assignment, f *formula) truthValue {
	switch f.op {
	case literalOp:
		st := s.at(a, s.all[f.literal.atom()].field)
		if st == nil || s.solver.assert(st, f.literal) == nil {
			return isFalse
		}
		if s.solver.assert(st, f.literal.negate()) == nil {
			return isTrue
		}
		return isOpen
	case allOf:
		all := isTrue
		for _, p := range f.parts {
			v := s.value(a, p)
			if v == isFalse {
				return isFalse
			}
			all = min(all, v)
		}
		return all
	}
	some := isFalse
	for _, p := range f.parts {
		v := s.value(a, p)
		if v == isTrue {
			return isTrue
		}
		some = max(some, v)
	}
	return some
}

// run searches below an assignment: it asserts the first formulas, then splits
// one of the disjunctions that are left.
func (s *split) run(a assignment, first []*formula, open []*formula) {
	if s.some {
		if s.spare--; s.spare < 0 {
			return
		}
	}
	if !s.budget.spendNode() {
		s.unresolved = true
		return
	}
	for len(first) > 0 {
		f := first[len(first)-1]
		first = first[:len(first)-1]
		switch f.op {
		case literalOp:
			var ok bool
			if a, ok = s.assert(a, f.literal); !ok {
				return
			}
		case allOf:
			first = append(slices.Clone(first), f.parts...)
		default:
			open = append(slices.Clip(open), f)
		}
	}
	if s.some && a.cost() >= s.best {
		return
	}
	s.divide(a, open)
}

// divide simplifies the disjunctions and splits the shortest.
func (s *split) divide(a assignment, open []*formula) {
	var left []*formula
	var narrow *formula
	for _, f := range open {
		parts, done := s.openParts(a, f)
		switch {
		case done:
			continue
		case len(parts) == 0:
			return
		case len(parts) == 1:
			s.run(a, parts, append(left, open[slices.Index(open, f)+1:]...))
			return
		}
		g := &formula{op: anyOf, parts: parts}
		if narrow == nil || len(parts) < len(narrow.parts) {
			narrow = g
		}
		left = append(left, g)
	}
	if narrow == nil {
		s.leaf(a)
		return
	}
	rest := slices.DeleteFunc(left, func(f *formula) bool { return f == narrow })
	var earlier []*formula
	for _, p := range narrow.parts {
		s.run(a, append(slices.Clone(earlier), p), rest)
		if p.op == literalOp {
			earlier = append(earlier, not(p))
		}
	}
}

// openParts are the parts of a disjunction that may be true; done means that one
// of them is.
func (s *split) openParts(a assignment, f *formula) (parts []*formula, done bool) {
	for _, p := range f.parts {
		switch s.value(a, p) {
		case isTrue:
			return nil, true
		case isOpen:
			parts = append(parts, p)
		}
	}
	return parts, false
}

func (s *split) leaf(a assignment) {
	cost, ok := s.found(a)
	if !ok {
		s.unresolved = true
		return
	}
	if !s.some {
		s.some, s.best, s.spare = true, cost, moreCases
	}
	s.best = min(s.best, cost)
}
