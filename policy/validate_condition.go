package policy

import (
	"net/netip"
	"strings"
)

func (v *validator) condition(s *Statement) {
	if s.Condition.Present() && len(s.Condition.Operators) == 0 {
		v.add("EMPTY_OBJECT_CONDITION", s.Condition.Node, "an empty condition always holds")
	}
	for i := range s.Condition.Operators {
		o := &s.Condition.Operators[i]
		op, spelling, ok := parseOperator(o.Name)
		switch base := lowerString(o.Name[strings.LastIndexByte(o.Name, ':')+1:]); {
		case base == "nullifexists":
			v.add("NULL_WITH_IF_EXISTS", o.Key, "Null cannot be combined with IfExists")
			continue
		case !ok || spelling != o.Name:
			v.add("INVALID_CONDITION_OPERATOR", o.Key, "%s", unknownOperator(o.Name, spelling))
			continue
		case op.family == null && op.quantifier != single:
			v.add("NULL_WITH_QUALIFIER", o.Key, "with ForAllValues or ForAnyValue, Null does not depend on the request; use it without")
		}
		if len(o.Keys) == 0 {
			v.add("EMPTY_OBJECT_CONDITION", o.Node, "an operator without keys always holds")
		}
		for j := range o.Keys {
			v.conditionKey(&o.Keys[j], op)
		}
	}
}

func unknownOperator(name, spelling string) string {
	if spelling != "" {
		return "the operator is spelled " + spelling
	}
	return "the condition operator " + name + " does not exist"
}

func (v *validator) conditionKey(k *ConditionKey, op operator) {
	if !strings.Contains(k.Name, ":") {
		v.add("INVALID_CONDITION_KEY_FORMAT", k.Values.Key, "a condition key is \"prefix:name\"")
	}
	if len(k.Values.Values) == 0 {
		v.emptyCondition(k, op)
	}
	for i, value := range k.Values.Values {
		if value.Type != k.Values.Values[0].Type {
			v.add("INVALID_CONDITION_DATA_TYPE", value.Node, "the values of a key must have the same JSON type")
			break
		}
		v.variables(value, op.family.name())
		v.conditionValue(k, value, op, i)
	}
	switch op.family {
	case ipAddress:
		v.privateAddresses(k, op)
	case numeric:
		if op.relation != equal && len(k.Values.Values) > 1 {
			v.add("REDUNDANT_CONDITION_VALUE_NUM", k.Values.Node, "only the widest of several bounds has an effect")
		}
	}
}

// name returns the name of a family that does not support variables, else an empty string.
func (f family) name() string {
	return [...]string{numeric: "Numeric", date: "Date", boolean: "Bool", binary: "Binary", ipAddress: "IpAddress", null: "Null"}[f]
}

func (v *validator) emptyCondition(k *ConditionKey, op operator) {
	switch {
	case op.ifExists:
		v.add("EMPTY_ARRAY_CONDITION_IFEXISTS", k.Values.Node, "the condition holds only if the key is absent; use Null")
	case op.quantifier == forAllValues:
		v.add("EMPTY_ARRAY_CONDITION_FORALLVALUES", k.Values.Node, "the condition holds only if the key is absent; use Null")
	case op.quantifier == forAnyValue:
		v.add("EMPTY_ARRAY_CONDITION_FORANYVALUE", k.Values.Node, "the condition never holds")
	default:
		v.add("EMPTY_ARRAY_CONDITION", k.Values.Node, "a condition without values never holds")
	}
}

func (v *validator) conditionValue(k *ConditionKey, value Value, op operator, i int) {
	text := value.Text
	if strings.Contains(text, "${") {
		return
	}
	valid := compileValue(op.family, text, false).valid
	switch op.family {
	case stringLike, arnLike:
		if text == "*" && len(k.Values.Values) == 1 {
			v.presenceOnly(k, op)
		}
		if op.family == arnLike && !valid {
			v.add("MISSING_ARN_FIELD", value.Node, "an ARN has six fields, arn:partition:service:region:account:resource")
		}
	case stringEquals, stringEqualsIgnoreCase:
		if strings.ContainsAny(text, "*?") {
			v.add("WILDCARD_WITHOUT_LIKE_OPERATOR", value.Node, "this operator compares %q literally; use StringLike for a pattern", text)
		}
	case boolean, null:
		if !valid {
			v.add("TYPE_MISMATCH_BOOLEAN", value.Node, "the value must be \"true\" or \"false\"")
		}
	case numeric:
		if !valid {
			v.add("TYPE_MISMATCH_NUMBER", value.Node, "the value must be a number")
		}
	case date:
		if !valid {
			v.add("TYPE_MISMATCH_DATE", value.Node, "the value must be a date such as \"2026-01-31T12:00:00Z\"")
		} else if allDigits(text) && len(text) != 4 {
			v.add("INVALID_DATE_VALUE", value.Node, "seconds since 1970 are hard to read; use a date such as \"2026-01-31T12:00:00Z\"")
		}
	case binary:
		if !valid {
			v.add("TYPE_MISMATCH_STRING", value.Node, "the value must be base64")
		}
	case ipAddress:
		v.ipRange(value, valid)
	}
}

