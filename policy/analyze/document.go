package analyze

import (
	"github.com/writdev/writ/policy"
)

// documents is a comparison of two documents of one kind.
type documents struct {
	kind     policy.Kind
	old, new *policy.Document
	ceiling  bool // a policy that allows everything stands beside them
}

// side is the question what is gained, or what is lost.
func (c *documents) side(gained bool) question {
	allows, refuses := c.new, c.old
	if !gained {
		allows, refuses = c.old, c.new
	}
	docs := []*policy.Document{c.old, c.new}
	return question{
		kinds:     callersOf(c.kind, docs),
		documents: docs,
		goal: func(b *builder) *formula {
			return and(c.environment(b), c.allows(b, allows), not(c.allows(b, refuses)))
		},
		try: func(d *draft) (*Witness, bool) { return c.try(d, allows, refuses, gained) },
	}
}

// allows is the formula of the requests that a document allows.
func (c *documents) allows(b *builder, d *policy.Document) *formula {
	var allow, deny []*formula
	for _, clause := range d.Clauses(c.kind) {
		if clause.Deny {
			deny = append(deny, b.applies(&clause))
		} else {
			allow = append(allow, b.applies(&clause))
		}
	}
	if c.ceiling || c.kind == policy.ResourceControl {
		return not(or(deny...))
	}
	return and(or(allow...), not(or(deny...)))
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
	for _, key := range []string{"aws:principal", "aws:user", "aws:federatedprovider", "\\u"} {
		if readsKey(docs, key) {
			return true
		}
	}
	return false
}
