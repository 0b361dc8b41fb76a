package analyze

import "unicode/utf16"

// guess tries to find a shortest text with every membership without a search: the shortest text of one
// pattern, or that text with one letter in place of a star. It returns false if the guess does not prove that
// no shorter text exists.
func (p *product) guess() (found string, ok bool) {
	from := p.longest()
	if from == nil || len(from.starts) > maxPatterns {
		return "", false
	}
	least := from.leastLength()
	exhausted := true // no other text has the least length
	for _, start := range from.starts {
		units, varies := shortestOf(from.steps[start:], p.letters)
		if len(units) != least {
			continue
		}
		if s, ok := p.fits(units); ok {
			return s, true
		}
		exhausted = exhausted && !varies
	}
	if !exhausted {
		return "", false
	}
	tries := 0
	for _, start := range from.starts {
		steps := from.steps[start:]
		units, _ := shortestOf(steps, p.letters)
		switch {
		case len(units) > least+1:
			continue
		case len(units) == least+1:
			if s, ok := p.fits(units); ok {
				return s, true
			}
			continue
		}
		at := 0
		for i := range steps {
			if steps[i].kind == endStep {
				break
			}
			if steps[i].kind != starStep {
				at++
				continue
			}
			if tries++; tries > maxGuesses {
				return "", false
			}
			for _, letter := range [...]byte{p.letters[0], p.letters[1], '0'} {
				longer := append(append(append(make([]uint16, 0, least+1), units[:at]...), uint16(letter)), units[at:]...)
				if s, ok := p.fits(longer); ok {
					return s, true
				}
			}
		}
	}
	return "", false
}

// maxGuesses is the largest number of stars to try.
const maxGuesses = 64

// longest returns the positive language with the longest shortest texts.
func (p *product) longest() *language {
	var longest *language
	for _, m := range p.members {
		if !m.in || m.language.valid != nil {
			continue
		}
		if m.language.prepare(); longest == nil || m.language.leastLength() > longest.leastLength() {
			longest = m.language
		}
	}
	return longest
}

// leastLength returns the length of the shortest texts.
func (l *language) leastLength() int {
	least, n := 1<<30, 0
	for i := range l.steps {
		switch l.steps[i].kind {
		case endStep:
			least, n = min(least, n), 0
		case starStep:
		default:
			n++
		}
	}
	return least
}

// shortestOf returns a shortest text of a pattern; varies means that there are others.
func shortestOf(steps []step, letters string) (units []uint16, varies bool) {
	for i := range steps {
		switch s := &steps[i]; s.kind {
		case endStep:
			return units, varies
		case unitStep:
			units = append(units, uint16(s.unit))
		case setStep:
			set := *s.set
			units, varies = append(units, uint16(set[len(set)-1])), true
		case oneStep, variableStep:
			units, varies = append(units, uint16(letters[0])), true
		}
	}
	return units, varies
}

// fits reports whether a text has every membership.
func (p *product) fits(units []uint16) (string, bool) {
	s := string(utf16.Decode(units))
	p.budget.spend(len(p.members) + len(s)/walkWork)
	for _, m := range p.members {
		if m.language.contains(s, p.budget) != m.in || p.budget.exceeded {
			return "", false
		}
	}
	return s, true
}
