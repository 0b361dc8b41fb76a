package analyze

import (
	"slices"
)

// unit is one UTF-16 code unit of a text: the unit that "?" matches. Units from firstVariable on represent
// the values of policy variables.
type unit = uint32

const firstVariable unit = 1 << 16

// defaultsOfKey is the number of units for the variables of one key: the first for the variable without a
// default value, the others for variables with one.
const defaultsOfKey = 256

// bareUnit returns the unit of the variable without a default value for the same key.
func bareUnit(variable unit) unit { return variable &^ (defaultsOfKey - 1) }

// hasValueOf reports whether the variable of the step always has the value of another variable: the key of a
// variable without a default value is present.
func (s *step) hasValueOf(variable unit) bool {
	return s.unit == variable || bareUnit(s.unit) == variable
}

// language is a set of texts: those that match one of several patterns. It is a finite automaton whose states
// are made when a search first reaches them and are then reused.
type language struct {
	// patterns returns the patterns. It is called on the first search: most languages of a document are never
	// searched.
	patterns func() []pattern

	steps  []step
	starts []int32
	states []state
	index  map[uint64][]int32 // states with several positions, by their hash
	single []int32            // states with one position, by position; 0 if not yet made
	units  []unit             // storage for the units of states
	links  []int32            // storage for the positions and links of states
	work   []int32            // positions of the state under construction
	budget *budget            // charged for new states
	fixed  bool               // all states exist: see complete
	head   string             // the common prefix of all texts

	texts []string // see finite
	// valid and excluded define a language instead of steps: the texts in valid that are not in excluded.
	valid, excluded *language
	pairs           map[[2]int32]int32

	variables []variable // the variables in the patterns, whose texts are unknown
	// loose is the language with every variable replaced by "*"; nil without variables.
	loose *language
	// instantiate returns the language with texts in place of the variables.
	instantiate func(values map[variable]text) *language
	ignoresCase bool // the case of a variable's value does not matter
}

// variable is a policy variable: a condition key and a default value.
type variable struct {
	key        string // in lower case
	fallback   string
	hasDefault bool
}

// text is the value of a variable. A variable without a value matches nothing.
type text struct {
	value  string
	exists bool
}

// state is a state of the automaton, which determines the accepted remainders of a text. State 0 accepts
// none.
type state struct {
	positions []int32
	pair      [2]int32

	accept    bool
	universal bool // every remainder is accepted
	explicit  []unit
	next      []int32 // for each of explicit; -1 if not yet made
	other     int32   // for all other units
	// viaValue is the successor for the value of a variable that the language does not contain: for a
	// non-empty value and for one that may be empty.
	viaValue [2]int32
	reached  int32 // see reach; -1 if not yet made
}

const dead int32 = 0

// newLanguage returns the language of the patterns.
func newLanguage(patterns ...pattern) *language {
	return &language{patterns: func() []pattern { return patterns }}
}

// prepare makes the automaton's positions.
func (l *language) prepare() {
	if l.patterns == nil {
		return
	}
	patterns := l.patterns()
	l.patterns = nil
	l.states = append(make([]state, 0, 8), state{other: dead})
	size := len(patterns)
	for _, p := range patterns {
		size += len(p)
	}
	l.steps = make([]step, 0, size)
	l.single = make([]int32, size)
	texts, finite := []string{}, true
	for i, p := range patterns {
		l.starts = append(l.starts, int32(len(l.steps)))
		l.steps = append(l.steps, p...)
		l.steps = append(l.steps, step{kind: endStep})
		head, whole := p.head()
		finite = finite && whole
		if finite {
			texts = append(texts, head)
		}
		if i == 0 {
			l.head = head
		}
		l.head = commonHead(l.head, head)
	}
	if finite && l.texts == nil {
		slices.Sort(texts)
		l.texts = slices.Compact(texts)
	}
}

// finite returns the sorted texts of a language without wildcards and variables, else nil.
func (l *language) finite() []string {
	if l.texts == nil {
		l.prepare()
	}
	return l.texts
}

// without returns the language of the texts in valid, which has no variables, that are not in excluded.
func without(valid, excluded *language) *language {
	l := &language{valid: valid, excluded: excluded, pairs: make(map[[2]int32]int32), variables: excluded.variables}
	l.states = []state{{other: dead}}
	if excluded.instantiate != nil {
		l.instantiate = func(values map[variable]text) *language { return without(valid, excluded.instantiate(values)) }
	}
	return l
}

