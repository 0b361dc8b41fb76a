package policy

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// condition is one compiled pair of operator and condition key. A statement's
// conditions must all hold.
type condition struct {
	operator
	key         string
	hash        uint64 // foldHash of key
	values      []conditionValue
	texts       map[string]struct{} // the values, when they are many and plain text
	multivalued bool                // AWS defines the key as multivalued: see isMultivalued
	unknown     bool                // the operator is not known
	deny        bool                // the statement denies
}

// conditionValue is a value of the policy, parsed for its operator. Which field
// is set depends on the operator's family. A value that does not parse is not
// valid, and nothing matches it.
type conditionValue struct {
	valid  bool
	glob   glob     // of strings
	arn    *[6]glob // of ARNs; nil if the glob is for the whole
	scalar *scalar  // of all else
}

// scalar is a value of the policy or of the request, parsed for its operator.
type scalar struct {
	bool   bool
	number decimal
	time   instant
	prefix netip.Prefix
	bytes  string
}

// manyValues is the number of plain values from which a set is faster.
const manyValues = 8

// compileConditions flattens a condition block. An operator that is not known
// makes an Allow fail and is passed over in a Deny.
func compileConditions(block Condition, variables, deny bool) []condition {
	var conditions []condition
	for _, o := range block.Operators {
		op, _, ok := parseOperator(o.Name)
		for _, k := range o.Keys {
			c := condition{operator: op, key: k.Name, hash: foldHash(k.Name), multivalued: isMultivalued(k.Name), unknown: !ok, deny: deny}
			c.compileValues(k.Values.Values, variables)
			conditions = append(conditions, c)
		}
	}
	return conditions
}

func (c *condition) compileValues(values []Value, variables bool) {
	c.values = make([]conditionValue, len(values))
	plain := c.family == stringEquals
	for i, v := range values {
		c.values[i] = compileValue(c.family, v.Text, variables)
		plain = plain && c.values[i].glob.pieces == nil
	}
	if plain && len(values) > manyValues {
		c.texts = make(map[string]struct{}, len(values))
		for i := range c.values {
			c.texts[c.values[i].glob.literal] = struct{}{}
		}
	}
}

func compileValue(f family, text string, variables bool) (v conditionValue) {
	switch f {
	case stringEquals, stringEqualsIgnoreCase:
		v.glob, v.valid = compileGlob(text, dialect{variables: variables}), true
	case stringLike:
		v.glob, v.valid = compileGlob(text, dialect{wildcards: true, variables: variables}), true
	case arnLike:
		v.glob, v.arn, v.valid = compileARNPattern(text, variables)
	default:
		v.scalar, v.valid = compileScalar(f, text)
	}
	return v
}

func compileScalar(f family, text string) (*scalar, bool) {
	s, ok := new(scalar), false
	switch f {
	case numeric:
		s.number, ok = parseDecimal(text)
	case date:
		s.time, ok = parseInstant(text)
	case boolean, null:
		s.bool, ok = parseBool(text)
	case binary:
		s.bytes, ok = parseBinary(text)
	case ipAddress:
		s.prefix, ok = parsePrefix(text)
	}
	return s, ok
}

// compileARNPattern splits a pattern at its first five colons, those inside a
// variable aside; ArnLike compares field by field. Two patterns are whole: "*",
// and one with fewer fields whose ARN comes out of a variable.
func compileARNPattern(text string, variables bool) (whole glob, fields *[6]glob, ok bool) {
	d := dialect{wildcards: true, variables: variables}
	fields = new([6]glob)
	rest := text
	for i := range 5 {
		n := fieldLength(rest, variables)
		if n == len(rest) {
			whole = compileGlob(text, d)
			return whole, nil, whole.variable || whole.anything()
		}
		fields[i] = compileGlob(rest[:n], d)
		rest = rest[n+1:]
	}
	fields[5] = compileGlob(rest, d)
	return glob{}, fields, true
}

// fieldLength is the length of s up to its first colon outside a variable.
func fieldLength(s string, variables bool) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ':':
			return i
		case s[i] == '$' && variables:
			if _, n, ok := parseVariable(s[i:]); ok {
				i += n - 1
			}
		}
	}
	return len(s)
}

// holds reports whether the condition is true of the request.
//
// Quantifiers: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (c *condition) holds(m *matcher) bool {
	if c.unknown {
		return c.deny
	}
	values := m.context.get(c.hash, c.key)
	if c.family == null {
		return c.holdsNull(values)
	}
	absent := len(values) == 0 || c.quantifier == forAllValues && allEmpty(values)
	switch {
	case len(c.values) == 0:
		return absent && (c.quantifier == forAllValues || c.ifExists)
	case absent && c.ifExists:
		return true
	case absent:
		return c.quantifier == forAllValues || c.quantifier == single && c.negated
	}
	switch c.quantifier {
	case forAllValues:
		for _, v := range values {
			if v != "" && !c.satisfiedBy(m, v) {
				return false
			}
		}
		return true
	case forAnyValue:
		for _, v := range values {
			if c.satisfiedBy(m, v) {
				return true
			}
		}
		return false
	}
	return len(values) == 1 && !c.multivalued && c.satisfiedBy(m, values[0])
}

