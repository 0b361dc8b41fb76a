package policy

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// condition is one compiled pair of operator and condition key. All conditions of
// a statement must hold.
type condition struct {
	operator
	key         string
	hash        uint64 // foldHash of key
	values      []conditionValue
	literals    map[string]struct{} // the values, if there are many and all are literal
	multivalued bool                // AWS defines the key as multivalued: see isMultivalued
	unknown     bool                // the operator is not known
	deny        bool                // the statement denies
}

// conditionValue is a value of the policy, parsed as its operator's type. The
// operator's family determines which field is set. A value that does not parse is
// not valid and matches nothing.
type conditionValue struct {
	valid  bool
	glob   glob     // for strings
	arn    *[6]glob // for ARNs, per field; nil if the glob is the pattern of the whole ARN
	scalar *scalar  // for other types
}

// scalar is a value of the policy or of the request, parsed as its operator's type.
type scalar struct {
	bool   bool
	number decimal
	time   instant
	prefix netip.Prefix
	bytes  string
}

// literalSetThreshold is the number of literal values above which a set is faster
// than a list.
const literalSetThreshold = 8

// compileConditions flattens a condition block. A condition with an unknown operator
// is false in an Allow statement and true in a Deny statement.
func compileConditions(block Condition, variables, deny bool) []condition {
	count := 0
	for _, o := range block.Operators {
		count += len(o.Keys)
	}
	conditions := make([]condition, 0, count)
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
	literal := c.family == stringEquals
	for i, v := range values {
		c.values[i] = compileValue(c.family, v.Text, variables)
		literal = literal && c.values[i].glob.pieces == nil
	}
	if literal && len(values) > literalSetThreshold {
		c.literals = make(map[string]struct{}, len(values))
		for i := range c.values {
			c.literals[c.values[i].glob.literal] = struct{}{}
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

// compileARNPattern splits a pattern at its first five colons outside variables,
// because ArnLike compares field by field. Two kinds of patterns are compared as a
// whole: "*", and one with fewer fields that contains a variable, whose value can be
// an ARN.
func compileARNPattern(text string, variables bool) (whole glob, fields *[6]glob, ok bool) {
	d := dialect{wildcards: true, variables: variables}
	fields = new([6]glob)
	rest := text
	for i := range 5 {
		n := fieldLength(rest, variables)
		if n == len(rest) {
			whole = compileGlob(text, d)
			return whole, nil, whole.variable || whole.matchesAll()
		}
		fields[i] = compileGlob(rest[:n], d)
		rest = rest[n+1:]
	}
	fields[5] = compileGlob(rest, d)
	return glob{}, fields, true
}

// fieldLength returns the length of s up to its first colon outside a variable.
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

// holdsNull evaluates the Null operator. With a quantifier the result does not
// depend on the request. An empty string is a value, as the value of a tag can be;
// a multivalued key with only empty values is absent.
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
// it matches a value of the policy or, under a negated operator, none of them. A
// value that cannot be parsed as the operator's type satisfies no condition of an
// Allow, negated or not, and every negated condition of a Deny.
func (c *condition) satisfiedBy(m *matcher, v string) bool {
	if c.literals != nil {
		_, ok := c.literals[v]
		return ok != c.negated
	}
	parsed, ok := parseRequestValue(c.family, v)
	if !ok {
		return c.negated && c.deny
	}
	for i := range c.values {
		if c.values[i].valid && c.matches(m, &c.values[i], v, &parsed) {
			return !c.negated
		}
	}
	return c.negated
}

// parseRequestValue parses a value of the request, once for all values of the
// policy. A Bool value other than "true" is false.
func parseRequestValue(f family, v string) (parsed scalar, ok bool) {
	switch f {
	case numeric:
		parsed.number, ok = parseDecimal(v)
	case date:
		parsed.time, ok = parseInstant(v)
	case boolean:
		parsed.bool, ok = equalFold(v, "true"), true
	case arnLike:
		ok = strings.Count(v, ":") >= 5
	case ipAddress:
		var a netip.Addr
		a, err := netip.ParseAddr(v)
		ok = err == nil && a.Zone() == ""
		if ok {
			a = a.Unmap()
			parsed.prefix = netip.PrefixFrom(a, a.BitLen())
		}
	default:
		ok = true
	}
	return parsed, ok
}

// matches performs the operator's comparison before negation.
func (c *condition) matches(m *matcher, p *conditionValue, v string, parsed *scalar) bool {
	switch c.family {
	case stringEqualsIgnoreCase:
		return m.equalIgnoreCase(&p.glob, v)
	case arnLike:
		return m.matchARN(p, v)
	case numeric:
		return c.relation.holds(parsed.number.compare(p.scalar.number))
	case date:
		return c.relation.holds(parsed.time.compare(p.scalar.time))
	case boolean:
		return parsed.bool == p.scalar.bool
	case binary:
		return v == p.scalar.bytes
	case ipAddress:
		return p.scalar.prefix.Contains(parsed.prefix.Addr())
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

// equalIgnoreCase compares letter by letter in lower case, and piece by piece,
// because lower case can change the number of bytes of a letter.
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

// cutIgnoreCase returns s without a prefix that is equal except for case.
func cutIgnoreCase(s, prefix string) (rest string, ok bool) {
	for _, r := range prefix {
		if s == "" {
			return "", false
		}
		other, n := utf8.DecodeRuneInString(s)
		if lowerRune(r) != lowerRune(other) {
			return "", false
		}
		s = s[n:]
	}
	return s, true
}

// lowerRune returns the lower case of a letter where that is a single letter. AWS
// distinguishes "s" from "ſ" and "Σ" from "ς", although their upper cases are equal.
func lowerRune(r rune) rune {
	if r == 'İ' { // its lower case is two characters
		return r
	}
	return unicode.ToLower(r)
}
