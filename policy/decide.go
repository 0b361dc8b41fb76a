package policy

import (
	"cmp"
	"strings"
)

// Decide answers a request. It allocates nothing, but for patterns made to be
// hard (see glob).
//
// Order and rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func Decide(req *Request, p *Policies) Decision {
	e := newEvaluator(req, p)
	b := bind(req, p)
	var l ledger
	e.fill(&l, &b, p)
	return settle(&b, &l)
}

// binding is what follows from the request before any policy is read: which
// layers bind it, and whose grant it needs.
type binding struct {
	owner      string // the account of the resource
	exempt     bool   // the action needs no permission
	scp, rcp   bool
	identity   bool // also the permissions boundary
	session    bool
	resource   bool
	caller     PrincipalKind
	own        bool // the resource belongs to the caller's account
	foreign    bool // the resource is in another partition, where no grant reaches
	trust      bool // a role is assumed
	mustGrant  bool // the resource policy must allow, even its own account's callers
	forbidden  bool // federated users cannot call this service at all
	hasSession bool // a session policy was passed
}

// bind works out the binding.
func bind(req *Request, p *Policies) binding {
	who := &req.Principal
	service := servicePrefix(req.Action)
	partition, account := nameParts(req.Resource)
	owner := req.owner(account)
	b := binding{
		owner:      owner,
		exempt:     equalFold(req.Action, "sts:GetCallerIdentity"),
		caller:     who.Kind,
		resource:   p.Resource != nil,
		trust:      isAssumeRole(req.Action),
		hasSession: p.Session != nil,
	}
	if b.caller == Root && isBucketPolicyAction(req.Action) && owner == who.Account {
		b.resource = false // the owner's root user can always mend a bucket policy
	}
	if who.belongsToAccount() {
		// What AWS itself owns, such as a managed policy, is open to every account.
		b.own = owner == who.Account && owner != "" || owner == "aws"
		own, _ := nameParts(who.ARN)
		b.foreign = own != "" && partition != "" && partition != "*" && own != partition
		b.scp = who.Account != req.ManagementAccount && !who.serviceLinked()
		b.identity = b.caller != Root
		b.session = true
		b.forbidden = b.caller == FederatedUser && (equalFold(service, "iam") || equalFold(service, "sts"))
	}
	b.rcp = p.ResourceControl != nil && bindsRCP(service) &&
		(req.ManagementAccount == "" || owner != req.ManagementAccount) &&
		!who.serviceLinked() && !req.AWSManaged &&
		!(b.trust && isServiceLinkedRole(req.Resource)) && !equalFold(req.Action, "kms:RetireGrant")
	b.mustGrant = req.NeedsResourceGrant || b.trust || equalFold(service, "kms") && isKey(req.Resource)
	return b
}

// Owner is the account that owns the resource: ResourceAccount, or the account in
// the resource's ARN, or the caller's.
func (r *Request) Owner() string {
	_, account := nameParts(r.Resource)
	return r.owner(account)
}

// owner is Owner, given the account in the resource's ARN.
func (r *Request) owner(account string) string {
	return cmp.Or(r.ResourceAccount, account, r.Principal.Account)
}

// servicePrefix is what stands before the colon of an action.
func servicePrefix(action string) string {
	if i := strings.IndexByte(action, ':'); i >= 0 {
		return action[:i]
	}
	return action
}

func isKey(resource string) bool {
	_, rest, ok := strings.Cut(resource, ":key/")
	return ok && rest != ""
}

// isAssumeRole reports whether the action assumes a role, in one of its forms.
func isAssumeRole(action string) bool { return hasPrefixFold(action, "sts:AssumeRole") }

func isBucketPolicyAction(action string) bool {
	return equalFold(action, "s3:GetBucketPolicy") || equalFold(action, "s3:PutBucketPolicy") || equalFold(action, "s3:DeleteBucketPolicy")
}

// ledger holds the tally of every layer. The resource control policies hold no
// allow: the one that AWS attaches at every level allows everything.
type ledger struct {
	rcp, scp, endpoint, resource, identity, boundary, session tally
}

// fill evaluates the layers that bind, in the order in which their denials
// count. Unless the evaluator explains, it stops at the first that denies.
func (e *evaluator) fill(l *ledger, b *binding, p *Policies) {
	if b.rcp {
		for i, level := range p.ResourceControl {
			t := e.tally(level, ResourceControl, i)
			l.rcp.denied = l.rcp.denied || t.denied
		}
	}
	if b.scp && p.ServiceControl != nil && e.goesOn(&l.rcp) {
		l.scp = tally{attached: true, allowed: true}
		for i, level := range p.ServiceControl {
			l.scp.intersect(e.tally(level, ServiceControl, i))
		}
	}
	if !e.goesOn(&l.rcp) || !e.goesOn(&l.scp) {
		return
	}
	for _, layer := range [...]struct {
		tally    *tally
		binds    bool
		policies []Attached
		kind     Kind
	}{
		{&l.endpoint, true, p.Endpoint, Endpoint},
		{&l.resource, b.resource, p.Resource, b.resourceKind()},
		{&l.identity, b.identity, p.Identity, Identity},
		{&l.boundary, b.identity, p.Boundary, Boundary},
		{&l.session, b.session, p.Session, Session},
	} {
		if layer.binds && layer.policies != nil {
			*layer.tally = e.tally(layer.policies, layer.kind, 0)
			if !e.goesOn(layer.tally) {
				return
			}
		}
	}
}

