package analyze

import (
	"slices"
	"unicode/utf16"
)

// A walk through the patterns of a language is a list of the positions that a text may have reached, in
// ascending order. It makes no states.

// walkWork is the number of walk positions that cost one unit of a budget.
const walkWork = 16

// contains reports whether the text is in the language. If the budget is exhausted, it returns false, and the
// result must be ignored.
func (l *language) contains(s string, limit *budget) bool {
	if l.valid != nil {
		return l.valid.contains(s, limit) && !l.excluded.contains(s, limit)
	}
	if texts := l.finite(); texts != nil {
		_, ok := slices.BinarySearch(texts, s)
		return ok
	}
	var room [2][32]int32
	at, next := l.begin(room[0][:0]), room[1][:0]
	visited := 0
	for _, r := range s {
		if visited += len(at); visited > 64*walkWork {
			limit.spend(visited / walkWork)
			visited = 0
		}
		if limit.exceeded {
			return false
		}
		if r >= 1<<16 {
			var high rune
			high, r = utf16.EncodeRune(r)
			next = walkUnit(l.steps, at, next[:0], unit(high))
			at, next = next, at
		}
		next = walkUnit(l.steps, at, next[:0], unit(r))
		if at, next = next, at; len(at) == 0 {
			return false
		}
	}
	limit.spend(visited / walkWork)
	return l.ends(at)
}

// maxVisited bounds the walks that may avoid a search.
const maxVisited = 20_000

// covers reports whether every text of a pattern is known to be in the language: equal patterns are, and
// those that a star covers.
func (l *language) covers(p pattern) bool {
	var room [2][32]int32
	at, next := l.begin(room[0][:0]), room[1][:0]
	visited := 0
	for i := range p {
		if visited += len(at); visited > maxVisited {
			return false
		}
		next = walkStep(l.steps, at, next[:0], &p[i])
		if at, next = next, at; len(at) == 0 {
			return false
		}
	}
	return l.ends(at)
}

// begin returns the initial positions of a walk.
func (l *language) begin(at []int32) []int32 {
	l.prepare()
	for _, p := range l.starts {
		at = reach(l.steps, at, p)
	}
	return at
}

func (l *language) ends(at []int32) bool {
	return slices.ContainsFunc(at, func(p int32) bool { return l.steps[p].kind == endStep })
}

// reach adds a position, and those behind it if it is a star. Positions arrive in ascending order, so a
// position not beyond the last is already present.
func reach(steps []step, at []int32, p int32) []int32 {
	for len(at) == 0 || p > at[len(at)-1] {
		at = append(at, p)
		if steps[p].kind != starStep {
			break
		}
		p++
	}
	return at
}

// walkUnit adds the positions after a unit to next.
func walkUnit(steps []step, at, next []int32, u unit) []int32 {
	for _, p := range at {
		switch s := &steps[p]; s.kind {
		case unitStep:
			if s.unit == u {
				next = reach(steps, next, p+1)
			}
		case setStep:
			if _, ok := slices.BinarySearch(*s.set, u); ok {
				next = reach(steps, next, p+1)
			}
		case oneStep:
			if !s.except.has(u) {
				next = reach(steps, next, p+1)
			}
		case starStep:
			if !s.except.has(u) {
				next = reach(steps, next, p)
			}
		}
	}
	return next
}

// walkStep adds the positions after a step of another pattern, for every text that the step matches.
func walkStep(steps []step, at, next []int32, t *step) []int32 {
	if t.kind == unitStep {
		return walkUnit(steps, at, next, t.unit)
	}
	for _, p := range at {
		switch s := &steps[p]; {
		case s.kind == starStep && s.takes(t):
			next = reach(steps, next, p)
		case s.kind == oneStep && t.kind != starStep && t.kind != variableStep && s.takes(t),
			s.kind == setStep && t.kind == setStep && slices.Equal(*s.set, *t.set),
			s.kind == variableStep && t.kind == variableStep && s.hasValueOf(t.unit):
			next = reach(steps, next, p+1)
		}
	}
	return next
}

// takes reports whether a wildcard matches every unit that another step matches.
func (s *step) takes(t *step) bool {
	switch t.kind {
	case setStep:
		return !slices.ContainsFunc(*t.set, s.except.has)
	case oneStep, starStep:
		return s.except&^t.except == 0
	}
	return s.except == 0 // the value of a variable
}

// disjoint reports whether two languages are known to have no text in common: any two of their patterns have
// incompatible prefixes or suffixes.
func (l *language) disjoint(m *language) bool {
	if l.valid != nil || m.valid != nil {
		return false
	}
	l.prepare()
	m.prepare()
	if len(l.starts)*len(m.starts) > maxPairs {
		return false
	}
	for _, p := range l.starts {
		for _, q := range m.starts {
			if compatiblePrefixes(l.steps[p:], m.steps[q:]) {
				return false
			}
		}
	}
	return true
}

// compatiblePrefixes reports whether the literal prefixes of two patterns are compatible.
func compatiblePrefixes(p, q []step) bool {
	for i := range min(len(p), len(q)) {
		s, t := &p[i], &q[i]
		switch {
		case s.kind == unitStep && t.kind == unitStep:
			if s.unit != t.unit {
				return false
			}
		case s.kind == endStep || t.kind == endStep:
			return s.kind == t.kind || s.mayEnd() || t.mayEnd()
		default:
			return true
		}
	}
	return true
}

// mayEnd reports whether a text may end at the step.
func (s *step) mayEnd() bool { return s.kind == starStep || s.kind == variableStep }

// within reports whether every text of the language is known to be in another.
func (l *language) within(m *language) bool {
	if l.valid != nil || m.valid != nil || l.ignoresCase != m.ignoresCase {
		return false
	}
	l.prepare()
	if len(l.starts) > maxPatterns {
		return false
	}
	for _, p := range l.starts {
		end := p
		for l.steps[end].kind != endStep {
			end++
		}
		if !m.covers(l.steps[p:end]) {
			return false
		}
	}
	return true
}

// maxPatterns is the largest number of patterns to check before a search.
const maxPatterns = 100
