package policy

import (
	"cmp"
	"strings"
)

// Decide decides a request. It allocates no memory, except for complex patterns in
// rare cases: see glob.
//
// Order and rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func Decide(req *Request, p *Policies) Decision {
	e := newEvaluator(req, p)
	b := bind(req, p)
	var l layerResults
	e.evaluateLayers(&l, &b, p)
	return combine(&b, &l)
}

// binding holds the properties of a request that are known before any policy is evaluated: which layers apply
// to it, and which policies must allow it.
type binding struct {
	owner              string // the account of the resource
	exempt             bool   // the action needs no permission
	scp, rcp           bool
	identity           bool // also the permissions boundary
	session            bool
	resource           bool
	caller             PrincipalKind
	sameAccount        bool // the resource belongs to the caller's account
	crossPartition     bool // the resource is in another partition; grants do not cross partitions
	trust              bool // a role is assumed
	needsResourceGrant bool // the resource policy must allow, also within the account
	unsupported        bool // federated users cannot call this service
	hasSession         bool // a session policy was passed
}

// bind returns the binding of a request.
func bind(req *Request, p *Policies) binding {
	caller := &req.Principal
	service := servicePrefix(req.Action)
	partition, account := arnParts(req.Resource)
	owner := req.owner(account)
	b := binding{
		owner:      owner,
		exempt:     needsNoPermission(req.Action),
		caller:     caller.Kind,
		resource:   p.Resource != nil,
		trust:      isAssumeRole(req.Action),
		hasSession: p.Session != nil,
	}
	if b.caller == Root && isBucketPolicyAction(req.Action) && owner == caller.Account {
		b.resource = false // the owner's root user can always change a bucket policy
	}
	if caller.belongsToAccount() {
		// A resource that AWS owns, such as a managed policy, counts as the caller's own.
		b.sameAccount = owner == caller.Account && owner != "" || owner == "aws"
		callerPartition, _ := arnParts(caller.ARN)
		b.crossPartition = callerPartition != "" && partition != "" && partition != "*" && callerPartition != partition
		b.scp = caller.Account != req.ManagementAccount && !caller.serviceLinked()
		b.identity = b.caller != Root
		b.session = true
		b.unsupported = b.caller == FederatedUser && (equalFold(service, "iam") || equalFold(service, "sts"))
	}
	b.rcp = p.ResourceControl != nil && supportsRCP(service) &&
		(req.ManagementAccount == "" || owner != req.ManagementAccount) &&
		!caller.serviceLinked() && !req.AWSManaged &&
		!(b.trust && isServiceLinkedRole(req.Resource)) && !equalFold(req.Action, "kms:RetireGrant")
	b.needsResourceGrant = req.NeedsResourceGrant || b.trust || equalFold(service, "kms") && isKey(req.Resource)
	return b
}

// needsNoPermission reports whether every caller may perform an action, whatever the policies contain.
func needsNoPermission(action string) bool {
	return equalFold(action, "sts:GetCallerIdentity") || equalFold(action, "sts:GetSessionToken")
}

// Owner returns the account that owns the resource: ResourceAccount, or the account in the resource's ARN, or
// the caller's account.
func (r *Request) Owner() string {
	_, account := arnParts(r.Resource)
	return r.owner(account)
}

// owner returns Owner, given the account in the resource's ARN.
func (r *Request) owner(account string) string {
	return cmp.Or(r.ResourceAccount, account, r.Principal.Account)
}

// servicePrefix returns the part of an action before the colon.
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

// layerResults holds the result of every layer. For resource control policies only
// denials count: the policy that AWS attaches at every level allows everything.
type layerResults struct {
	rcp, scp, endpoint, resource, identity, boundary, session layerResult
}

