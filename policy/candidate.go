package policy

import (
	"net/netip"
	"slices"
	"strings"
)

// maxWidened is the largest number of statements of a layer that the search tries to widen.
const maxWidened = 3

// grants returns the steps that may make a layer allow the request, in order of preference: those that widen
// statements in which one element does not match, and the one that adds a statement.
func (c *search) grants(ref layerRef) []editStep {
	policies := *c.policies.layer(ref.kind, ref.level)
	var steps []editStep
	for _, near := range c.evaluator.nearStatements(policies, ref.kind) {
		if len(near.misses) > 1 || len(steps) == maxWidened {
			break
		}
		a := policies[near.policy]
		if !c.editable(ref.kind, a.Name) {
			continue
		}
		if s, ok := c.widenStatement(a.Document, &a.Document.Statements()[near.statement], near.misses[0]); ok {
			s.layerRef, s.index, s.Policy, s.Statement = ref, near.policy, a.Name, near.statement
			steps = append(steps, c.completeEdit(s))
		}
	}
	if s, ok := c.addStatement(ref, policies); ok {
		steps = append(steps, s)
	}
	return steps
}

// addStatement returns the step that adds a statement which allows exactly this request: to the first editable
// policy of the layer, or to a new one.
func (c *search) addStatement(ref layerRef, policies []Attached) (editStep, bool) {
	s := editStep{Edit: Edit{Op: AddStatement, Add: c.statement(ref.kind)}, layerRef: ref, index: newPolicy}
	for i, a := range policies {
		if a.Document != nil && len(a.Document.Statements()) > 0 && c.editable(ref.kind, a.Name) {
			s.index, s.Policy, s.Statement = i, a.Name, len(a.Document.Statements())
			return c.completeEdit(s), true
		}
	}
	return c.completeEdit(s), c.editable(ref.kind, "")
}

// widenStatement returns the step that widens the one element of a statement that does not match.
func (c *search) widenStatement(d *Document, s *Statement, m miss) (editStep, bool) {
	e := Edit{Op: WidenStatement, Element: m.element}
	var splices []splice
	switch m.element {
	case PrincipalElement:
		if !s.Principal.Present() || s.Principal.Any.Present() || s.NotPrincipal.Present() || c.req.Principal.Kind == Anonymous {
			return editStep{}, false
		}
		entry, name := c.principalEntry()
		e.Values = []string{name}
		splices = withPrincipal(d.source, s.Principal, entry, name)
	case ActionElement:
		if !s.Action.Present() || s.NotAction.Present() || strings.ContainsAny(c.req.Action, "*?") {
			return editStep{}, false
		}
		e.Values = []string{c.req.Action}
		splices = withValue(d.source, s.Action, c.req.Action)
	case ResourceElement:
		if !s.Resource.Present() || s.NotResource.Present() {
			return editStep{}, false
		}
		e.Values = []string{c.resource()}
		splices = withValue(d.source, s.Resource, c.resource())
	case ConditionElement:
		operator, key := s.Condition.at(m.condition)
		value, ok := c.conditionValue(operator, key)
		if !ok {
			return editStep{}, false
		}
		e.Key, e.Values = operator+" "+key.Name, []string{value}
		splices = withValue(d.source, key.Values, value)
	}
	return editStep{Edit: e, splices: splices}, true
}

// at returns the condition with a number, counted over all operators.
func (c Condition) at(n int) (operator string, key ConditionKey) {
	for _, op := range c.Operators {
		if n < len(op.Keys) {
			return op.Name, op.Keys[n]
		}
		n -= len(op.Keys)
	}
	return "", ConditionKey{}
}

// conditionValue returns the value of the request to add to a condition. There is none for operators that
// exclude values or compare sizes, for keys that the request does not have or has several values of, and for
// Boolean keys, whose conditions would have no effect with both values.
func (c *search) conditionValue(operator string, key ConditionKey) (string, bool) {
	values := c.req.Context.Get(key.Name)
	op, _, ok := parseOperator(operator)
	if len(values) != 1 || !ok || op.negated {
		return "", false
	}
	switch op.family {
	case stringEquals, stringEqualsIgnoreCase, stringLike, arnLike:
		return escapes.Replace(values[0]), true
	case ipAddress:
		ip, err := netip.ParseAddr(values[0])
		if err != nil {
			return "", false
		}
		return netip.PrefixFrom(ip, ip.BitLen()).String(), true
	}
	return "", false
}

// withPrincipal adds a principal of a type to a Principal element.
func withPrincipal(source string, p Principals, entry, name string) []splice {
	for _, e := range p.Entries {
		if e.Type == entry {
			return withValue(source, e.Values, name)
		}
	}
	return withMember(source, p.Span, textJSON(entry)+":"+textJSON(name))
}

