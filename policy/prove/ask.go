package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// authentication describes what a request contains about MFA. The cases are distinguished only if some policy
// or invariant reads it.
type authentication uint8

const (
	anyAuthentication authentication = iota
	longTerm                         // no aws:MultiFactorAuthPresent
	withoutMFA                       // temporary credentials: the key is false
	withMFA                          // temporary credentials: the key is true
)

// node is a principal with credentials.
type node struct {
	*actor
	auth authentication
}

// reply answers whether a node may perform a request. The zero value denies.
type reply struct {
	request *policy.Request // an allowed request; nil if there is none
	maybe   string          // why one may exist although none is found
}

// authentications returns the cases in which an actor can make requests.
func (m *Model) authentications(a *actor) []authentication {
	switch {
	case !m.splitsMFA:
		return []authentication{anyAuthentication}
	case a.kind == policy.RoleSession:
		return []authentication{withoutMFA, withMFA}
	case a.kind == policy.User || a.kind == policy.Root:
		return []authentication{longTerm, withoutMFA, withMFA}
	}
	return []authentication{longTerm}
}

func (m *Model) known(n node, t *target) []analyze.Known {
	known := slices.Concat(n.known, t.known)
	switch n.auth {
	case longTerm:
		known = append(known, analyze.Known{Key: "aws:MultiFactorAuthPresent", Absent: true}, analyze.Known{Key: "aws:MultiFactorAuthAge", Absent: true})
	case withoutMFA:
		known = append(known, analyze.Known{Key: "aws:MultiFactorAuthPresent", Value: "false"}, analyze.Known{Key: "aws:MultiFactorAuthAge", Absent: true})
	case withMFA:
		known = append(known, analyze.Known{Key: "aws:MultiFactorAuthPresent", Value: "true"})
	}
	return known
}

// policies returns the policies that apply to an actor's requests for a target.
func policies(a *actor, t *target) *policy.Policies {
	p := &policy.Policies{Identity: a.identity, Boundary: a.boundary, Session: a.session, Resource: t.policies, ResourceControl: t.owner.rcp}
	if a.kind == policy.Root || a.kind == policy.Anonymous || a.kind == policy.Service || a.kind == policy.WebIdentity {
		p.Identity = nil
	}
	if a.account != nil {
		p.ServiceControl = a.account.scp
	}
	return p
}

// excluded reports, without a search, that the target's policies do not grant access to the actor although
// the actor needs their grant.
func (t *target) excluded(a *actor) bool {
	if !t.trust && a.account == t.owner || t.everyone {
		return false
	}
	if len(t.principals) == 0 {
		return true
	}
	if a.outside {
		return false
	}
	p := a.callers.Principal
	return !t.accounts[p.Account] && !t.principals[p.ARN] && !t.principals[p.Issuer]
}

// ask asks whether a node may perform one of the actions on a target whose ARN matches one of the patterns,
// in a request that violates the conditions, if there are any.
func (m *Model) ask(n node, t *target, actions, patterns []string, violated []policy.Predicate) reply {
	if !m.namesSessions && t.excluded(n.actor) {
		return reply{}
	}
	if t.trust {
		if actions = assumeActions(actions); len(actions) == 0 {
			return reply{}
		}
	}
	p := policies(n.actor, t)
	known := m.known(n, t)
	if !n.outside && len(actions) == 1 && !strings.ContainsAny(actions[0]+t.arn, "*?") && !m.namesSessions {
		if !t.trust && strings.HasPrefix(strings.ToLower(actions[0]), "sts:assumerole") && t.implicit {
			return reply{} // the same role with its trust policy is also a target
		}
		req := m.minimalRequest(n, t, actions[0], known)
		if b, ok := m.boundPolicies(p); ok && !policy.Decide(req, &b).Allowed() {
			return reply{}
		}
		if policy.Decide(req, p).Allowed() && (violated == nil || !analyze.Hold(violated, req)) {
			return reply{request: req}
		}
	}
	q := analyze.Permission{
		Callers: n.callers, Actions: actions, Resources: patterns, Within: []string{t.arn},
		Owner: t.owner.ID, Management: m.management(), Known: known, Violates: violated,
	}
	switch {
	case t.trust:
		q.Resources = nil
	case t.implicit:
		q.NotActions = []string{"sts:assumerole*"}
	}
	if n.outside {
		q.Never = m.never
	} else if n.kind == policy.RoleSession && !n.declared() {
		q.Callers = analyze.Callers{Role: n.callers.Principal}
	}
	a := analyze.Permits(p, q, analyze.Options{Facts: m.Facts})
	switch {
	case a.Witness != nil && !n.outside && n.id == "" && a.Witness.Request.Context.Has("aws:userid") && n.kind != policy.Root:
		return reply{maybe: fmt.Sprintf("%s on %s: the unique id of %s is not declared", strings.Join(actions, ", "), t.arn, n.name)}
	case a.Witness != nil:
		return reply{request: &a.Witness.Request}
	case a.Unknown:
		reason := strings.NewReplacer(" of the old policy", "", " of the new policy", "").Replace(a.Reason)
		return reply{maybe: fmt.Sprintf("%s, %s on %s: %s", n.name, strings.Join(actions, ", "), t.arn, reason)}
	}
	return reply{}
}

// assumeActions returns the actions that assume a role and match one of the patterns: trust policies apply only to
// those.
func assumeActions(patterns []string) []string {
	var actions []string
	for _, a := range []string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"} {
		if slices.ContainsFunc(patterns, func(p string) bool { return patternsOverlap(strings.ToLower(p), strings.ToLower(a)) }) {
			actions = append(actions, a)
		}
	}
	return actions
}

// minimalRequest returns the request that contains only the known condition keys.
func (m *Model) minimalRequest(n node, t *target, action string, known []analyze.Known) *policy.Request {
	req := &policy.Request{Principal: *n.callers.Principal, Action: action, Resource: t.arn, ResourceAccount: t.owner.ID, ManagementAccount: m.management()}
	for _, k := range known {
		if !k.Absent {
			req.Context.Set(k.Key, k.Value)
		}
	}
	return req
}

func (m *Model) management() string {
	if m.org == nil {
		return ""
	}
	return m.org.ManagementAccount
}