// evaluateLayers evaluates the layers that apply, in the order in which denials are
// reported. It stops at the first that denies, unless the evaluator has a trace.
func (e *evaluator) evaluateLayers(l *layerResults, b *binding, p *Policies) {
	if b.rcp {
		for i, level := range p.ResourceControl {
			l.rcp.denied = e.evaluate(level, ResourceControl, i).denied || l.rcp.denied
		}
	}
	if b.scp && p.ServiceControl != nil && e.continueAfter(&l.rcp) {
		l.scp = layerResult{attached: true, allowed: true}
		for i, level := range p.ServiceControl {
			l.scp.intersect(e.evaluate(level, ServiceControl, i))
		}
	}
	if !e.continueAfter(&l.rcp) || !e.continueAfter(&l.scp) {
		return
	}
	for _, layer := range [...]struct {
		result   *layerResult
		applies  bool
		policies []Attached
		kind     Kind
	}{
		{&l.endpoint, true, p.Endpoint, Endpoint},
		{&l.resource, b.resource, p.Resource, b.resourceKind()},
		{&l.identity, b.identity, p.Identity, Identity},
		{&l.boundary, b.identity, p.Boundary, Boundary},
		{&l.session, b.session, p.Session, Session},
	} {
		if layer.applies && layer.policies != nil {
			*layer.result = e.evaluate(layer.policies, layer.kind, 0)
			if !e.continueAfter(layer.result) {
				return
			}
		}
	}
}

// continueAfter reports whether the layers after this one must be evaluated.
func (e *evaluator) continueAfter(l *layerResult) bool { return !l.denied || e.trace != nil }

// intersect adds the next level of the organization: every level must allow.
func (l *layerResult) intersect(level layerResult) {
	l.denied = l.denied || level.denied
	l.allowed = l.allowed && level.allowed
}

func (b *binding) resourceKind() Kind {
	if b.trust {
		return Trust
	}
	return Resource
}

// blocks reports whether a layer that limits permissions does not allow the request.
func (l *layerResult) blocks() bool { return l.attached && !l.allowed }

// combine derives the decision from the results of the layers.
func combine(b *binding, l *layerResults) Decision {
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
	case b.unsupported:
		return Decision{ImplicitDeny, LayerSession}
	}
	granted := l.resource.allowed && !b.crossPartition
	switch b.caller {
	case User, RoleSession, FederatedUser:
		if b.sameAccount && !b.crossPartition {
			return combineSameAccount(b, l)
		}
		return combineCrossAccount(b, l, granted)
	case Root:
		switch {
		case b.sameAccount && !b.crossPartition && !b.needsResourceGrant:
			return b.limit(l, true, Decision{Allow, LayerRoot})
		case !granted:
			return Decision{ImplicitDeny, LayerResource}
		}
		return b.limit(l, true, Decision{Allow, LayerResource})
	}
	// A service, an anonymous caller or an identity provider has no identity policies.
	if !granted {
		return Decision{ImplicitDeny, LayerResource}
	}
	return Decision{Allow, LayerResource}
}

func firstDenial(l *layerResults) Layer {
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

// combineSameAccount decides within one account. A grant of the resource policy to
// the caller itself needs nothing else; a grant to the role of a session, or to the
// user of a federated session, is limited by permissions boundary and session
// policy; a grant to the account delegates to the caller's own policies.
func combineSameAccount(b *binding, l *layerResults) Decision {
	named := l.resource.coverage
	if named&(byEveryone|byName) != 0 {
		if b.trust && b.caller == User && named&byEveryone == 0 && l.boundary.blocks() {
			// The permissions boundary limits also a user that a trust policy names.
			return Decision{ImplicitDeny, LayerBoundary}
		}
		return Decision{Allow, LayerResource}
	}
	if b.needsResourceGrant && !l.resource.allowed {
		return Decision{ImplicitDeny, LayerResource}
	}
	switch {
	case named&byIssuer != 0:
		return b.limit(l, true, Decision{Allow, LayerResource})
	case b.needsResourceGrant:
		return b.limit(l, l.identity.allowed, Decision{Allow, LayerResource | LayerIdentity})
	}
	return b.limit(l, l.identity.allowed, Decision{Allow, LayerIdentity})
}

// combineCrossAccount decides across accounts: both sides must allow.
func combineCrossAccount(b *binding, l *layerResults, granted bool) Decision {
	if !granted {
		return Decision{ImplicitDeny, LayerResource}
	}
	return b.limit(l, l.identity.allowed, Decision{Allow, LayerResource | LayerIdentity})
}

// limit applies permissions boundary and session policy to a grant.
func (b *binding) limit(l *layerResults, granted bool, grant Decision) Decision {
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
