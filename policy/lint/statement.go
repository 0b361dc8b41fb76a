package lint

import (
	"slices"
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
)

// statement is a statement with the catalog entries of its parts.
type statement struct {
	*policy.Statement
	allow, deny bool
	actions     []action // of Action or NotAction
	notAction   bool
	resources   *policy.List // Resource or NotResource
	notResource bool
	conditions  []condition
}

// action is one value of Action or NotAction.
type action struct {
	policy.Value
	prefix, name string           // "s3", "Get*"; both "*" for "*"
	service      *catalog.Service // nil if the prefix is unknown, or a pattern
	wild         bool
}

// condition is one key of a condition block.
type condition struct {
	operator
	at    *policy.Operator
	key   *policy.ConditionKey
	name  string                // the key in lower case
	known *catalog.ConditionKey // nil if the key is unknown
}

// operator is a parsed name of a condition operator.
type operator struct {
	base       string // "StringLike"; in AWS's spelling where it has one
	forAll     bool   // ForAllValues
	forAny     bool   // ForAnyValue
	ifExists   bool
	negated    bool
	isPresence bool // Null
}

func (l *linter) read() {
	l.statements = make([]statement, len(l.doc.Statements()))
	for i := range l.doc.Statements() {
		s := &l.statements[i]
		s.Statement = &l.doc.Statements()[i]
		s.allow, s.deny = s.Effect.Text == "Allow", s.Effect.Text == "Deny"
		s.notAction, s.notResource = s.NotAction.Present(), s.NotResource.Present()
		list := &s.Action
		if s.notAction {
			list = &s.NotAction
		}
		s.actions = make([]action, len(list.Values))
		for j, v := range list.Values {
			s.actions[j] = readAction(v)
		}
		s.resources = &s.Resource
		if s.notResource {
			s.resources = &s.NotResource
		}
		s.readConditions()
	}
}

func readAction(v policy.Value) action {
	a := action{Value: v, wild: strings.ContainsAny(v.Text, "*?")}
	if v.Text == "*" {
		a.prefix, a.name = "*", "*"
		return a
	}
	var ok bool
	if a.prefix, a.name, ok = strings.Cut(v.Text, ":"); !ok {
		a.prefix, a.name = "", ""
		return a
	}
	a.service, _ = catalog.Lookup(a.prefix)
	return a
}

// matches reports whether the action is, or as a pattern matches, an action with a full name in lower case.
func (a *action) matches(name string) bool {
	if a.prefix == "*" && a.name == "*" {
		return true
	}
	return catalog.Glob(a.Text, name)
}

// is reports whether the action is the one with a full name, without wildcards.
func (a *action) is(name string) bool { return strings.EqualFold(a.Text, name) }

func (s *statement) readConditions() {
	for i := range s.Condition.Operators {
		o := &s.Condition.Operators[i]
		op := readOperator(o.Name)
		for j := range o.Keys {
			k := &o.Keys[j]
			c := condition{operator: op, at: o, key: k, name: strings.ToLower(k.Name)}
			c.known, _ = catalog.FindKey(k.Name)
			s.conditions = append(s.conditions, c)
		}
	}
}

func readOperator(name string) (o operator) {
	base := name
	if q, rest, ok := strings.Cut(name, ":"); ok {
		o.forAll, o.forAny = strings.EqualFold(q, "ForAllValues"), strings.EqualFold(q, "ForAnyValue")
		base = rest
	}
	if n := len(base) - len("IfExists"); n > 0 && strings.EqualFold(base[n:], "IfExists") {
		o.ifExists, base = true, base[:n]
	}
	o.base = base
	o.negated = strings.Contains(base, "Not")
	o.isPresence = strings.EqualFold(base, "Null")
	return o
}

// qualified reports whether the operator has a qualifier.
func (o *operator) qualified() bool { return o.forAll || o.forAny }

// needsKey reports whether the condition is false where the key is absent.
func (c *condition) needsKey() bool {
	if c.isPresence {
		return len(c.key.Values.Values) == 1 && strings.EqualFold(c.key.Values.Values[0].Text, "false")
	}
	return !c.ifExists && (c.forAny || !c.forAll && !c.negated)
}

// node returns the node of the key.
func (c *condition) node() policy.Node { return c.key.Values.Key }

func (c *condition) values() []policy.Value { return c.key.Values.Values }

// has reports whether the statement has a condition on one of the keys, given in lower case. A name that ends
// in "/" includes all keys with that prefix.
func (s *statement) has(keys ...string) bool {
	return slices.ContainsFunc(s.conditions, func(c condition) bool { return c.isOn(keys...) })
}

// isOn reports whether the condition is on one of the keys.
func (c *condition) isOn(keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool {
		return c.name == k || strings.HasSuffix(k, "/") && strings.HasPrefix(c.name, k)
	})
}

// principals returns the values of Principal with the given type.
func (s *statement) principals(kind string) (values []policy.Value) {
	for _, e := range s.Principal.Entries {
		if e.Type == kind {
			values = append(values, e.Values.Values...)
		}
	}
	return values
}

// isWild reports whether a text has a wildcard.
func isWild(s string) bool { return strings.ContainsAny(s, "*?") }

// isFixed reports whether a text has no wildcard and no variable.
func isFixed(s string) bool { return !isWild(s) && !strings.Contains(s, "${") }
