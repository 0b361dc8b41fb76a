package analyze

import (
	"slices"

	"github.com/writdev/writ/policy"
)

// keyLiteral is a literal about a condition key.
type keyLiteral struct {
	*predicate
	in bool
}

// holds evaluates the literal for these values with the engine.
func (l *keyLiteral) holds(values []string) bool {
	switch {
	case l.equals != nil:
		return (len(values) == 1 && values[0] == *l.equals) == l.in
	case l.present:
		return (len(values) == 1 && values[0] != "") == l.in
	}
	return l.test.Holds(values, l.context) == l.in
}

// dependsOnVariable reports whether evaluation of the literal requires the values of variables.
func (l *keyLiteral) dependsOnVariable() bool {
	return l.language != nil && len(l.language.variables) > 0 || l.form == unsupportedForm
}

// keyValue is the value of a key in a request: without values if the key is absent.
type keyValue struct {
	values []string
	ok     bool // a value exists
	exact  bool // and values holds it
}

// solveKey returns the fewest and shortest values of a key that satisfy all literals. Multi means that the
// key may have several values.
func (s *solver) solveKey(literals []keyLiteral, multi bool) (keyValue, error) {
	maybe := false
	for _, values := range [][]string{nil, {""}} {
		ok, exact := s.judge(literals, values)
		if ok && exact {
			return keyValue{values, true, true}, nil
		}
		maybe = maybe || ok
	}
	one, err := s.oneValue(literals)
	if err != nil || one.ok && one.exact {
		return one, err
	}
	maybe = maybe || one.ok
	if multi {
		many, err := s.manyValues(literals)
		if err != nil || many.ok && many.exact {
			return many, err
		}
		maybe = maybe || many.ok
	}
	return keyValue{ok: maybe}, nil
}

// judge evaluates given values. A literal that depends on a variable counts as satisfied, and the result is
// then not exact; an absent key does not depend on variables.
func (s *solver) judge(literals []keyLiteral, values []string) (ok, exact bool) {
	exact = true
	for i := range literals {
		switch l := &literals[i]; {
		case values != nil && l.dependsOnVariable():
			satisfied, known := l.evaluateAny(values, s.budget)
			if known && satisfied != l.in {
				return false, true
			}
			exact = exact && known
		case !l.holds(values):
			return false, true
		}
	}
	return true, exact
}

// evaluateAny evaluates the condition for one value. It returns false for known if the result
// depends on the values of variables.
func (l *keyLiteral) evaluateAny(values []string, limit *budget) (holds, known bool) {
	forAll, forAny := l.test.Quantified()
	if forAll && len(values) == 1 && values[0] == "" && l.test.Holds(values, nil) {
		return true, true // ForAllValues ignores an empty value
	}
	if l.fixed(1) {
		return l.holds(values) == l.in, true
	}
	if len(values) != 1 || forAll || forAny || l.language == nil || l.language.loose == nil {
		return false, false
	}
	switch {
	case l.language.contains(values[0], limit): // a variable matches none of its letters
		return !l.flipped, true
	case !l.language.loose.contains(values[0], limit):
		return l.flipped, true
	}
	return false, false
}

// element is the requirement on one value of a key.
type element struct {
	members []membership
	opaque  []keyLiteral
	fails   bool // no value satisfies it
	vague   bool // a part of it is not included
	full    bool // an empty value does not satisfy it
}

// require adds a literal's operator, without its quantifier, or the negation of the operator.
func (e *element) require(l *keyLiteral, satisfied bool) {
	switch l.form {
	case languageForm:
		e.members = append(e.members, membership{l.language, satisfied != l.flipped})
	case constantForm:
		e.fails = e.fails || l.constant != satisfied
	case opaqueForm:
		e.opaque = append(e.opaque, keyLiteral{l.predicate, satisfied})
	case unsupportedForm:
		e.vague = true
	}
}

// oneValue searches for a single non-empty value of a key.
func (s *solver) oneValue(literals []keyLiteral) (keyValue, error) {
	var e element
	for i := range literals {
		l := &literals[i]
		switch {
		case l.equals != nil && l.in:
			e.members = append(e.members, membership{s.textLanguage(*l.equals), true})
		case l.present && l.in:
		case l.fixed(1):
			if !l.holds([]string{"x"}) {
				return keyValue{}, nil
			}
		default:
			e.require(l, l.in)
		}
	}
	v, ok, exact, err := s.solveElement(&e)
	return keyValue{[]string{v}, ok, exact}, err
}

// fixed reports whether the condition gives the same result for any n non-empty values.
func (l *keyLiteral) fixed(n int) bool {
	if l.equals != nil || l.present {
		return true
	}
	forAll, forAny := l.test.Quantified()
	return !l.test.Known() || l.test.Family() == policy.NullFamily || l.test.Len() == 0 ||
		!forAll && !forAny && (l.test.Multivalued() || n > 1)
}