// holdsNull is the presence test. With a quantifier it does not look at the
// request at all. An empty value is a value, as that of a tag may be; a
// multivalued key with nothing but empty values is absent.
func (c *condition) holdsNull(values []string) bool {
	if c.quantifier != single {
		return c.quantifier == forAllValues
	}
	absent := len(values) == 0 || c.multivalued && allEmpty(values)
	for i := range c.values {
		if c.values[i].valid && c.values[i].scalar.bool == absent {
			return true
		}
	}
	return false
}

func allEmpty(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}

// satisfiedBy reports whether one value of the request satisfies the condition:
// it matches a value of the policy, or, of a negated operator, none. A value that
// cannot be read as the operator's type satisfies no condition of an Allow,
// negated or not, and every negated condition of a Deny.
func (c *condition) satisfiedBy(m *matcher, v string) bool {
	if c.texts != nil {
		_, ok := c.texts[v]
		return ok != c.negated
	}
	given, ok := parseGiven(c.family, v)
	if !ok {
		return c.negated && c.deny
	}
	for i := range c.values {
		if c.values[i].valid && c.matches(m, &c.values[i], v, &given) {
			return !c.negated
		}
	}
	return c.negated
}

// parseGiven parses a value of the request, once for all values of the policy.
// What is not "true" is false.
func parseGiven(f family, v string) (given scalar, ok bool) {
	switch f {
	case numeric:
		given.number, ok = parseDecimal(v)
	case date:
		given.time, ok = parseInstant(v)
	case boolean:
		given.bool, ok = equalFold(v, "true"), true
	case arnLike:
		ok = strings.Count(v, ":") >= 5
	case ipAddress:
		var a netip.Addr
		a, err := netip.ParseAddr(v)
		ok = err == nil && a.Zone() == ""
		if ok {
			a = a.Unmap()
			given.prefix = netip.PrefixFrom(a, a.BitLen())
		}
	default:
		ok = true
	}
	return given, ok
}

// matches is the operator's base test, negation aside.
func (c *condition) matches(m *matcher, p *conditionValue, v string, given *scalar) bool {
	switch c.family {
	case stringEqualsIgnoreCase:
		return m.equalIgnoreCase(&p.glob, v)
	case arnLike:
		return m.matchARN(p, v)
	case numeric:
		return c.relation.holds(given.number.compare(p.scalar.number))
	case date:
		return c.relation.holds(given.time.compare(p.scalar.time))
	case boolean:
		return given.bool == p.scalar.bool
	case binary:
		return v == p.scalar.bytes
	case ipAddress:
		return p.scalar.prefix.Contains(given.prefix.Addr())
	}
	return m.match(&p.glob, v)
}

func (m *matcher) matchARN(p *conditionValue, v string) bool {
	if p.arn == nil {
		return m.match(&p.glob, v)
	}
	for i := range 5 {
		field, rest, ok := strings.Cut(v, ":")
		if !ok || !m.match(&p.arn[i], field) {
			return false
		}
		v = rest
	}
	return m.match(&p.arn[5], v)
}

// equalIgnoreCase compares letter by letter in lower case, piece by piece, since
// lower case may change how many bytes a letter has.
func (m *matcher) equalIgnoreCase(g *glob, v string) bool {
	if g.pieces == nil {
		rest, ok := cutIgnoreCase(v, g.literal)
		return ok && rest == ""
	}
	for i := range g.pieces {
		p := &g.pieces[i]
		text, ok := p.text, true
		if p.kind == pieceVariable {
			text, ok = m.value(p)
		}
		if ok {
			v, ok = cutIgnoreCase(v, text)
		}
		if !ok {
			return false
		}
	}
	return v == ""
}

// cutIgnoreCase is what follows a prefix that differs in case at most.
func cutIgnoreCase(s, prefix string) (rest string, ok bool) {
	for _, r := range prefix {
		if s == "" {
			return "", false
		}
		given, n := utf8.DecodeRuneInString(s)
		if lowerRune(r) != lowerRune(given) {
			return "", false
		}
		s = s[n:]
	}
	return s, true
}

// lowerRune is a letter in lower case, where that is one letter: AWS tells "s"
// from "ſ" and "Σ" from "ς", whose upper cases are equal.
func lowerRune(r rune) rune {
	if r == 'İ' { // its lower case is two characters
		return r
	}
	return unicode.ToLower(r)
}
