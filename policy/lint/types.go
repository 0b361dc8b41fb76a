package lint

import (
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
)

// typeCodes lists the checks that operators match the types of condition keys.
var typeCodes = []code{
	{"MISSING_QUALIFIER", policy.Error},
	{"TYPE_MISMATCH", policy.Warning},
	{"FORALLVALUES_WITH_SINGLE_VALUED_KEY", policy.SecurityWarning},
	{"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", policy.SecurityWarning},
	{"INVALID_CONDITION_MULTIPLE_BOOLEAN", policy.Error},
}

func (l *linter) checkTypes(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.isPresence || c.known == nil {
			continue
		}
		t := c.known.Type
		switch {
		case t.Multivalued() && !c.qualified():
			l.add("MISSING_QUALIFIER", c.node(), "%s has several values in a request: %s without ForAnyValue or ForAllValues never holds", c.key.Name, c.at.Name)
		case !t.Multivalued() && c.forAll && s.allow && !c.ifExists && !l.requires(s, c):
			l.add("FORALLVALUES_WITH_SINGLE_VALUED_KEY", c.node(), "ForAllValues holds where %s is absent, and the key has one value: remove it", c.key.Name).
				Fix = replaceNode("Remove ForAllValues", c.at.Key, c.at.Name[strings.IndexByte(c.at.Name, ':')+1:])
		}
		l.checkOperand(c, t.Element())
	}
}

// requires reports whether another condition of the statement requires the key.
func (l *linter) requires(s *statement, c *condition) bool {
	for i := range s.conditions {
		if other := &s.conditions[i]; other != c && other.name == c.name && other.needsKey() {
			return true
		}
	}
	return false
}

// operandTypes lists, by operator prefix, the key types that the operators compare; AWS also compares ARNs as
// strings, and a time as a number.
var operandTypes = []struct {
	prefix string
	types  []catalog.KeyType
}{
	{"String", []catalog.KeyType{catalog.String, catalog.ARN}},
	{"Binary", []catalog.KeyType{catalog.String}},
	{"Arn", []catalog.KeyType{catalog.ARN, catalog.String}},
	{"Numeric", []catalog.KeyType{catalog.Numeric, catalog.Date}},
	{"Date", []catalog.KeyType{catalog.Date}},
	{"Bool", []catalog.KeyType{catalog.Bool}},
	{"IpAddress", []catalog.KeyType{catalog.IPAddress}},
	{"NotIpAddress", []catalog.KeyType{catalog.IPAddress}},
}

func (l *linter) checkOperand(c *condition, t catalog.KeyType) {
	for _, o := range operandTypes {
		if !strings.HasPrefix(c.base, o.prefix) {
			continue
		}
		if !contains(o.types, t) {
			l.add("TYPE_MISMATCH", c.node(), "%s does not compare values of type %v, the type of %s", c.at.Name, t, c.key.Name)
		}
		break
	}
	if t == catalog.Bool && c.base == "Bool" && !c.qualified() && len(c.values()) > 1 {
		l.add("INVALID_CONDITION_MULTIPLE_BOOLEAN", c.key.Values.Node, "a key of type Bool is compared with one value")
	}
	if t == catalog.ARN && strings.HasSuffix(c.base, "Like") && strings.HasPrefix(c.base, "String") && hasPartialWildcard(c) {
		like := strings.Replace(c.at.Name, "String", "Arn", 1)
		f := l.add("STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", c.node(), "with %s a wildcard also matches the colons between the fields of an ARN; use %s", c.at.Name, like)
		if len(c.at.Keys) == 1 {
			f.Fix = replaceNode("Change the operator to "+like, c.at.Key, like)
		}
	}
}

func contains(types []catalog.KeyType, t catalog.KeyType) bool {
	for _, x := range types {
		if x == t {
			return true
		}
	}
	return false
}

// hasPartialWildcard reports whether a value contains a wildcard but is not a single wildcard.
func hasPartialWildcard(c *condition) bool {
	for _, v := range c.values() {
		if isWild(v.Text) && v.Text != "*" {
			return true
		}
	}
	return false
}