// goesOn reports whether the layers after this one matter.
func (e *evaluator) goesOn(t *tally) bool { return !t.denied || e.trace != nil }

// intersect adds a level below: every level must allow.
func (t *tally) intersect(level tally) {
	t.denied = t.denied || level.denied
	t.allowed = t.allowed && level.allowed
}

func (b *binding) resourceKind() Kind {
	if b.trust {
		return Trust
	}
	return Resource
}

// blocks reports whether the layer, as a ceiling, stops a grant.
func (t *tally) blocks() bool { return t.attached && !t.allowed }

// settle combines the verdicts of the layers.
func settle(b *binding, l *ledger) Decision {
	if b.exempt {
		return Decision{Allow, LayerExempt}
	}
	if layer := firstDenial(l); layer != 0 {
		return Decision{ExplicitDeny, layer}
	}
	switch {
	case l.scp.blocks():
		return Decision{ImplicitDeny, LayerServiceControl}
	case l.endpoint.blocks():
		return Decision{ImplicitDeny, LayerEndpoint}
	case b.forbidden:
		return Decision{ImplicitDeny, LayerSession}
	}
	granted := l.resource.allowed && !b.foreign
	switch b.caller {
	case User, RoleSession, FederatedUser:
		if b.own && !b.foreign {
			return settleOwn(b, l)
		}
		return settleForeign(b, l, granted)
	case Root:
		switch {
		case b.own && !b.foreign && !b.mustGrant:
			return b.ceilings(l, true, Decision{Allow, LayerRoot})
		case !granted:
			return Decision{ImplicitDeny, LayerResource}
		}
		return b.ceilings(l, true, Decision{Allow, LayerResource})
	}
	// A service, an anonymous or a federated caller has no policies of its own.
	if !granted {
		return Decision{ImplicitDeny, LayerResource}
	}
	return Decision{Allow, LayerResource}
}

func firstDenial(l *ledger) Layer {
	switch {
	case l.rcp.denied:
		return LayerResourceControl
	case l.scp.denied:
		return LayerServiceControl
	case l.endpoint.denied:
		return LayerEndpoint
	case l.resource.denied:
		return LayerResource
	case l.identity.denied:
		return LayerIdentity
	case l.boundary.denied:
		return LayerBoundary
	case l.session.denied:
		return LayerSession
	}
	return 0
}

// settleOwn decides within one account. Whom the resource policy names outright
// needs nothing else; a grant to the role of a session, or to the user behind a
// federated session, is limited by boundary and session policy; a grant to the
// account only lets the caller's own policies speak.
func settleOwn(b *binding, l *ledger) Decision {
	via := l.resource.via
	if via&(byEveryone|byName) != 0 {
		if b.trust && b.caller == User && via&byEveryone == 0 && l.boundary.blocks() {
			// A user named in a trust policy is still held by its boundary.
			return Decision{ImplicitDeny, LayerBoundary}
		}
		return Decision{Allow, LayerResource}
	}
	if b.mustGrant && !l.resource.allowed {
		return Decision{ImplicitDeny, LayerResource}
	}
	switch {
	case via&byIssuer != 0:
		return b.ceilings(l, true, Decision{Allow, LayerResource})
	case b.mustGrant:
		return b.ceilings(l, l.identity.allowed, Decision{Allow, LayerResource | LayerIdentity})
	}
	return b.ceilings(l, l.identity.allowed, Decision{Allow, LayerIdentity})
}

// settleForeign decides across accounts: both sides must allow.
func settleForeign(b *binding, l *ledger, granted bool) Decision {
	if !granted {
		return Decision{ImplicitDeny, LayerResource}
	}
	return b.ceilings(l, l.identity.allowed, Decision{Allow, LayerResource | LayerIdentity})
}

// ceilings holds a grant against boundary and session policy.
func (b *binding) ceilings(l *ledger, granted bool, grant Decision) Decision {
	switch {
	case !granted:
		return Decision{ImplicitDeny, LayerIdentity}
	case l.boundary.blocks():
		return Decision{ImplicitDeny, LayerBoundary}
	case l.session.blocks(), b.caller == FederatedUser && !b.hasSession:
		return Decision{ImplicitDeny, LayerSession}
	}
	return grant
}
