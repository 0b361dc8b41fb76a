package analyze

import (
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/policy"
)

// field is what an atom speaks of: a part of a request that varies on its own.
// The callers of each kind are a field; from firstKey on it is a condition key.
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

// atom is a statement about one field, true or false of each of its values.
type atom struct {
	field field
	// language is what a text field must be in. Of a condition key it is nil.
	language *language
	// predicate is what a condition key must satisfy; keys of the engine's own
	// have one of the tests below instead.
	predicate *predicate
	// requires are variables without which the atom is false.
	requires []variable
}

// predicate is a condition as the solver of a key uses it.
type predicate struct {
	test policy.Predicate
	form valueForm
	// language is the set of the values that satisfy the operator, or with
	// flipped those that do not. It is nil for numbers, dates and addresses.
	language *language
	flipped  bool
	constant bool // of constantForm: whether every value satisfies the operator

	context *policy.Context // the values of variables, once they are chosen
	equals  *string         // the key has exactly this value
	present bool            // the key has exactly one value, and that not empty
}

// valueForm says how a condition judges one value that is not empty.
type valueForm uint8

const (
	languageForm valueForm = iota
	constantForm
	opaqueForm      // by the engine alone
	unsupportedForm // in a way the solver cannot tell
)

// atoms interns atoms and languages, so that equal text is one atom. Atoms that
// mean the same for all kinds of callers are shared by them.
type atoms struct {
	all       []atom
	byText    map[string]int32
	keys      map[string]field // by name in lower case
	names     []string         // of keys, as they are written, by field-firstKey
	multi     map[field]bool   // keys that may have several values
	languages map[string]*language
	variables map[variable]unit
	// variableKeys counts the keys of variables, and defaults the variables of a key
	// that have one.
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

// key is the field of a condition key.
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

// shape tells where a value stands in the text of a field: in one of several
// places, with some separators excluded from its wildcards.
type shape struct {
	name   string // tells it apart from other shapes
	places []place
	except mask
}

// place is what stands before and after a value.
type place struct{ head, tail pattern }

var wholeText = shape{name: "whole", places: []place{{}}}

// place puts a pattern into the shape.
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

// compile turns a pattern of a policy into steps. Texts of variables replace
// them where given; ok is false if one of them has none, so that nothing matches.
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

// variableUnit is the unit of a variable: that of its key, plus a number where it
// has a default.
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
		u = firstVariable + unit(a.variableKeys)*defaultsOfKey + 1 // with more defaults it stands alone
		a.variableKeys++
	}
	a.variables[v] = u
	return u
}

// patternList is a list of patterns before their places are known.
type patternList struct {
	patterns []policy.Pattern
	fold     bool
}

// language makes the language of a list of patterns in a shape.
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

// literals are the texts of a list that has no wildcards and variables, sorted;
// else nil.
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

// unknownVariables are the variables of a list of patterns whose values do not
// follow from the kind of caller.
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

// looseOf is the language with every variable replaced by any text. An empty value
// is none, so that the text is not empty unless it is a default.
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

// text is a text that two lists share only if they mean the same.
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

// number numbers languages, so that atoms of equal languages are one.
func (a *atoms) number(l *language) int {
	n, ok := a.numbers[l]
	if !ok {
		n = len(a.numbers)
		a.numbers[l] = n
	}
	return n
}

// foldKey is a condition key in lower case; only ASCII letters have one.
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