// start returns the initial state.
func (l *language) start() int32 {
	if l.valid != nil {
		return l.pairState([2]int32{l.valid.start(), l.excluded.start()})
	}
	l.prepare()
	if len(l.states) > 1 {
		return 1
	}
	return l.stateOf(slices.Clone(l.starts))
}

// complete makes all states of a language without variables. The language is then immutable and can be shared
// by all questions.
func (l *language) complete() *language {
	l.start()
	for n := dead + 1; int(n) < len(l.states); n++ {
		for i := range l.states[n].explicit {
			l.step(n, l.states[n].explicit[i])
		}
		l.step(n, unusedUnit)
		l.step(n, firstVariable)
		l.step(n, firstVariable+1)
		l.reach(n)
	}
	l.fixed = true
	return l
}

// unusedUnit occurs in no pattern of a complete language.
const unusedUnit unit = 0xE000

// stateOf returns the state for a set of positions, closed under stars.
func (l *language) stateOf(positions []int32) int32 {
	for i := 0; i < len(positions); i++ {
		if l.steps[positions[i]].kind == starStep {
			positions = append(positions, positions[i]+1)
		}
	}
	slices.Sort(positions)
	positions = slices.Compact(positions)
	if len(positions) == 0 {
		return dead
	}
	if len(positions) == 1 {
		if n := l.single[positions[0]]; n != 0 {
			return n
		}
		l.single[positions[0]] = int32(len(l.states))
	} else {
		hash := hashOffset
		for _, p := range positions {
			hash = hashStep(hash, p)
		}
		for _, n := range l.index[hash] {
			if slices.Equal(l.states[n].positions, positions) {
				return n
			}
		}
		if l.index == nil {
			l.index = make(map[uint64][]int32)
		}
		l.index[hash] = append(l.index[hash], int32(len(l.states)))
	}
	s := state{positions: l.storeLinks(positions), other: -1, viaValue: [2]int32{-1, -1}, reached: -1}
	first := len(l.units)
	for _, p := range positions {
		switch st := &l.steps[p]; st.kind {
		case endStep:
			s.accept = true
		case unitStep:
			l.units = append(l.units, st.unit)
		case variableStep:
			l.units = append(l.units, st.unit, bareUnit(st.unit))
		case setStep:
			l.units = append(l.units, *st.set...)
		case oneStep, starStep:
			for _, u := range [...]unit{':', '/', '\n'} {
				if st.except.has(u) {
					l.units = append(l.units, u)
				}
			}
			if st.kind == starStep && st.except == 0 && l.steps[p+1].kind == endStep {
				s.universal = true
			}
		}
	}
	s.explicit = l.units[first:len(l.units):len(l.units)]
	return l.add(s)
}

// storeLinks copies numbers into the language's storage.
func (l *language) storeLinks(list []int32) []int32 {
	first := len(l.links)
	l.links = append(l.links, list...)
	return l.links[first:len(l.links):len(l.links)]
}

// charge sets the budget that pays for new states.
func (l *language) charge(b *budget) {
	if l.fixed {
		return
	}
	l.budget = b
	if l.valid != nil {
		l.valid.charge(b)
		l.excluded.charge(b)
	}
}

// add adds a state.
func (l *language) add(s state) int32 {
	if l.budget != nil {
		l.budget.spend(len(s.positions) + len(s.explicit) + 1)
	}
	if len(s.explicit) > 1 {
		slices.Sort(s.explicit)
		s.explicit = slices.Compact(s.explicit)
	}
	first := len(l.links)
	for range s.explicit {
		l.links = append(l.links, -1)
	}
	s.next = l.links[first:len(l.links):len(l.links)]
	n := int32(len(l.states))
	l.states = append(l.states, s)
	if l.valid != nil {
		l.pairs[s.pair] = n
	}
	return n
}

// pairState returns the state for a state of valid and a state of excluded.
func (l *language) pairState(pair [2]int32) int32 {
	v, x := &l.valid.states[pair[0]], &l.excluded.states[pair[1]]
	if pair[0] == dead || x.universal {
		return dead
	}
	if n, ok := l.pairs[pair]; ok {
		return n
	}
	return l.add(state{
		pair: pair, other: -1, viaValue: [2]int32{-1, -1}, reached: -1,
		accept:    v.accept && !x.accept,
		universal: v.universal && pair[1] == dead,
		explicit:  slices.Concat(v.explicit, x.explicit),
	})
}

