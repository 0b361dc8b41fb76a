package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// authentication says what a request tells about MFA. It is told apart only where
// some policy or invariant reads it.
type authentication uint8

const (
	anyAuthentication authentication = iota
	longTerm                         // no aws:MultiFactorAuthPresent
	withoutMFA                       // temporary credentials: it is false
	withMFA                          // temporary credentials: it is true
)

// node is a principal with credentials.
type node struct {
	*actor
	auth authentication
}

// reply is the answer to whether a node may do something. The zero value denies.
type reply struct {
	request *policy.Request // allowed; nil if there is none
	maybe   string          // why there may be one though none is found
}

// authentications are those with which an actor can make requests.
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

// policies are those that bind the requests of an actor on a target.
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

// excluded reports, without a search, that a target's policies leave the actor out
// though it needs them.
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

// ask asks whether a node may do one of the actions on a target whose ARN matches
// one of the patterns, so that the conditions are violated if there are any.
func (m *Model) ask(n node, t *target, actions, patterns []string, violated []policy.Predicate) reply {
	if !m.namesSessions && t.excluded(n.actor) {
		return reply{}
	}
	if t.trust {
		if actions = assuming(actions); len(actions) == 0 {
			return reply{}
		}
	}
	p := policies(n.actor, t)
	known := m.known(n, t)
	if !n.outside && len(actions) == 1 && !strings.ContainsAny(actions[0]+t.arn, "*?") && !m.namesSessions {
		if !t.trust && strings.HasPrefix(strings.ToLower(actions[0]), "sts:assumerole") && t.implicit {
			return reply{} // the same role with its trust policy is a target too
		}
		req := m.plain(n, t, actions[0], known)
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

// assuming are the actions that assume a role and match one of the patterns: a
// trust policy binds no other.
func assuming(patterns []string) []string {
	var actions []string
	for _, a := range []string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"} {
		if slices.ContainsFunc(patterns, func(p string) bool { return meet(strings.ToLower(p), strings.ToLower(a)) }) {
			actions = append(actions, a)
		}
	}
	return actions
}

// plain is the request with no condition key but those that are known.
func (m *Model) plain(n node, t *target, action string, known []analyze.Known) *policy.Request {
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
