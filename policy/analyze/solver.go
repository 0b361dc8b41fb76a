package analyze

import (
	"encoding/binary"
	"slices"
	"sync"
)

// solver decides which conjunctions of literals a request can satisfy. It caches every answer, because the
// case analysis repeats the same conjunctions.
type solver struct {
	*atoms
	budget  *budget
	product product

	fields [firstKey]textField
	states map[string]*fieldState
}

// textField is a field whose values are texts.
type textField struct {
	base    membership // the possible texts
	sample  string     // an example text; may be empty
	letters string     // the letters for free positions
}

// fieldState is a satisfiable conjunction of literals about one field.
type fieldState struct {
	field    field
	literals []literal // sorted
	next     map[literal]*fieldState

	exact bool // text or values satisfy it; else satisfiability is not known
	text  string
	value keyValue
}

func newSolver(a *atoms) *solver {
	return &solver{atoms: a, states: make(map[string]*fieldState)}
}

// notEmpty returns the language of non-empty texts.
var notEmpty = sync.OnceValue(func() *language { return newLanguage(pattern(nil).one(0).star(0)).complete() })

// use sets the budget for further answers.
func (s *solver) use(b *budget) { s.budget, s.product.budget = b, b }

// start returns the unconstrained state of a field.
func (s *solver) start(f field) *fieldState { return s.state(f, nil) }

// assert returns the state with one more literal, or nil if no request satisfies it.
func (s *solver) assert(st *fieldState, l literal) *fieldState {
	if next, ok := st.next[l]; ok {
		return next
	}
	var next *fieldState
	at, known := slices.BinarySearch(st.literals, l)
	switch {
	case known:
		next = st
	case slices.Contains(st.literals, l.negate()):
	case s.contradicts(st, l):
	default:
		next = s.derive(st, l, slices.Insert(slices.Clone(st.literals), at, l))
	}
	if st.next == nil {
		st.next = make(map[literal]*fieldState)
	}
	st.next[l] = next
	return next
}

func (s *solver) derive(st *fieldState, l literal, literals []literal) *fieldState {
	if st.exact && s.satisfies(st, l) {
		key := s.stateKey(st.field, literals)
		if known, ok := s.states[key]; ok {
			return known
		}
		next := &fieldState{field: st.field, literals: literals, exact: true, text: st.text, value: st.value}
		s.states[key] = next
		return next
	}
	return s.state(st.field, literals)
}

// contradicts reports whether the patterns of a literal and of the state are visibly disjoint.
func (s *solver) contradicts(st *fieldState, l literal) bool {
	a := &s.all[l.atom()]
	if a.language == nil || len(st.literals) > maxPatterns {
		return false
	}
	return slices.ContainsFunc(st.literals, func(m literal) bool {
		b := &s.all[m.atom()]
		switch {
		case l.positive() && m.positive():
			return a.language.disjoint(b.language)
		case l.positive():
			return a.language.within(b.language)
		case m.positive():
			return b.language.within(a.language)
		}
		return false
	})
}

// satisfies reports whether the text or values of a state also satisfy a literal. They are then also the
// shortest for the extended conjunction.
func (s *solver) satisfies(st *fieldState, l literal) bool {
	a := &s.all[l.atom()]
	if a.language != nil {
		return len(a.language.variables) == 0 && a.language.contains(st.text, s.budget) == l.positive() && !s.budget.exceeded
	}
	k := keyLiteral{a.predicate, l.positive()}
	ok, exact := s.judge([]keyLiteral{k}, st.value.values)
	return ok && exact
}

// stateKey returns an encoding of a conjunction. Conditions determine whether a key may
// have several values, so the encoding includes that flag.
func (s *solver) stateKey(f field, literals []literal) string {
	key := binary.LittleEndian.AppendUint32(make([]byte, 0, 4*len(literals)+8), uint32(f)<<1)
	if s.multi[f] {
		key[0] |= 1
	}
	for _, l := range literals {
		key = binary.LittleEndian.AppendUint32(key, uint32(l))
	}
	return string(key)
}

// state solves a conjunction. If the budget is exhausted, it counts as possibly satisfiable.
func (s *solver) state(f field, literals []literal) *fieldState {
	key := s.stateKey(f, literals)
	if st, ok := s.states[key]; ok {
		return st
	}
	st := &fieldState{field: f, literals: literals}
	if f < firstKey && len(literals) == 0 && s.fields[f].sample != "" {
		st.exact, st.text = true, s.fields[f].sample
		s.states[key] = st
		return st
	}
	ok, err := s.solve(st)
	if err != nil || s.budget.exceeded {
		ok, st.exact = true, false
	}
	if !ok {
		st = nil
	}
	s.states[key] = st
	return st
}

func (s *solver) solve(st *fieldState) (ok bool, err error) {
	if st.field >= firstKey {
		literals := make([]keyLiteral, len(st.literals))
		for i, l := range st.literals {
			literals[i] = keyLiteral{s.all[l.atom()].predicate, l.positive()}
		}
		st.value, err = s.solveKey(literals, s.multi[st.field])
		st.exact = st.value.exact
		return st.value.ok, err
	}
	members := append(make([]membership, 0, 1+len(st.literals)), s.fields[st.field].base)
	for _, l := range st.literals {
		members = append(members, membership{s.all[l.atom()].language, l.positive()})
	}
	st.text, ok, st.exact, err = s.product.shortest(members, s.fields[st.field].letters)
	return ok, err
}

// cost orders requests: by the number of condition keys, then by length.
func (st *fieldState) cost() int {
	if st.field < firstKey {
		return len(st.text)
	}
	if st.value.values == nil {
		return 0
	}
	n := 1000
	for _, v := range st.value.values {
		n += len(v) + 1
	}
	return n
}

// textLanguage returns the language of one text.
func (s *solver) textLanguage(t string) *language {
	id := "text\x00" + t
	if l, ok := s.languages[id]; ok {
		return l
	}
	l := newLanguage(pattern(nil).text(t))
	s.languages[id] = l
	return l
}
