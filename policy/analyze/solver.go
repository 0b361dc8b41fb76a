package analyze

import (
	"encoding/binary"
	"slices"
)

// solver answers which conjunctions of literals some request satisfies. It keeps
// every answer: the case split meets the same ones again and again.
type solver struct {
	*atoms
	budget  *budget
	product product

	notEmpty *language
	bases    []membership // of text fields, by field: the texts there can be
	letters  []string     // by text field
	samples  []string     // by text field: a text where any will do; may be empty
	states   map[string]*fieldState
	initial  map[field]*fieldState
	overrun  bool
}

// fieldState is a conjunction of literals about one field that can be true.
type fieldState struct {
	field    field
	literals []literal // sorted
	next     map[literal]*fieldState

	exact bool // text or values satisfy it; else it is not known to be satisfiable
	text  string
	value keyValue
}

func newSolver(a *atoms) *solver {
	s := &solver{atoms: a}
	s.notEmpty = newLanguage(pattern(nil).one(0).star(0))
	s.reset()
	return s
}

// use lets a budget pay for the answers from now on.
func (s *solver) use(b *budget) { s.budget, s.product.budget = b, b }

// reset forgets the answers, which hold for one set of texts that fields can have.
func (s *solver) reset() {
	s.states = make(map[string]*fieldState)
	s.initial = make(map[field]*fieldState)
}

// start is the state of a field of which nothing is said.
func (s *solver) start(f field) *fieldState {
	if st, ok := s.initial[f]; ok {
		return st
	}
	st := s.state(f, nil)
	s.initial[f] = st
	return st
}

// assert is the state with one literal more; nil if no request satisfies it.
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
		key := stateKey(st.field, literals)
		if known, ok := s.states[key]; ok {
			return known
		}
		next := &fieldState{field: st.field, literals: literals, exact: true, text: st.text, value: st.value}
		s.states[key] = next
		return next
	}
	return s.state(st.field, literals)
}

// satisfies reports whether the text or the values of a state satisfy a literal
// too. They are then the shortest of the longer conjunction as well.
func (s *solver) satisfies(st *fieldState, l literal) bool {
	a := &s.all[l.atom()]
	if a.language != nil {
		return len(a.language.variables) == 0 && a.language.contains(st.text) == l.positive()
	}
	k := keyLiteral{a.predicate, l.positive()}
	ok, exact := judge([]keyLiteral{k}, st.value.values)
	return ok && exact
}

func stateKey(f field, literals []literal) string {
	key := binary.LittleEndian.AppendUint32(nil, uint32(f))
	for _, l := range literals {
		key = binary.LittleEndian.AppendUint32(key, uint32(l))
	}
	return string(key)
}

// state solves a conjunction. What is over budget may be satisfiable.
func (s *solver) state(f field, literals []literal) *fieldState {
	key := stateKey(f, literals)
	if st, ok := s.states[key]; ok {
		return st
	}
	st := &fieldState{field: f, literals: literals}
	if f < firstKey && len(literals) == 0 && s.samples[f] != "" {
		st.exact, st.text = true, s.samples[f]
		s.states[key] = st
		return st
	}
	ok, err := s.solve(st)
	if err != nil {
		s.overrun = true
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
	members := []membership{s.bases[st.field]}
	for _, l := range st.literals {
		members = append(members, membership{s.all[l.atom()].language, l.positive()})
	}
	st.text, ok, st.exact, err = s.product.shortest(members, s.letters[st.field])
	return ok, err
}

// cost orders requests: the fewer condition keys the better, then the shorter.
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

// textLanguage is the language of one text.
func (s *solver) textLanguage(t string) *language {
	id := "text\x00" + t
	if l, ok := s.languages[id]; ok {
		return l
	}
	l := newLanguage(pattern(nil).text(t))
	s.languages[id] = l
	return l
}