// narrowings returns the steps that may exempt the request from a Deny statement: removing the values of a
// list that match the request, if other values remain and none of the removed values has a wildcard; and
// exempting the principal by its ARN.
func (c *search) narrowings(d *Document, s *Statement, kind Kind) []editStep {
	var steps []editStep
	for _, l := range []struct {
		element Element
		list    List
		matches func(string) bool
	}{
		{ActionElement, s.Action, func(v string) bool { return equalFold(v, c.req.Action) }},
		{ResourceElement, s.Resource, func(v string) bool { return v == c.req.Resource }},
	} {
		if gone := indexes(l.list.Values, l.matches); len(gone) > 0 && len(gone) < len(l.list.Values) {
			steps = append(steps, editStep{Edit: Edit{Op: NarrowStatement, Element: l.element, Values: texts(l.list.Values, gone)}, splices: withoutValues(l.list, gone)})
		}
	}
	if kind.namesCallers() {
		for _, e := range s.Principal.Entries {
			gone := indexes(e.Values.Values, func(v string) bool { return v == c.req.Principal.ARN || v == c.req.Principal.Issuer })
			if len(gone) > 0 && len(gone) < len(e.Values.Values) {
				steps = append(steps, editStep{Edit: Edit{Op: NarrowStatement, Element: PrincipalElement, Values: texts(e.Values.Values, gone)}, splices: withoutValues(e.Values, gone)})
			}
		}
	}
	if exempt, ok := c.exemption(d, s); ok {
		steps = append(steps, exempt)
	}
	return steps
}

func indexes(values []Value, matches func(string) bool) []int {
	var list []int
	for i, v := range values {
		if matches(v.Text) {
			list = append(list, i)
		}
	}
	return list
}

func texts(values []Value, at []int) []string {
	list := make([]string, len(at))
	for i, n := range at {
		list[i] = values[n].Text
	}
	return list
}

// The condition that exempts a principal from a Deny statement.
const (
	exemptOperator = "ArnNotEquals"
	exemptKey      = "aws:PrincipalArn"
)

// exemption returns the step that adds the condition which exempts the principal.
func (c *search) exemption(d *Document, s *Statement) (editStep, bool) {
	arns := c.req.Context.Get(exemptKey)
	if len(arns) != 1 || strings.ContainsAny(arns[0], "*?$") {
		return editStep{}, false
	}
	e := Edit{Op: NarrowStatement, Element: ConditionElement, Key: exemptOperator + " " + exemptKey, Values: arns}
	member := textJSON(exemptKey) + ":" + textJSON(arns[0])
	if !s.Condition.Present() {
		return editStep{Edit: e, splices: withMember(d.source, s.Span, `"Condition":{"`+exemptOperator+`":{`+member+`}}`)}, true
	}
	i := slices.IndexFunc(s.Condition.Operators, func(o Operator) bool { return o.Name == exemptOperator })
	if i < 0 {
		return editStep{Edit: e, splices: withMember(d.source, s.Condition.Span, `"`+exemptOperator+`":{`+member+`}`)}, true
	}
	operator := s.Condition.Operators[i]
	for _, key := range operator.Keys {
		if equalFold(key.Name, exemptKey) {
			return editStep{Edit: e, splices: withValue(d.source, key.Values, arns[0])}, true
		}
	}
	return editStep{Edit: e, splices: withMember(d.source, operator.Span, member)}, true
}

// statement returns the statement that allows this request in a policy of the kind. Wildcards in names from
// the request are escaped.
func (c *search) statement(kind Kind) string {
	parts := []string{`"Effect":"Allow"`}
	switch kind {
	case Resource, Trust:
		parts = append(parts, `"Principal":`+c.principal())
	case Endpoint:
		parts = append(parts, `"Principal":"*"`)
	}
	parts = append(parts, `"Action":`+textJSON(c.req.Action))
	if kind != Trust {
		parts = append(parts, `"Resource":`+textJSON(c.resource()))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// resource returns the request's resource as a pattern.
func (c *search) resource() string {
	if c.req.Resource == "*" {
		return "*"
	}
	return escapes.Replace(c.req.Resource)
}

// principal returns the Principal element that names the caller.
func (c *search) principal() string {
	if c.req.Principal.Kind == Anonymous {
		return `"*"`
	}
	entry, name := c.principalEntry()
	return "{" + textJSON(entry) + ":" + textJSON(name) + "}"
}

// principalEntry returns the type and the value of a Principal element that names the caller; for a session
// it names the role.
func (c *search) principalEntry() (entry, name string) {
	who := &c.req.Principal
	switch who.Kind {
	case Service:
		return "Service", who.ARN
	case WebIdentity:
		return "Federated", who.ARN
	case RoleSession, FederatedUser:
		if who.Issuer != "" {
			return "AWS", who.Issuer
		}
	}
	return "AWS", who.ARN
}
