package analyze

import (
	"slices"
	"unicode"
	"unicode/utf16"

	"github.com/writdev/writ/policy"
)

// pattern is a sequence of steps under construction.
type pattern []step

// step is one position of a pattern.
type step struct {
	kind   stepKind
	except mask    // for oneStep and starStep
	unit   unit    // for unitStep, variableStep
	set    *[]unit // for setStep, sorted
}

type stepKind uint8

const (
	endStep stepKind = iota
	unitStep
	setStep
	oneStep
	starStep
	variableStep
)

// mask is a set of separators that a wildcard does not match.
type mask uint8

const (
	exceptColon mask = 1 << iota
	exceptSlash
	exceptNewline
)

func (m mask) has(u unit) bool {
	switch u {
	case ':':
		return m&exceptColon != 0
	case '/':
		return m&exceptSlash != 0
	case '\n':
		return m&exceptNewline != 0
	}
	return false
}

// text appends a text.
func (p pattern) text(s string) pattern {
	if isASCII(s) {
		p = slices.Grow(p, len(s)+1)
		for i := range len(s) {
			p = append(p, step{kind: unitStep, unit: unit(s[i])})
		}
		return p
	}
	for _, u := range utf16.Encode([]rune(s)) {
		p = append(p, step{kind: unitStep, unit: unit(u)})
	}
	return p
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// star appends a star. Adjacent stars merge; the result excludes only what both exclude.
func (p pattern) star(except mask) pattern {
	if n := len(p); n > 0 && p[n-1].kind == starStep {
		if p[n-1].except&except == except {
			p[n-1].except = except
			return p
		}
		if p[n-1].except&except == p[n-1].except {
			return p
		}
	}
	return append(p, step{kind: starStep, except: except})
}

func (p pattern) one(except mask) pattern { return append(p, step{kind: oneStep, except: except}) }

func (p pattern) set(units ...unit) pattern {
	slices.Sort(units)
	units = slices.Compact(units)
	return append(p, step{kind: setStep, set: &units})
}

func (p pattern) digits(n int) pattern {
	digit := []unit{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'}
	for range n {
		p = append(p, step{kind: setStep, set: &digit})
	}
	return p
}

// folded appends a text that matches without regard to case.
func (p pattern) folded(s string) pattern {
	for _, r := range s {
		var units []unit
		for f := r; ; {
			if policy.LowerRune(f) == policy.LowerRune(r) && f < 1<<16 {
				units = append(units, unit(f))
			}
			if f = unicode.SimpleFold(f); f == r {
				break
			}
		}
		if r >= 1<<16 || len(units) == 0 {
			p = p.text(string(r))
			continue
		}
		if len(units) == 1 {
			p = append(p, step{kind: unitStep, unit: units[0]})
			continue
		}
		p = p.set(units...)
	}
	return p
}

// head returns the ASCII prefix of the pattern; whole means that the pattern has nothing else.
func (p pattern) head() (head string, whole bool) {
	b := make([]byte, 0, len(p))
	for i, s := range p {
		if s.kind != unitStep {
			return string(b), false
		}
		if s.unit >= 0x80 {
			return p.textFrom(string(b), p[i:])
		}
		b = append(b, byte(s.unit))
	}
	return string(b), true
}

// textFrom continues head for patterns with non-ASCII letters, which count if the whole pattern is text.
func (p pattern) textFrom(head string, rest pattern) (string, bool) {
	var units []uint16
	for _, s := range rest {
		if s.kind != unitStep {
			return head, false
		}
		units = append(units, uint16(s.unit))
	}
	return head + string(utf16.Decode(units)), true
}

func commonHead(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}
