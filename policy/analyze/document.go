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
	ceiling bool // both are evaluated together with a policy that allows everything
	// extra limits the question to requests that satisfy it; only gained requests are then searched.
	extra   func(b *builder) *formula
	actions []string // the actions in question, in the spelling of the question
}

// statement is a clause of one document, or of both if their texts are equal.
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
	same := c.docs[oldSide].Version().Text == c.docs[newSide].Version().Text
	for s, d := range c.docs {
		source := string(d.Source())
		c.clauses[s] = make([]*statement, 0, len(d.Statements()))
		for i := range d.Statements() {
			span := d.Statements()[i].Span
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

// goals returns formulas for the lost and the gained requests. A request that one document allows and the
// other does not is either allowed by a statement that only the first document has, and by no statement of
// the other; or denied by a statement that only the other has. Other statements matter only if they can apply
// to the same requests as that statement.
func (c *documents) goals(b *builder) [2][]goal {
	around := c.environment(b)
	w := &formulaCache{builder: b, made: make(map[*statement]*formula)}
	var goals [2][]goal
	for s := range goals {
		if c.extra != nil {
			if side(s) == oldSide {
				continue
			}
			around = and(around, c.extra(b))
		}
		one, other := c.clauses[s], c.clauses[side(s).other()]
		always := c.ceiling || c.kind == policy.ResourceControl // another policy allows
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

// formulaCache makes the formulas of statements and caches them.
type formulaCache struct {
	*builder
	made map[*statement]*formula
}

func (w *formulaCache) formula(s *statement) *formula {
	f := w.made[s]
	if f == nil {
		f = w.applies(&s.Clause)
		w.made[s] = f
	}
	return f
}

// any returns a formula that holds if one of the statements applies, of those that deny or of those that do
// not, and that can overlap the given statement.
func (w *formulaCache) any(list []*statement, deny bool, with *statement) *formula {
	var some []*formula
	for i := range list {
		if s := list[i]; s.Deny == deny && mayOverlap(&s.Actions, &with.Actions) && mayOverlap(&s.Resources, &with.Resources) {
			some = appendNew(some, w.formula(s))
		}
	}
	return or(some...)
}

// mayOverlap reports whether two elements may cover a common value. False is exact.
func mayOverlap(a, b *policy.Patterns) bool {
	switch {
	case a.Scope == policy.CoversNone || b.Scope == policy.CoversNone:
		return false
	case a.Scope != policy.CoversListed || b.Scope != policy.CoversListed || len(a.List)*len(b.List) > maxPairs:
		return true
	}
	for _, p := range a.List {
		for _, q := range b.List {
			if patternsMayOverlap(p, q) {
				return true
			}
		}
	}
	return false
}

// maxPairs is the largest number of pattern pairs to compare.
const maxPairs = 10_000

// patternsMayOverlap reports whether the prefixes and suffixes of two patterns are compatible.
func patternsMayOverlap(p, q policy.Pattern) bool {
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

// textOf returns the text of a text piece, else an empty string.
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

// environment returns a formula for the requests that a document of the kind applies to: a resource control
// policy applies only to services that support it, and not to service-linked roles.
func (c *documents) environment(b *builder) *formula {
	f := yes
	if b.caller.kind == policy.FederatedUser {
		f = and(f, not(b.actionLike("iam:*", "sts:*")))
	}
	if c.kind == policy.ResourceControl {
		f = and(f, b.boundByRCP())
	}
	if c.kind == policy.Trust {
		f = and(f, not(b.actionLike("kms:*"))) // statements without a Resource element do not apply to KMS
	}
	if c.kind == policy.ResourceControl || c.kind == policy.ServiceControl {
		f = and(f, not(b.serviceLinked()))
	}
	return f
}

// boundByRCP returns a formula that holds for actions and resources to which RCPs apply.
func (b *builder) boundByRCP() *formula {
	var patterns []string
	for _, s := range policy.RCPServices() {
		patterns = append(patterns, s+":*")
	}
	role := b.resource(&policy.Patterns{Scope: policy.CoversListed, List: globs([]string{"arn:*:role/aws-service-role/*"})})
	return and(b.actionLike(patterns...), not(b.actionLike("kms:retiregrant")), or(not(b.assumesRole()), not(role)))
}

func (b *builder) assumesRole() *formula { return b.actionLike("sts:assumerole*") }

// serviceLinked returns a formula that holds for sessions of service-linked roles.
func (b *builder) serviceLinked() *formula {
	if b.caller.kind != policy.RoleSession {
		return no
	}
	return is(b.named(b.caller.field(), "service-linked", func() *language {
		return newLanguage(arnHead("iam").text("role/aws-service-role/").star(0))
	}))
}

// callersOf returns the kinds of callers to which a document of the kind can apply, those that require the
// fewest other policies first. If the documents do not distinguish kinds of callers, it returns only one.
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

// keyReader records the condition keys that documents read.
type keyReader struct {
	names []string // lower-case keys, and values with variables
}

func newKeyReader(documents []*policy.Document) *keyReader {
	r := new(keyReader)
	for _, d := range documents {
		for i := range d.Statements() {
			s := &d.Statements()[i]
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

// add records the values with variables.
func (r *keyReader) add(l policy.List) {
	for i := range l.Values {
		if strings.Contains(l.Values[i].Text, "${") {
			r.names = append(r.names, foldKey(l.Values[i].Text))
		}
	}
}

// key reports whether a document may read a lower-case key, or a key with that prefix.
func (r *keyReader) key(key string) bool {
	return slices.ContainsFunc(r.names, func(name string) bool { return strings.Contains(name, key) })
}

// caller reports whether a condition or variable may read a key that the caller determines.
func (r *keyReader) caller() bool {
	return r.key("aws:principal") || r.key("aws:user") || r.key("aws:federatedprovider")
}