// presenceOnly adds a finding for a pattern that only tests whether the key exists.
func (v *validator) presenceOnly(k *ConditionKey, op operator) {
	if op.quantifier != single || op.ifExists {
		return
	}
	if op.negated {
		v.add("EQUIVALENT_TO_NULL_TRUE", k.Values.Node, "the condition only tests that the key is absent; use Null")
	} else {
		v.add("EQUIVALENT_TO_NULL_FALSE", k.Values.Node, "the condition only tests that the key exists; use Null")
	}
}

func (v *validator) ipRange(value Value, valid bool) {
	if p, err := netip.ParsePrefix(value.Text); err == nil && !valid {
		v.add("TYPE_MISMATCH_IP_RANGE", value.Node, "an IPv6 block must not have host bits: the block is %s", p.Masked())
	} else if !valid {
		v.add("TYPE_MISMATCH_IP_RANGE", value.Node, "the value must be an address or a CIDR block")
	} else if p, err := netip.ParsePrefix(value.Text); err == nil && p != p.Masked() {
		v.add("IMPROVE_IP_RANGE", value.Node, "the block is %s", p.Masked())
	}
}

// privateAddresses adds findings for blocks without a public address: aws:SourceIp is always a public
// address.
func (v *validator) privateAddresses(k *ConditionKey, op operator) {
	if !equalFold(k.Name, "aws:SourceIp") {
		return
	}
	private, all := 0, 0
	for _, value := range k.Values.Values {
		if p, ok := parsePrefix(value.Text); ok {
			all++
			if p.Addr().IsPrivate() {
				private++
			}
		}
	}
	code := "PRIVATE_IP_ADDRESS"
	effect := "the condition never holds"
	if op.negated {
		code, effect = "PRIVATE_NOT_IP_ADDRESS", "the condition always holds"
	}
	if private == 0 {
		return
	}
	if private < all {
		code, effect = code+"_SUBSET", "the private addresses have no effect"
	}
	v.add(code, k.Values.Key, "aws:SourceIp is always a public address, so %s; use aws:VpcSourceIp for private addresses", effect)
}

// unsupportedVariable adds a finding for a variable where variables are not supported.
func (v *validator) unsupportedVariable(value Value, element string) {
	if strings.Contains(value.Text, "${") {
		v.add("VARIABLE_UNSUPPORTED_IN_ELEMENT", value.Node, "%s does not support variables", element)
	}
}

// variables checks the variables of a value. If family is not empty, it is the family
// of an operator that does not support variables.
func (v *validator) variables(value Value, family string) {
	rest := value.Text
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			return
		}
		rest = rest[i:]
		if family != "" {
			v.add("INVALID_VARIABLE_FOR_OPERATOR", value.Node, "%s operators do not support variables", family)
			return
		}
		if v.doc.Version().Text != "2012-10-17" {
			v.add("VARIABLE_UNSUPPORTED_IN_VERSION", value.Node, "variables need \"Version\": \"2012-10-17\"; without it this is literal text")
			return
		}
		_, n, ok := parseVariable(rest)
		if !ok {
			v.badVariable(value, rest)
			n = len("${")
		}
		rest = rest[n:]
	}
}

// badVariable adds a finding for the invalid variable at the start of s.
func (v *validator) badVariable(value Value, s string) {
	body, _, closed := strings.Cut(s[len("${"):], "}")
	name, fallback, hasDefault := strings.Cut(body, ",")
	fallback = strings.TrimSpace(fallback)
	switch {
	case !closed:
		v.add("MISSING_BRACE_IN_VARIABLE", value.Node, "the variable has no closing brace")
	case strings.TrimSpace(name) == "":
		v.add("EMPTY_VARIABLE", value.Node, "the variable has no name")
	case hasDefault && (len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\''):
		v.add("MISSING_QUOTE_IN_VARIABLE", value.Node, "the default of a variable must be in single quotes")
	default:
		v.add("UNSUPPORTED_SPACE_IN_VARIABLE", value.Node, "the name of a variable cannot contain spaces")
	}
}