// step returns the successor of a state for a unit.
func (l *language) step(from int32, u unit) int32 {
	if from == dead {
		return dead
	}
	s := &l.states[from]
	at, explicit := slices.BinarySearch(s.explicit, u)
	switch {
	case explicit && s.next[at] >= 0:
		return s.next[at]
	case !explicit && u < firstVariable && s.other >= 0:
		return s.other
	case !explicit && u >= firstVariable && s.viaValue[mayBeEmpty(u)] >= 0:
		return s.viaValue[mayBeEmpty(u)]
	}
	to := l.makeStep(from, u)
	switch s = &l.states[from]; {
	case explicit:
		s.next[at] = to
	case u < firstVariable:
		s.other = to
	default:
		s.viaValue[mayBeEmpty(u)] = to
	}
	return to
}

// mayBeEmpty returns 1 for a variable with a default value, which may be empty, else 0.
func mayBeEmpty(variable unit) int {
	if variable == bareUnit(variable) {
		return 0
	}
	return 1
}

func (l *language) makeStep(from int32, u unit) int32 {
	if l.valid != nil {
		pair := l.states[from].pair
		return l.pairState([2]int32{l.valid.step(pair[0], u), l.excluded.step(pair[1], u)})
	}
	positions := l.work[:0]
	if u >= firstVariable {
		positions = l.addCommon(positions, from, mayBeEmpty(u) == 1)
	}
	for _, p := range l.states[from].positions {
		switch st := &l.steps[p]; st.kind {
		case unitStep:
			if st.unit == u {
				positions = append(positions, p+1)
			}
		case variableStep:
			if st.hasValueOf(u) {
				positions = append(positions, p+1)
			}
		case setStep:
			if _, ok := slices.BinarySearch(*st.set, u); ok {
				positions = append(positions, p+1)
			}
		case oneStep:
			if u < firstVariable && !st.except.has(u) {
				positions = append(positions, p+1)
			}
		case starStep:
			if u < firstVariable && !st.except.has(u) || u >= firstVariable && st.except == 0 {
				positions = append(positions, p)
			}
		}
	}
	l.work = positions
	return l.stateOf(positions)
}

// maxValueStates is the largest number of states to visit for the value of a variable.
const maxValueStates = 32

// addCommon adds the positions that are reached for every value of a variable: the intersection of all
// states that some text reaches.
func (l *language) addCommon(positions []int32, from int32, mayBeEmpty bool) []int32 {
	var common []int32
	seen := []int32{from}
	known := mayBeEmpty
	if known {
		common = slices.Clone(l.states[from].positions)
	}
	for i := 0; i < len(seen); i++ {
		if len(seen) > maxValueStates {
			return positions
		}
		plain := append(slices.Clone(l.states[seen[i]].explicit), l.freshUnit(seen[i]))
		for _, u := range plain {
			if u >= firstVariable {
				continue
			}
			to := l.step(seen[i], u)
			if next := l.states[to].positions; !known {
				common, known = slices.Clone(next), true
			} else {
				common = slices.DeleteFunc(common, func(p int32) bool { _, ok := slices.BinarySearch(next, p); return !ok })
			}
			if len(common) == 0 {
				return positions
			}
			if !slices.Contains(seen, to) {
				seen = append(seen, to)
			}
		}
	}
	return append(positions, common...)
}

// freshUnit returns a unit that occurs in no step of the state.
func (l *language) freshUnit(state int32) unit {
	u := unusedUnit
	for slices.Contains(l.states[state].explicit, u) {
		u++
	}
	return u
}

// reach returns the state after an unknown value of a variable: the union of all states that some text
// reaches.
func (l *language) reach(from int32) int32 {
	if from == dead || l.valid != nil {
		return from
	}
	if to := l.states[from].reached; to >= 0 {
		return to
	}
	seen := make(map[int32]bool)
	todo := slices.Clone(l.states[from].positions)
	var all []int32
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		all = append(all, p)
		if l.steps[p].kind != endStep {
			todo = append(todo, p+1)
		}
	}
	to := l.stateOf(all)
	l.states[from].reached = to
	return to
}
