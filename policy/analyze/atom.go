package analyze

import (
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/policy"
)

// field identifies a part of a request that varies independently. The callers of each kind are one field;
// fields from firstKey on are condition keys.
type field int32

const (
	actionField field = iota
	resourceField
	firstCaller
	firstKey = firstCaller + field(policy.WebIdentity) + 1
)

// literal is an atom or its negation.
type literal int32

func (l literal) atom() int32     { return int32(l) >> 1 }
func (l literal) positive() bool  { return l&1 == 0 }
func (l literal) negate() literal { return l ^ 1 }
func positive(atom int32) literal { return literal(atom << 1) }

// atom is a statement about one field; each value of the field makes it true or false.
type atom struct {
	field field
	// language is the set of texts that make the atom true; nil for a condition key.
	language *language
	// predicate is the condition on a condition key. The keys that the engine adds itself use one of the
	// tests below instead.
	predicate *predicate
	// requires lists the variables that must have a value for the atom to be true.
	requires []variable
}

// predicate is a condition in the form in which a key's solver uses it.
type predicate struct {
	test policy.Predicate
	form valueForm
	// language is the set of the values that satisfy the operator, or with flipped of those that do not. It
	// is nil for numbers, dates and addresses.
	language *language
	flipped  bool
	constant bool // for constantForm: whether every value satisfies the operator

	context *policy.Context // the values of the variables, once they are chosen
	equals  *string         // the key has exactly this value
	present bool            // the key has exactly one value, and the value is not empty
}

// valueForm is the method by which a condition is evaluated for one non-empty value.
type valueForm uint8

const (
	languageForm valueForm = iota
	constantForm
	opaqueForm      // only the engine can evaluate it
	unsupportedForm // the solver cannot evaluate it
)

// atoms interns atoms and languages: equal texts give the same atom. Caller kinds share the atoms that have
// the same meaning for all of them.
type atoms struct {
	all       []atom
	byText    map[string]int32
	keys      map[string]field // by lower-case name
	names     []string         // the keys' names as written, by field-firstKey
	multi     map[field]bool   // keys that may have several values
	languages map[string]*language
	variables map[variable]unit
	// variableKeys counts the keys that variables read; defaults holds, by key, the variables with a default
	// value.
	variableKeys int
	defaults     map[string]int
	caller       *callerKind
	numbers      map[*language]int
}

func newAtoms() *atoms {
	return &atoms{
		byText: make(map[string]int32), keys: make(map[string]field), multi: make(map[field]bool),
		languages: make(map[string]*language), variables: make(map[variable]unit), defaults: make(map[string]int), numbers: make(map[*language]int),
	}
}

func (a *atoms) intern(text string, make func() atom) int32 {
	if n, ok := a.byText[text]; ok {
		return n
	}
	n := int32(len(a.all))
	a.all = append(a.all, make())
	a.byText[text] = n
	return n
}

// key returns the field of a condition key.
func (a *atoms) key(name string) field {
	folded := foldKey(name)
	if f, ok := a.keys[folded]; ok {
		return f
	}
	f := firstKey + field(len(a.names))
	a.keys[folded] = f
	a.names = append(a.names, name)
	return f
}

func (a *atoms) keyName(f field) string { return a.names[f-firstKey] }

// shape describes where a value occurs in the text of a field: its possible contexts, and the separators that
// its wildcards do not match.
type shape struct {
	name   string // unique among the shapes
	places []place
	except mask
}

// place is the text before and after a value.
type place struct{ head, tail pattern }

var wholeText = shape{name: "whole", places: []place{{}}}

// place inserts a pattern into the shape.
func (s *shape) place(p pattern) []pattern {
	if s.except != 0 {
		p = slices.Clone(p)
		for i := range p {
			switch st := &p[i]; st.kind {
			case oneStep, starStep:
				st.except |= s.except
			case unitStep:
				if s.except.has(st.unit) {
					return nil // a separator inside the value
				}
			}
		}
	}
	if s == &wholeText {
		return []pattern{p}
	}
	placed := make([]pattern, len(s.places))
	for i, at := range s.places {
		placed[i] = slices.Concat(at.head, p, at.tail)
	}
	return placed
}

// compile turns a policy's pattern into steps, with variables replaced by the given texts. It returns false
// if a variable has no text: the pattern then matches nothing.
func (a *atoms) compile(p policy.Pattern, fold bool, values map[variable]text) (steps pattern, ok bool) {
	for _, piece := range p {
		switch piece.Kind {
		case policy.TextPiece:
			steps = a.appendText(steps, piece.Text, fold)
		case policy.OnePiece:
			steps = steps.one(0)
		case policy.OneInFieldPiece:
			steps = steps.one(exceptColon)
		case policy.StarPiece:
			steps = steps.star(0)
		case policy.StarInFieldPiece:
			steps = steps.star(exceptColon)
		case policy.VariablePiece:
			v := variable{foldKey(piece.Text), piece.Default, piece.HasDefault}
			value, known := a.caller.valueOf(v)
			if !known && values != nil {
				value, known = values[v], true
			}
			if known {
				if !value.exists {
					return nil, false
				}
				steps = a.appendText(steps, value.value, fold)
				continue
			}
			steps = append(steps, step{kind: variableStep, unit: a.variableUnit(v)})
		}
	}
	return steps, true
}

