package analyze

import (
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// documents is a comparison of two documents of one kind.
type documents struct {
	kind    policy.Kind
	docs    [2]*policy.Document // by side
	clauses [2][]*statement
	ceiling bool // a policy that allows everything stands beside them
	// extra restricts the question to the requests of which it is true; only what
	// is gained is then asked about.
	extra   func(b *builder) *formula
	actions []string // that are asked about, in the spelling of the question
}

// statement is a clause of one document, or of both if it is written alike.
type statement struct {
	policy.Clause
	shared bool
}

func (c *documents) question() question {
	sides := [2][]*policy.Document{{c.docs[oldSide]}, {c.docs[newSide]}}
	c.read()
	return question{kind: c.kind, sides: sides, documents: c.docs[:], actions: c.actions, goals: c.goals, try: c.try}
}

// read reads the clauses of both documents.
func (c *documents) read() {
	olds := make(map[string]*statement)
	same := c.docs[oldSide].Version.Text == c.docs[newSide].Version.Text
	for s, d := range c.docs {
		source := string(d.Source())
		c.clauses[s] = make([]*statement, 0, len(d.Statements))
		for i := range d.Statements {
			span := d.Statements[i].Span
			text := source[span.Start.Offset:span.End.Offset]
			old := olds[text]
			if old != nil && same {
				old.shared = old.shared || side(s) == newSide
				c.clauses[s] = append(c.clauses[s], old)
				continue
			}
			st := &statement{Clause: d.Clause(i, c.kind)}
			c.clauses[s] = append(c.clauses[s], st)
			if side(s) == oldSide {
				olds[text] = st
			}
		}
	}
}

// goals are what is lost and what is gained. What the one document
// allows and the other does not is allowed by a statement that the other has not,
// and by none of the other; or it is denied by a statement of the other that the
// one has not. Of all other statements only those matter that can apply to a
// request to which that statement applies.
func (c *documents) goals(b *builder) [2][]goal {
	around := c.environment(b)
	w := &writer{builder: b, made: make(map[*statement]*formula)}
	var goals [2][]goal
	for s := range goals {
		if c.extra != nil {
			if side(s) == oldSide {
				continue
			}
			around = and(around, c.extra(b))
		}
		one, other := c.clauses[s], c.clauses[side(s).other()]
		always := c.ceiling || c.kind == policy.ResourceControl // something else allows
		for _, x := range one {
			if !x.Deny && !x.shared && !always {
				goals[s] = append(goals[s], goal{and(around, w.formula(x)), func() *formula {
					return and(not(w.any(one, true, x)), not(w.any(other, false, x)))
				}})
			}
		}
		for _, v := range other {
			if v.Deny && !v.shared {
				goals[s] = append(goals[s], goal{and(around, w.formula(v)), func() *formula {
					return and(not(w.any(one, true, v)), or(truth(always), w.any(one, false, v)))
				}})
			}
		}
	}
	return goals
}

// writer makes the formulas of statements, of each once.
type writer struct {
	*builder
	made map[*statement]*formula
}

func (w *writer) formula(s *statement) *formula {
	f := w.made[s]
	if f == nil {
		f = w.applies(&s.Clause)
		w.made[s] = f
	}
	return f
}

// any is true where one of the statements applies that deny, or do not, and that
// meet the one given.
func (w *writer) any(list []*statement, deny bool, with *statement) *formula {
	var some []*formula
	for i := range list {
		if s := list[i]; s.Deny == deny && meet(&s.Actions, &with.Actions) && meet(&s.Resources, &with.Resources) {
			some = appendNew(some, w.formula(s))
		}
	}
	return or(some...)
}

// meet reports whether two elements may cover the same value: false is certain.
func meet(a, b *policy.Patterns) bool {
	switch {
	case a.Scope == policy.CoversNone || b.Scope == policy.CoversNone:
		return false
	case a.Scope != policy.CoversListed || b.Scope != policy.CoversListed || len(a.List)*len(b.List) > manyPairs:
		return true
	}
	for _, p := range a.List {
		for _, q := range b.List {
			if mayMeet(p, q) {
				return true
			}
		}
	}
	return false
}

// manyPairs bounds how many pairs of patterns are looked at.
const manyPairs = 10_000

// mayMeet reports whether two patterns begin and end alike.
func mayMeet(p, q policy.Pattern) bool {
	if len(p) == 0 || len(q) == 0 {
		return true
	}
	a, b := textOf(p[0]), textOf(q[0])
	whole := len(p) == 1 && p[0].Kind == policy.TextPiece
	switch other := len(q) == 1 && q[0].Kind == policy.TextPiece; {
	case whole && other:
		return a == b
	case whole && len(b) > len(a), other && len(a) > len(b):
		return false
	}
	if n := min(len(a), len(b)); a[:n] != b[:n] {
		return false
	}
	a, b = textOf(p[len(p)-1]), textOf(q[len(q)-1])
	n := min(len(a), len(b))
	return a[len(a)-n:] == b[len(b)-n:]
}

// textOf is the text of a piece; empty if it is none.
func textOf(p policy.PatternPiece) string {
	if p.Kind != policy.TextPiece {
		return ""
	}
	return p.Text
}

func appendNew(list []*formula, f *formula) []*formula {
	if f.op == anyOf && len(f.parts) == 0 || slices.ContainsFunc(list, f.same) {
		return list
	}
	return append(list, f)
}

// environment holds what the kind of document does not reach: a resource control
// policy only services that know it, and no service-linked role.
func (c *documents) environment(b *builder) *formula {
	f := yes
	if b.caller.kind == policy.FederatedUser {
		f = and(f, not(b.actionLike("iam:*", "sts:*")))
	}
	if c.kind == policy.ResourceControl {
		f = and(f, b.boundByRCP())
	}
	if c.kind == policy.Trust {
		f = and(f, not(b.actionLike("kms:*"))) // a statement without a Resource applies to none of them
	}
	if c.kind == policy.ResourceControl || c.kind == policy.ServiceControl {
		f = and(f, not(b.serviceLinked()))
	}
	return f
}

// boundByRCP is true of the actions and resources that RCPs bind.
func (b *builder) boundByRCP() *formula {
	var patterns []string
	for _, s := range policy.RCPServices() {
		patterns = append(patterns, s+":*")
	}
	role := b.resource(&policy.Patterns{Scope: policy.CoversListed, List: globs([]string{"arn:*:role/aws-service-role/*"})})
	return and(b.actionLike(patterns...), not(b.actionLike("kms:retiregrant")), or(not(b.assumesRole()), not(role)))
}

func (b *builder) assumesRole() *formula { return b.actionLike("sts:assumerole*") }

// serviceLinked is true of the sessions of service-linked roles.
func (b *builder) serviceLinked() *formula {
	if b.caller.kind != policy.RoleSession {
		return no
	}
	return is(b.named(b.caller.field(), "service-linked", func() *language {
		return newLanguage(arnHead("iam").text("role/aws-service-role/").star(0))
	}))
}

// callersOf are the kinds of callers that a document of the kind can bind, those
// first that need the fewest policies beside it. Of callers that a document does
// not tell apart one is enough.
func callersOf(kind policy.Kind, reads *keyReader) []policy.PrincipalKind {
	var kinds []policy.PrincipalKind
	switch kind {
	case policy.Identity, policy.Boundary:
		kinds = []policy.PrincipalKind{policy.User, policy.RoleSession, policy.FederatedUser}
	case policy.Session:
		kinds = []policy.PrincipalKind{policy.RoleSession, policy.User, policy.FederatedUser}
	case policy.ServiceControl:
		kinds = []policy.PrincipalKind{policy.User, policy.RoleSession, policy.Root, policy.FederatedUser}
	default:
		kinds = []policy.PrincipalKind{policy.Anonymous, policy.Service}
		if reads.key("aws:source") && !reads.key("aws:sourceip") {
			kinds = []policy.PrincipalKind{policy.Service, policy.Anonymous}
		}
		return append(kinds, policy.Root, policy.User, policy.RoleSession, policy.WebIdentity, policy.FederatedUser)
	}
	if !reads.caller() {
		return kinds[:1]
	}
	return kinds
}

// keyReader tells which condition keys documents read.
type keyReader struct {
	names []string // keys, and values with variables, in lower case
}

func newKeyReader(documents []*policy.Document) *keyReader {
	r := new(keyReader)
	for _, d := range documents {
		for i := range d.Statements {
			s := &d.Statements[i]
			r.add(s.Resource)
			r.add(s.NotResource)
			for _, o := range s.Condition.Operators {
				for _, k := range o.Keys {
					r.names = append(r.names, foldKey(k.Name))
					r.add(k.Values)
				}
			}
		}
	}
	return r
}

// add adds the values with variables.
func (r *keyReader) add(l policy.List) {
	for i := range l.Values {
		if strings.Contains(l.Values[i].Text, "${") {
			r.names = append(r.names, foldKey(l.Values[i].Text))
		}
	}
}

// key reports whether a document may read a key, which is in lower case, or one
// that begins so.
func (r *keyReader) key(key string) bool {
	return slices.ContainsFunc(r.names, func(name string) bool { return strings.Contains(name, key) })
}

// caller reports whether some condition or variable may read a key that follows
// from the caller.
func (r *keyReader) caller() bool {
	return r.key("aws:principal") || r.key("aws:user") || r.key("aws:federatedprovider")
}