// manyValues searches for two or more values. A conjunction of conditions with quantifiers requires that all
// values satisfy one element, and that some value satisfies each of several others.
func (s *solver) manyValues(literals []keyLiteral) (keyValue, error) {
	var all element
	var some []*element
	for i := range literals {
		l := &literals[i]
		if l.fixed(2) {
			if !l.holds([]string{"x", "y"}) {
				return keyValue{}, nil
			}
			continue
		}
		forAll, _ := l.test.Quantified()
		switch {
		case forAll && l.in:
			all.require(l, true)
		case !forAll && !l.in:
			all.require(l, false)
		default:
			e := new(element)
			e.require(l, l.in)
			e.full = forAll && l.test.Holds([]string{""}, nil)
			some = append(some, e)
		}
	}
	if all.fails {
		return keyValue{}, nil
	}
	var values []string
	exact := true
	for _, e := range some {
		if s.satisfiedByOne(e, values) {
			continue
		}
		v, ok, known, err := s.solveElement(&element{
			members: slices.Concat(all.members, e.members), opaque: slices.Concat(all.opaque, e.opaque),
			fails: e.fails, vague: all.vague || e.vague,
		})
		if err != nil {
			return keyValue{}, err
		}
		if !ok && e.full {
			return keyValue{}, nil
		}
		if !ok {
			// With ForAllValues, which ignores it, the empty value may be a solution.
			return s.partsWithEmpty(literals, &all, some)
		}
		exact = exact && known
		if known && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	for exact && len(values) < 2 {
		v, ok, known, err := s.another(&all, values)
		if err != nil {
			return keyValue{}, err
		}
		if !ok {
			return s.partsWithEmpty(literals, &all, some)
		}
		exact = exact && known
		values = append(values, v)
	}
	if !exact {
		return keyValue{ok: true}, nil
	}
	if ok, _ := s.judge(literals, values); !ok {
		return keyValue{ok: true}, nil
	}
	return keyValue{values, true, true}, nil
}

// satisfiedByOne reports whether one of the values satisfies the element.
func (s *solver) satisfiedByOne(e *element, values []string) bool {
	if e.fails || e.vague {
		return false
	}
	return slices.ContainsFunc(values, func(v string) bool { return e.admits(v, s.budget) })
}

// admits reports whether a non-empty value satisfies the element.
func (e *element) admits(v string, limit *budget) bool {
	for _, m := range e.members {
		if len(m.language.variables) > 0 || m.language.contains(v, limit) != m.in {
			return false
		}
	}
	for i := range e.opaque {
		if e.opaque[i].test.Satisfied(v) != e.opaque[i].in {
			return false
		}
	}
	return !e.fails
}

// another searches for a value that is not in the list.
func (s *solver) another(all *element, values []string) (string, bool, bool, error) {
	e := element{members: slices.Clone(all.members), opaque: all.opaque, vague: all.vague}
	for _, v := range values {
		e.members = append(e.members, membership{s.textLanguage(v), false})
	}
	return s.solveElement(&e)
}

// partsWithEmpty searches for values that include the empty value, which satisfies the elements that no other
// value satisfies.
func (s *solver) partsWithEmpty(literals []keyLiteral, all *element, some []*element) (keyValue, error) {
	values := []string{""}
	for _, e := range some {
		v, ok, exact, err := s.solveElement(&element{
			members: slices.Concat(all.members, e.members), opaque: slices.Concat(all.opaque, e.opaque),
			fails: e.fails, vague: all.vague || e.vague,
		})
		switch {
		case err != nil:
			return keyValue{}, err
		case !ok && e.full:
			return keyValue{}, nil
		case ok && !exact:
			return keyValue{ok: true}, nil
		case ok && !slices.Contains(values, v):
			values = append(values, v)
		}
	}
	if len(values) < 2 {
		v, ok, exact, err := s.another(all, nil)
		if err != nil || !ok || !exact {
			return keyValue{ok: ok}, err
		}
		values = append(values, v)
	}
	holds, exact := s.judge(literals, values)
	return keyValue{values, holds, exact}, nil
}

// solveElement returns a shortest non-empty value that satisfies the element.
func (s *solver) solveElement(e *element) (value string, ok, exact bool, err error) {
	if e.fails {
		return "", false, true, nil
	}
	members := append([]membership{{notEmpty(), true}}, e.members...)
	value, ok, exact, err = s.product.shortest(members, valueLetters)
	if err != nil || !ok {
		return "", false, true, err
	}
	exact = exact && !e.vague
	if len(e.opaque) == 0 {
		return value, true, exact, nil
	}
	var tests []policy.Predicate
	for _, l := range e.opaque {
		tests = append(tests, l.test)
	}
	tried := candidates(tests)
	complete := len(e.members) == 0 && incompatible(tests)
	for _, m := range e.members {
		if m.in && m.language.finite() != nil {
			tried, complete = append(tried, m.language.finite()...), true
		}
	}
	if exact {
		tried = append(tried, value)
	}
	someTyped := false
	for _, v := range tried {
		if v == "" || !(&element{opaque: e.opaque}).admits(v, s.budget) {
			continue
		}
		someTyped = true
		if exact && e.admits(v, s.budget) {
			return v, true, true, nil
		}
	}
	if complete && exact || incompatible(tests) && !someTyped {
		return "", false, true, nil
	}
	return "", true, false, nil
}

// incompatible reports whether no value is valid for all types of the operators: only a number is also valid as a
// date.
func incompatible(tests []policy.Predicate) bool {
	return len(ofFamily(tests, policy.NumericFamily)) == 0 || len(ofFamily(tests, policy.DateFamily)) == 0
}

// valueLetters lists the letters for the parts of a value that are free.
const valueLetters = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