func (a *atoms) appendText(p pattern, s string, fold bool) pattern {
	if fold {
		return p.folded(s)
	}
	return p.text(s)
}

// variableUnit returns the unit of a variable: its key's unit, plus a number if it has a default value.
func (a *atoms) variableUnit(v variable) unit {
	u, ok := a.variables[v]
	switch bare := (variable{key: v.key}); {
	case ok:
		return u
	case !v.hasDefault:
		u = firstVariable + unit(a.variableKeys)*defaultsOfKey
		a.variableKeys++
	default:
		if u = a.variableUnit(bare) + 1; a.defaults[v.key] < defaultsOfKey-1 {
			u += unit(a.defaults[v.key])
			a.defaults[v.key]++
			break
		}
		u = firstVariable + unit(a.variableKeys)*defaultsOfKey + 1 // too many defaults of one key: the variable gets a unit outside its key's range
		a.variableKeys++
	}
	a.variables[v] = u
	return u
}

// patternList is a list of patterns that are not yet part of a shape.
type patternList struct {
	patterns []policy.Pattern
	fold     bool
}

// language returns the language of a list of patterns in a shape.
func (a *atoms) language(s *shape, list patternList) *language {
	id := s.name + "\x00" + list.text()
	if list.hasVariables() {
		id = a.caller.name() + id // which variables have a value depends on the caller
	}
	if l, ok := a.languages[id]; ok {
		return l
	}
	l := a.build(s, list, nil)
	if len(l.variables) > 0 {
		l.loose = looseOf(l)
		l.ignoresCase = list.fold
		l.instantiate = func(values map[variable]text) *language { return a.build(s, list, values) }
	}
	a.languages[id] = l
	return l
}

func (l patternList) hasVariables() bool {
	return slices.ContainsFunc(l.patterns, func(p policy.Pattern) bool {
		return slices.ContainsFunc(p, func(piece policy.PatternPiece) bool { return piece.Kind == policy.VariablePiece })
	})
}

func (a *atoms) build(s *shape, list patternList, values map[variable]text) *language {
	l := &language{}
	if values == nil {
		l.variables = a.unknownVariables(list)
	}
	if s == &wholeText && !list.fold {
		l.texts = list.literals()
	}
	l.patterns = func() []pattern {
		var placed []pattern
		for _, p := range list.patterns {
			if steps, ok := a.compile(p, list.fold, values); ok {
				placed = append(placed, s.place(steps)...)
			}
		}
		return placed
	}
	return l
}

// literals returns the sorted texts of a list without wildcards and variables, else nil.
func (l patternList) literals() []string {
	texts := make([]string, len(l.patterns))
	for i, p := range l.patterns {
		switch {
		case len(p) > 1 || len(p) == 1 && p[0].Kind != policy.TextPiece:
			return nil
		case len(p) == 1:
			texts[i] = p[0].Text
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// unknownVariables returns the variables in a list of patterns whose values the caller kind does not
// determine.
func (a *atoms) unknownVariables(list patternList) []variable {
	var found []variable
	for _, p := range list.patterns {
		for i := range p {
			if p[i].Kind != policy.VariablePiece {
				continue
			}
			v := variable{foldKey(p[i].Text), p[i].Default, p[i].HasDefault}
			if _, known := a.caller.valueOf(v); !known && !slices.Contains(found, v) {
				found = append(found, v)
			}
		}
	}
	return found
}

// looseOf returns the language with every variable replaced by any text. An empty value counts as absent, so
// the text is non-empty unless it is a default value.
func looseOf(l *language) *language {
	patterns := l.patterns
	return &language{patterns: func() []pattern {
		var loose []pattern
		for _, p := range patterns() {
			var q pattern
			for _, s := range p {
				switch {
				case s.kind != variableStep:
					q = append(q, s)
				case s.unit != bareUnit(s.unit):
					q = append(q, step{kind: starStep})
				default:
					q = append(q, step{kind: oneStep}, step{kind: starStep})
				}
			}
			loose = append(loose, q)
		}
		return loose
	}}
}

// text returns an encoding of the list; lists with equal encodings have the same meaning.
func (l patternList) text() string {
	if len(l.patterns) == 1 {
		return strconv.FormatBool(l.fold) + l.patterns[0].Text()
	}
	texts := make([]string, len(l.patterns))
	for i, p := range l.patterns {
		texts[i] = p.Text()
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	return strconv.FormatBool(l.fold) + strings.Join(texts, "\x00")
}

// number returns the number of a language, so that atoms with equal languages are the same atom.
func (a *atoms) number(l *language) int {
	n, ok := a.numbers[l]
	if !ok {
		n = len(a.numbers)
		a.numbers[l] = n
	}
	return n
}

// foldKey returns a condition key in lower case. Only ASCII letters are folded.
func foldKey(key string) string {
	if strings.IndexFunc(key, func(r rune) bool { return 'A' <= r && r <= 'Z' }) < 0 {
		return key
	}
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, key)
}
