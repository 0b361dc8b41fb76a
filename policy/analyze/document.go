package analyze

import (
	"slices"

	"github.com/writdev/writ/policy"
)

// documents is a comparison of two documents of one kind.
type documents struct {
	kind    policy.Kind
	docs    [2]*policy.Document // by side
	ceiling bool                // a policy that allows everything stands beside them
	// extra restricts the question to the requests of which it is true; only what
	// is gained is then asked about.
	extra   func(b *builder) *formula
	actions []string // that are asked about, in the spelling of the question
}

func (c *documents) question() question {
	sides := [2][]*policy.Document{{c.docs[oldSide]}, {c.docs[newSide]}}
	return question{kinds: callersOf(c.kind, c.docs[:]), sides: sides, documents: c.docs[:], actions: c.actions, goals: c.goals, try: c.try}
}

// clauses are the formulas of the clauses of a document, each once.
type clauses struct{ allow, deny []*formula }

// clauses makes the formulas. Those of statements that are written alike, in
// whichever document, are one.
func (c *documents) clauses(b *builder, s side, known map[string]*formula) clauses {
	var f clauses
	d := c.docs[s]
	source := string(d.Source())
	for _, clause := range d.Clauses(c.kind) {
		span := d.Statements[clause.Statement].Span
		text := d.Version.Text + source[span.Start.Offset:span.End.Offset]
		applies := known[text]
		if applies == nil {
			applies = b.applies(&clause)
			known[text] = applies
		}
		if clause.Deny {
			f.deny = appendNew(f.deny, applies)
		} else {
			f.allow = appendNew(f.allow, applies)
		}
	}
	if c.ceiling || c.kind == policy.ResourceControl {
		f.allow = []*formula{yes}
	}
	return f
}

func appendNew(list []*formula, f *formula) []*formula {
	if f.op == anyOf && len(f.parts) == 0 || slices.ContainsFunc(list, f.same) {
		return list
	}
	return append(list, f)
}

// goals are the formulas of what is lost and of what is gained. What both
// documents say in the same way is left out where it changes nothing: of allows S
// and denies T that both have, of allows X and denies U that one has alone and Y
// and V of the other, what the one allows and the other does not is
//
//	not T and not U and (X and not S and not Y, or (S or X) and V)
func (c *documents) goals(b *builder) [2]*formula {
	around := c.environment(b)
	known := make(map[string]*formula)
	f := [2]clauses{c.clauses(b, oldSide, known), c.clauses(b, newSide, known)}
	goals := [2]*formula{no, no}
	for s := range f {
		if c.extra != nil {
			if side(s) == oldSide {
				continue
			}
			around = and(around, c.extra(b))
		}
		one, other := f[s], f[side(s).other()]
		both, x := partition(one.allow, other.allow)
		_, y := partition(other.allow, one.allow)
		_, v := partition(other.deny, one.deny)
		goals[s] = and(around, not(or(one.deny...)), or(
			and(or(x...), not(or(y...)), not(or(both...))),
			and(or(v...), or(one.allow...)),
		))
	}
	return goals
}

// partition divides formulas into those that others have too and those they have
// not.
func partition(list, others []*formula) (both, alone []*formula) {
	for _, f := range list {
		if slices.ContainsFunc(others, f.same) {
			both = append(both, f)
		} else {
			alone = append(alone, f)
		}
	}
	return both, alone
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
	return is(b.named(callerField, "service-linked", func() *language {
		return newLanguage(arnHead("iam").text("role/aws-service-role/").star(0))
	}))
}

// callersOf are the kinds of callers that a document of the kind can bind, those
// first that need the fewest policies beside it. Of callers that a document does
// not tell apart one is enough.
func callersOf(kind policy.Kind, docs []*policy.Document) []policy.PrincipalKind {
	switch kind {
	case policy.Identity, policy.Boundary:
		if !readsCaller(docs) {
			return []policy.PrincipalKind{policy.User}
		}
		return []policy.PrincipalKind{policy.User, policy.RoleSession, policy.FederatedUser}
	case policy.Session:
		if !readsCaller(docs) {
			return []policy.PrincipalKind{policy.RoleSession}
		}
		return []policy.PrincipalKind{policy.RoleSession, policy.User, policy.FederatedUser}
	case policy.ServiceControl:
		if !readsCaller(docs) {
			return []policy.PrincipalKind{policy.User}
		}
		return []policy.PrincipalKind{policy.User, policy.RoleSession, policy.Root, policy.FederatedUser}
	}
	first := []policy.PrincipalKind{policy.Anonymous, policy.Service}
	if readsKey(docs, "aws:source") && !readsKey(docs, "aws:sourceip") {
		first = []policy.PrincipalKind{policy.Service, policy.Anonymous}
	}
	return append(first, policy.Root, policy.User, policy.RoleSession, policy.WebIdentity, policy.FederatedUser)
}

// readsCaller reports whether some condition or variable may read a key that
// follows from the caller.
func readsCaller(docs []*policy.Document) bool {
	for _, key := range []string{"aws:principal", "aws:user", "aws:federatedprovider"} {
		if readsKey(docs, key) {
			return true
		}
	}
	return false
}
