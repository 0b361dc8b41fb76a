package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// Access describes who has access: a class of principals and the remaining conditions.
type Access struct {
	Class      string   // "everybody", "account", "principal", "service" or "federated provider"
	Name       string   // the account, ARN, service or provider; empty for everybody
	Delegated  bool     // the account's own policies decide which of its principals have access
	Conditions []string // all of them apply: `StringEquals aws:PrincipalOrgID "o-1"`
	Except     []string // statements that deny part of the access: `statement 2 (Sid)`
	Statement  int      // index of the statement that allows
	Witness    *Witness
}

// Who is the result of [WhoCan].
type Who struct {
	Access  []Access
	Unknown bool
	Reason  string
}

// WhoCan lists the principals that a document allows to perform an action on a resource; both may be
// patterns. The list is complete and minimal: it contains everyone who has access, and no entry is covered by
// the others.
func WhoCan(d *policy.Document, kind policy.Kind, action, resource string, options Options) Who {
	var who Who
	var lines []Access
	var scopes []scope
	for _, c := range d.Clauses(kind) {
		if c.Deny {
			continue
		}
		for _, entry := range entriesOf(&c) {
			s := scope{clause: c, entry: entry}
			a := ask(d, kind, []string{action}, func(b *builder) *formula { return and(b.asked(action, resource), b.within(&s)) }, options)
			who.note(a)
			if a.Witness != nil {
				line := describeScope(d, &s)
				line.Witness = a.Witness
				lines, scopes = append(lines, line), append(scopes, s)
			}
		}
	}
	covered := make([]bool, len(lines))
	for i := len(lines) - 1; i >= 0; i-- {
		a := ask(d, kind, []string{action}, func(b *builder) *formula {
			rest := []*formula{b.asked(action, resource), b.within(&scopes[i])}
			for j := range scopes {
				if j != i && !covered[j] {
					rest = append(rest, not(b.within(&scopes[j])))
				}
			}
			return and(rest...)
		}, options)
		covered[i] = a.Witness == nil && !a.Unknown
	}
	for i, line := range lines {
		if covered[i] {
			continue
		}
		line.Except = exceptions(d, kind, action, resource, &scopes[i], options)
		who.Access = append(who.Access, line)
	}
	return who
}

func (w *Who) note(a Answer) {
	if a.Unknown {
		w.Unknown, w.Reason = true, a.Reason
	}
}

// scope is one principal entry of an Allow statement, with the statement's conditions.
type scope struct {
	clause policy.Clause
	entry  policy.CallerEntry
}

// entriesOf returns a statement's principal entries, or one entry for everybody if the policy names no
// principals.
func entriesOf(c *policy.Clause) []policy.CallerEntry {
	if c.Callers.Scope == policy.CoversListed {
		return c.Callers.Entries
	}
	return []policy.CallerEntry{{Kind: policy.EveryoneEntry}}
}

// asked returns a formula that holds for the requests in question.
func (b *builder) asked(action, resource string) *formula {
	var actions, resources []string
	if action != "" {
		actions = []string{action}
	}
	if resource != "" {
		resources = []string{resource}
	}
	return and(b.matches(actionField, actions), b.matches(resourceField, resources))
}

// within returns a formula that holds for the requests that the statement allows to the entry.
func (b *builder) within(s *scope) *formula {
	c := s.clause
	if c.Callers.Scope == policy.CoversListed {
		c.Callers.Entries = []policy.CallerEntry{s.entry}
	}
	return b.applies(&c)
}

func describeScope(d *policy.Document, s *scope) Access {
	a := Access{Name: s.entry.Text, Statement: s.clause.Statement, Class: "principal"}
	switch s.entry.Kind {
	case policy.EveryoneEntry:
		a.Class = "everybody"
	case policy.AccountEntry:
		a.Class, a.Delegated = "account", true
	case policy.ServiceEntry:
		a.Class = "service"
	case policy.ProviderEntry:
		a.Class = "federated provider"
	}
	for _, o := range d.Statements()[s.clause.Statement].Condition.Operators {
		for _, k := range o.Keys {
			a.Conditions = append(a.Conditions, conditionText(o.Name, k))
		}
	}
	return a
}

func conditionText(operator string, k policy.ConditionKey) string {
	values := make([]string, len(k.Values.Values))
	for i, v := range k.Values.Values {
		values[i] = fmt.Sprintf("%q", v.Text)
	}
	return operator + " " + k.Name + " " + strings.Join(values, ", ")
}

// exceptions returns the Deny statements that deny part of a scope.
func exceptions(d *policy.Document, kind policy.Kind, action, resource string, s *scope, options Options) []string {
	var except []string
	allowing := withoutDenies(d)
	for _, c := range d.Clauses(kind) {
		if !c.Deny {
			continue
		}
		a := ask(allowing, kind, nil, func(b *builder) *formula {
			return and(b.asked(action, resource), b.within(s), b.applies(&c))
		}, options)
		if a.Witness == nil && !a.Unknown {
			continue
		}
		text := fmt.Sprintf("statement %d", c.Statement)
		if sid := d.Statements()[c.Statement].Sid.Text; sid != "" {
			text += " (" + sid + ")"
		}
		except = append(except, text)
	}
	return except
}

// withoutDenies returns the document with its Allow statements only.
func withoutDenies(d *policy.Document) *policy.Document {
	for _, i := range slices.Backward(slices.Collect(indexes(d))) {
		smaller, err := policy.Parse([]byte(d.Without(i)))
		if err != nil {
			return d
		}
		d = smaller
	}
	return d
}

// indexes returns the indexes of the Deny statements.
func indexes(d *policy.Document) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range d.Statements() {
			if d.Statements()[i].Effect.Text != "Allow" && !yield(i) {
				return
			}
		}
	}
}
