package analyze

import (
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// Subject selects the requests of a comparison of policy sets. The zero value selects every request.
type Subject struct {
	// Principal is the caller. If it is nil, the comparison covers all callers of the kinds in Kinds, or of
	// all kinds if Kinds is empty.
	Principal *policy.Principal
	Kinds     []policy.PrincipalKind

	Action   string // a pattern such as "s3:Get*"; empty means any
	Resource string // a pattern; empty means any
}

// CompareSets compares two sets of policies that apply to the same requests, over all layers together:
// identity policies, permissions boundary, session policies, service and resource control policies of every
// level, resource policy and endpoint policy. One question thus covers the effect of a boundary or of a
// changed SCP on a principal.
func CompareSets(old, new *policy.Policies, about Subject, options Options) Comparison {
	s := &sets{policies: [2]*policy.Policies{old, new}, about: about}
	kinds := about.Kinds
	switch {
	case about.Principal != nil:
		kinds = []policy.PrincipalKind{about.Principal.Kind}
	case len(kinds) == 0:
		kinds = []policy.PrincipalKind{
			policy.User, policy.RoleSession, policy.Root, policy.Service, policy.Anonymous, policy.WebIdentity, policy.FederatedUser,
		}
	}
	q := question{kinds: kinds, goals: s.goals, try: s.try}
	for i, p := range s.policies {
		q.sides[i] = documentsOf(p)
		for _, d := range q.sides[i] {
			if !slices.Contains(q.documents, d) {
				q.documents = append(q.documents, d)
			}
		}
	}
	return q.answer(options)
}

// sets is a comparison of two sets of policies.
type sets struct {
	policies [2]*policy.Policies
	about    Subject
}

// documentsOf returns the documents of all layers.
func documentsOf(p *policy.Policies) []*policy.Document {
	var docs []*policy.Document
	layers := [][]policy.Attached{p.Identity, p.Boundary, p.Session, p.Resource, p.Endpoint}
	for _, layer := range slices.Concat(layers, p.ServiceControl, p.ResourceControl) {
		for _, a := range layer {
			if a.Document != nil {
				docs = append(docs, a.Document)
			}
		}
	}
	return docs
}

// goals distinguishes two cases: the caller's account or another account owns the resource.
func (s *sets) goals(b *builder) [2][]goal {
	var goals [2][]goal
	subject := s.subject(b)
	for i := range goals {
		for _, own := range s.ownerships(b) {
			one := (&layerSet{b, s.policies[i], own}).allowed()
			other := (&layerSet{b, s.policies[1-i], own}).allowed()
			goals[i] = append(goals[i], goal{and(subject, b.ownership(own), one), func() *formula { return not(other) }})
		}
	}
	return goals
}

// ownerships returns the cases of resource ownership that make a difference.
func (s *sets) ownerships(b *builder) []bool {
	if b.caller.ofAccount() {
		return []bool{true, false}
	}
	return []bool{false}
}

// ownership returns a formula that holds in one of the two cases of ownership. No policy reads it.
func (b *builder) ownership(own bool) *formula {
	f := b.key(ownershipKey)
	l := positive(b.intern("foreign", func() atom {
		return atom{field: f, predicate: &predicate{present: true}}
	}))
	if own {
		return is(l.negate())
	}
	return is(l)
}

// ownershipKey is present if another account owns the resource. It is not a condition key: no policy can
// contain its name.
const ownershipKey = "\x00foreign"

// subject returns the formula of the requests in question.
func (s *sets) subject(b *builder) *formula {
	f := yes
	if p := s.about.Principal; p != nil {
		t := callerText(p)
		f = and(f, is(b.named(b.caller.field(), "is "+t, func() *language { return newLanguage(pattern(nil).text(t)) })))
	}
	if s.about.Action != "" {
		f = and(f, is(b.named(actionField, "like "+s.about.Action, func() *language { return globLanguage(foldKey(s.about.Action)) })))
	}
	if s.about.Resource != "" {
		f = and(f, is(b.named(resourceField, "like "+s.about.Resource, func() *language {
			return globLanguage(s.about.Resource, b.resourceTail()...)
		})))
	}
	return f
}

// resourceTail returns the suffix of the resource in the field's text.
func (b *builder) resourceTail() pattern {
	if b.ownerKey {
		return pattern(nil).text("\n").star(0)
	}
	return nil
}

// globLanguage returns the language of a pattern in which "*" and "?" are special.
func globLanguage(glob string, tail ...step) *language {
	var p pattern
	for _, r := range glob {
		switch r {
		case '*':
			p = p.star(0)
		case '?':
			p = p.one(0)
		default:
			p = p.text(string(r))
		}
	}
	return newLanguage(append(p, tail...))
}

// callerText returns a caller in the encoding of its kind.
func callerText(p *policy.Principal) string {
	switch p.Kind {
	case policy.Anonymous:
		return "*"
	case policy.RoleSession:
		return p.Issuer + "\n" + sessionName(p.ARN)
	}
	return p.ARN
}

func sessionName(arn string) string {
	_, rest, _ := strings.Cut(arn, ":assumed-role/")
	_, session, _ := strings.Cut(rest, "/")
	return session
}

// layerSet makes the formula of the requests that one set of policies allows to callers of one kind, for
// resources in their own account or in another. It reproduces package policy's decision layer by layer.
type layerSet struct {
	*builder
	p   *policy.Policies
	own bool
}

func (s *layerSet) allowed() *formula {
	b, kind := s.builder, s.caller.kind
	account := s.caller.ofAccount()
	conditions := []*formula{s.organization()}
	if s.p.Endpoint != nil {
		conditions = append(conditions, s.grants(s.p.Endpoint, policy.Endpoint), not(s.denies(s.p.Endpoint, policy.Endpoint)))
	}
	if s.p.Resource != nil {
		denied := s.denies(s.p.Resource, policy.Resource)
		if kind == policy.Root && s.own {
			denied = and(denied, not(b.bucketPolicyAction()))
		}
		conditions = append(conditions, not(denied))
	}
	if account {
		conditions = append(conditions, not(s.denies(s.p.Session, policy.Session)))
		if kind != policy.Root {
			conditions = append(conditions, not(s.denies(s.p.Identity, policy.Identity)), not(s.denies(s.p.Boundary, policy.Boundary)))
		}
	}
	if kind == policy.FederatedUser {
		conditions = append(conditions, not(b.actionLike("iam:*", "sts:*")))
	}
	return and(append(conditions, s.granted())...)
}

// organization returns a formula that holds for requests that the control policies allow.
func (s *layerSet) organization() *formula {
	linked := s.serviceLinked()
	var rcp, scp []*formula
	for _, level := range s.p.ResourceControl {
		rcp = append(rcp, not(s.denies(level, policy.ResourceControl)))
	}
	if s.caller.ofAccount() {
		for _, level := range s.p.ServiceControl {
			scp = append(scp, s.grants(level, policy.ServiceControl), not(s.denies(level, policy.ServiceControl)))
		}
	}
	return and(or(linked, not(s.boundByRCP()), and(rcp...)), or(linked, and(scp...)))
}

// granted returns a formula that holds for requests that identity policies or the resource policy grant,
// within boundary and session policy.
func (s *layerSet) granted() *formula {
	kind := s.caller.kind
	var resource *formula = no
	if s.p.Resource != nil {
		resource = s.grants(s.p.Resource, policy.Resource)
	}
	if !s.caller.ofAccount() {
		return resource
	}
	ceilings := s.limits()
	identity := s.grants(s.p.Identity, policy.Identity)
	must := or(s.assumesRole(), s.usesKey())
	switch {
	case kind == policy.Root && s.own:
		if s.p.Resource != nil {
			resource = and(resource, not(s.bucketPolicyAction()))
		}
		return and(ceilings, or(not(must), resource))
	case kind == policy.Root:
		return and(ceilings, resource)
	case !s.own:
		return and(resource, identity, ceilings)
	}
	direct, named := s.via(everyoneVia), s.via(selfVia)
	if kind == policy.User && s.p.Boundary != nil {
		// The boundary of a user named in a trust policy still applies.
		named = and(named, or(not(s.assumesRole()), s.grants(s.p.Boundary, policy.Boundary)))
	}
	return or(direct, named, and(s.via(issuerVia), ceilings), and(identity, ceilings, or(not(must), resource)))
}

// limits returns a formula that holds for requests within boundary and session policy.
func (s *layerSet) limits() *formula {
	f := yes
	if s.p.Boundary != nil && s.caller.kind != policy.Root {
		f = and(f, s.grants(s.p.Boundary, policy.Boundary))
	}
	if s.p.Session != nil {
		return and(f, s.grants(s.p.Session, policy.Session))
	}
	if s.caller.kind == policy.FederatedUser {
		return no
	}
	return f
}

// usesKey returns a formula that holds for KMS actions on keys, which require the key policy.
func (b *builder) usesKey() *formula {
	return and(b.actionLike("kms:*"), is(b.named(resourceField, "key", func() *language {
		return newLanguage(slices.Concat(pattern(nil).star(exceptNewline).text(":key/").one(exceptNewline).star(exceptNewline), b.resourceTail()))
	})))
}

func (b *builder) bucketPolicyAction() *formula {
	return b.actionLike("s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy")
}

func (s *layerSet) grants(layer []policy.Attached, kind policy.Kind) *formula {
	return s.anyClause(layer, kind, false)
}

func (s *layerSet) denies(layer []policy.Attached, kind policy.Kind) *formula {
	return s.anyClause(layer, kind, true)
}

func (s *layerSet) anyClause(layer []policy.Attached, kind policy.Kind, deny bool) *formula {
	var parts []*formula
	for _, a := range layer {
		if a.Document == nil {
			continue
		}
		for _, c := range a.Document.Clauses(kind) {
			if c.Deny != deny {
				continue
			}
			if s.p.Boundary != nil && s.caller.ofAccount() && s.caller.kind != policy.Root && c.Callers.Scope == policy.CoversOthers {
				c.Callers.Scope = policy.CoversAll // a NotPrincipal element does not exempt a caller with a boundary
			}
			parts = appendNew(parts, s.applies(&c))
		}
	}
	return or(parts...)
}

// via is the form in which an Allow statement of a resource policy names the caller.
type via uint8

const (
	everyoneVia via = iota
	selfVia
	issuerVia
)

// via returns a formula that holds if the resource policy allows the caller in this form.
func (s *layerSet) via(how via) *formula {
	var parts []*formula
	for _, a := range s.p.Resource {
		if a.Document == nil {
			continue
		}
		for _, c := range a.Document.Clauses(policy.Resource) {
			if c.Deny {
				continue
			}
			cover := s.caller.coverage(c.Callers.Entries)
			var who *formula
			switch {
			case c.Callers.Scope == policy.CoversAll:
				who = truth(how == everyoneVia)
			case c.Callers.Scope != policy.CoversListed:
				who = no
			case how == everyoneVia:
				who = truth(cover.everyone)
			case how == selfVia:
				who = s.callers(cover.self)
			default:
				who = s.callers(cover.issuer)
			}
			parts = appendNew(parts, and(who, s.appliesToAny(&c)))
		}
	}
	return or(parts...)
}

// try evaluates a draft against both sets.
func (s *sets) try(d *draft, allows side) (*Witness, bool) {
	req := d.request
	who := &req.Principal
	if s.about.Principal != nil {
		*who = *s.about.Principal
	}
	owner := ownAccount
	switch other := otherAccount; {
	case !accountKind(who.Kind) && isAccountID(d.owner):
		owner = d.owner
	case accountKind(who.Kind) && !d.foreign:
		owner = who.Account
	case accountKind(who.Kind):
		if owner = other; isAccountID(d.owner) && d.owner != who.Account {
			owner = d.owner
		} else if who.Account == other {
			owner = ownAccount
		}
	}
	if _, account := arnAccount(req.Resource); account != owner {
		req.ResourceAccount = owner
	}
	before, after := policy.Decide(&req, s.policies[oldSide]), policy.Decide(&req, s.policies[newSide])
	if before.Allowed() == after.Allowed() || after.Allowed() != (allows == newSide) {
		return nil, false
	}
	w := &Witness{Request: req, Before: before, After: after}
	for i, p := range s.policies {
		effect := "Deny"
		if side(i) == allows {
			effect = "Allow"
		}
		w.addAll(side(i) == newSide, p, effect)
	}
	return w, true
}

// addAll records the statements of all layers that apply and have the effect.
func (w *Witness) addAll(isNew bool, p *policy.Policies, effect string) {
	add := func(layer []policy.Attached, kind policy.Kind) {
		for _, a := range layer {
			if a.Document == nil {
				continue
			}
			n := len(w.Statements)
			w.add(isNew, a.Document, p, kind, effect)
			for i := n; i < len(w.Statements); i++ {
				w.Statements[i].Policy = a.Name
			}
		}
	}
	add(p.Identity, policy.Identity)
	add(p.Resource, policy.Resource)
	add(p.Boundary, policy.Boundary)
	add(p.Session, policy.Session)
	add(p.Endpoint, policy.Endpoint)
	for _, level := range p.ServiceControl {
		add(level, policy.ServiceControl)
	}
	for _, level := range p.ResourceControl {
		add(level, policy.ResourceControl)
	}
}
