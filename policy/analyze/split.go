package analyze

import "slices"

// split searches for a request that satisfies a formula, by case analysis. The branches are disjoint, so no
// request is searched twice.
//
// The texts and values that satisfy the asserted literals are a guess: a disjunction is split only if the
// guess does not satisfy it.
type split struct {
	*solver
	// found is called with the states of every leaf. It returns the cost of the request made from them, or
	// false if there is none.
	found func(states assignment) (cost int, ok bool)
	best  int
	some  bool // a request was found
	spare int  // cases left for a shorter request after the first

	unresolved bool // a leaf gave no request, although one may exist
}

// extraCases is the number of cases searched for a shorter request.
const extraCases = 500

// assignment holds the asserted states, by field.
type assignment []*fieldState

// with returns the assignment with another state for a field.
func (a assignment) with(st *fieldState) assignment {
	i := 0
	for i < len(a) && a[i].field < st.field {
		i++
	}
	b := make(assignment, 0, len(a)+1)
	b = append(append(b, a[:i]...), st)
	if i < len(a) && a[i].field == st.field {
		i++
	}
	return append(b, a[i:]...)
}

// at returns the state of a field, or nil if no value satisfies it.
func (a assignment) at(s *solver, f field) *fieldState {
	for _, st := range a {
		if st.field == f {
			return st
		}
	}
	return s.start(f)
}

func (a assignment) cost() int {
	n := 0
	for _, st := range a {
		n += st.cost()
	}
	return n
}

// of returns the state of a literal's field.
func (s *split) of(a assignment, l literal) *fieldState { return a.at(s.solver, s.all[l.atom()].field) }

// assert adds a literal. It returns false if no request satisfies the result.
func (s *split) assert(a assignment, l literal) (assignment, bool) {
	st := s.of(a, l)
	if st == nil {
		return a, false
	}
	next := s.solver.assert(st, l)
	if next == nil {
		return a, false
	}
	if next == st && len(st.literals) > 0 {
		return a, true
	}
	a = a.with(next)
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

// satisfied reports whether the guess satisfies a formula, and returns the assignment that asserts the
// satisfied parts.
func (s *split) satisfied(a assignment, f *formula) (assignment, bool) {
	switch f.op {
	case literalOp:
		st := s.of(a, f.literal)
		if st == nil || !st.exact || !s.satisfies(st, f.literal) {
			return a, false
		}
		return s.assert(a, f.literal)
	case allOf:
		for _, p := range f.parts {
			var ok bool
			if a, ok = s.satisfied(a, p); !ok {
				return a, false
			}
		}
		return a, true
	}
	for _, p := range f.parts {
		if b, ok := s.satisfied(a, p); ok {
			return b, true
		}
	}
	return a, false
}

type truthValue int8

const (
	isFalse truthValue = iota - 1
	isOpen
	isTrue
)

// value returns the truth value of a formula, as far as it is known.
func (s *split) value(a assignment, f *formula) truthValue {
	switch f.op {
	case literalOp:
		st := s.of(a, f.literal)
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

// goal is a formula to satisfy: first, and the formula that rest makes.
type goal struct {
	first *formula
	rest  func() *formula
}

// search searches for a request that satisfies one of the goals, the likely shortest first.
func (s *split) search(goals []goal) {
	type beginning struct {
		assignment
		open []*formula
		rest func() *formula
		cost int
	}
	var all []beginning
	for _, g := range goals {
		if a, open, ok := s.assertAll(nil, []*formula{g.first}, nil); ok {
			all = append(all, beginning{a, open, g.rest, a.cost()})
		}
	}
	slices.SortStableFunc(all, func(a, b beginning) int { return a.cost - b.cost })
	for _, b := range all {
		if s.some && b.cost >= s.best {
			return
		}
		s.run(b.assignment, []*formula{b.rest()}, b.open)
	}
}

// run searches below an assignment: it asserts the first formulas, then splits one of the remaining
// disjunctions.
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
	a, open, ok := s.assertAll(a, first, open)
	if !ok || s.some && a.cost() >= s.best {
		return
	}
	if guess, ok := s.satisfiedAll(a, open); ok && s.leaf(guess) {
		return
	}
	s.divide(a, open)
}

// assertAll asserts the literals of formulas and adds their disjunctions to the open ones.
func (s *split) assertAll(a assignment, first, open []*formula) (assignment, []*formula, bool) {
	for len(first) > 0 {
		f := first[len(first)-1]
		first = first[:len(first)-1]
		switch f.op {
		case literalOp:
			var ok bool
			if a, ok = s.assert(a, f.literal); !ok {
				return a, open, false
			}
		case allOf:
			first = append(slices.Clone(first), f.parts...)
		default:
			open = append(slices.Clip(open), f)
		}
	}
	return a, open, true
}

// satisfiedAll reports whether the guess satisfies all disjunctions.
func (s *split) satisfiedAll(a assignment, open []*formula) (assignment, bool) {
	for _, f := range open {
		var ok bool
		if a, ok = s.satisfied(a, f); !ok {
			return a, false
		}
	}
	return a, true
}

// divide simplifies the disjunctions and splits the shortest of those that the guess does not satisfy, or if
// it satisfies all, the shortest.
func (s *split) divide(a assignment, open []*formula) {
	var left, satisfied []*formula
	var narrow *formula
	for i, f := range open {
		if _, ok := s.satisfied(a, f); ok {
			satisfied = append(satisfied, f)
			continue
		}
		parts, done := s.openParts(a, f)
		switch {
		case done:
			continue
		case len(parts) == 0:
			return
		case len(parts) == 1:
			s.run(a, parts, slices.Concat(left, satisfied, open[i+1:]))
			return
		}
		g := &formula{op: anyOf, parts: parts}
		if narrow == nil || len(parts) < len(narrow.parts) {
			narrow = g
		}
		left = append(left, g)
	}
	if narrow != nil {
		s.branch(a, narrow, append(slices.DeleteFunc(left, func(f *formula) bool { return f == narrow }), satisfied...))
		return
	}
	// The guess did not give a request: try the other cases.
	for i, f := range satisfied {
		if parts, done := s.openParts(a, f); !done {
			s.branch(a, &formula{op: anyOf, parts: parts}, slices.Delete(satisfied, i, i+1))
			return
		}
	}
	if len(open) == 0 || !s.leaf(a) {
		s.unresolved = true
	}
}

// branch asserts the parts of a disjunction one after the other, each with the negation of those before it.
func (s *split) branch(a assignment, f *formula, rest []*formula) {
	var earlier []*formula
	for _, p := range f.parts {
		s.run(a, append(slices.Clone(earlier), p), rest)
		if p.op == literalOp {
			earlier = append(earlier, not(p))
		}
	}
}

// openParts returns the parts of a disjunction that may be true; done means that one of them is true.
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

// leaf reports whether the states give a request.
func (s *split) leaf(a assignment) bool {
	cost, ok := s.found(a)
	if !ok {
		return false
	}
	if !s.some {
		s.some, s.best, s.spare = true, cost, extraCases
	}
	s.best = min(s.best, cost)
	return true
}
