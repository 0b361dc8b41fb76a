package policy

import "strings"

// operator is a parsed condition operator:
// [ForAllValues: | ForAnyValue:] base [IfExists].
//
// Operators: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type operator struct {
	family     family
	relation   relation // for numbers and dates
	negated    bool     // StringNotEquals and similar operators
	quantifier quantifier
	ifExists   bool
}

// family is the type of value an operator compares.
type family uint8

const (
	stringEquals family = iota
	stringEqualsIgnoreCase
	stringLike
	arnLike
	numeric
	date
	boolean
	binary
	ipAddress
	null
)

type relation uint8

const (
	equal relation = iota
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// holds reports whether the relation holds for a comparison with result c.
func (r relation) holds(c int) bool {
	switch r {
	case less:
		return c < 0
	case lessOrEqual:
		return c <= 0
	case greater:
		return c > 0
	case greaterOrEqual:
		return c >= 0
	}
	return c == 0
}

type quantifier uint8

const (
	single quantifier = iota
	forAllValues
	forAnyValue
)

var operators = map[string]operator{
	"StringEquals":              {family: stringEquals},
	"StringNotEquals":           {family: stringEquals, negated: true},
	"StringEqualsIgnoreCase":    {family: stringEqualsIgnoreCase},
	"StringNotEqualsIgnoreCase": {family: stringEqualsIgnoreCase, negated: true},
	"StringLike":                {family: stringLike},
	"StringNotLike":             {family: stringLike, negated: true},
	"ArnEquals":                 {family: arnLike},
	"ArnNotEquals":              {family: arnLike, negated: true},
	"ArnLike":                   {family: arnLike},
	"ArnNotLike":                {family: arnLike, negated: true},
	"NumericEquals":             {family: numeric},
	"NumericNotEquals":          {family: numeric, negated: true},
	"NumericLessThan":           {family: numeric, relation: less},
	"NumericLessThanEquals":     {family: numeric, relation: lessOrEqual},
	"NumericGreaterThan":        {family: numeric, relation: greater},
	"NumericGreaterThanEquals":  {family: numeric, relation: greaterOrEqual},
	"DateEquals":                {family: date},
	"DateNotEquals":             {family: date, negated: true},
	"DateLessThan":              {family: date, relation: less},
	"DateLessThanEquals":        {family: date, relation: lessOrEqual},
	"DateGreaterThan":           {family: date, relation: greater},
	"DateGreaterThanEquals":     {family: date, relation: greaterOrEqual},
	"Bool":                      {family: boolean},
	"BinaryEquals":              {family: binary},
	"IpAddress":                 {family: ipAddress},
	"NotIpAddress":              {family: ipAddress, negated: true},
	"Null":                      {family: null},
}

// foldedOperators maps the lower-cased name to the name.
var foldedOperators = func() map[string]string {
	m := make(map[string]string, len(operators))
	for name := range operators {
		m[lowerString(name)] = name
	}
	return m
}()

// parseOperator parses an operator's name, ignoring case, and also returns its exact
// spelling.
func parseOperator(name string) (op operator, spelling string, ok bool) {
	base, prefix := lowerString(name), ""
	var q quantifier
	if b, found := strings.CutPrefix(base, "forallvalues:"); found {
		base, prefix, q = b, "ForAllValues:", forAllValues
	} else if b, found := strings.CutPrefix(base, "foranyvalue:"); found {
		base, prefix, q = b, "ForAnyValue:", forAnyValue
	}
	base, ifExists := strings.CutSuffix(base, "ifexists")
	exact, ok := foldedOperators[base]
	if !ok || ifExists && exact == "Null" {
		return operator{}, "", false
	}
	op = operators[exact]
	op.quantifier, op.ifExists = q, ifExists
	if ifExists {
		exact += "IfExists"
	}
	return op, prefix + exact, true
}
