package lint

import (
	"slices"
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
)

// ownCodes lists checks that Access Analyzer does not have.
var ownCodes = []code{
	{"ACTION_WITHOUT_RESOURCE", policy.Warning},
	{"ACTION_NEEDS_ALL_RESOURCES", policy.Suggestion},
	{"KEY_NEVER_PRESENT", policy.Warning},
	{"ALLOW_EVERYONE", policy.SecurityWarning},
	{"DENY_ESCAPED_WITHOUT_KEY", policy.SecurityWarning},
	{"PRIVILEGE_ESCALATION", policy.SecurityWarning},
}

func (l *linter) checkOwn(s *statement) {
	switch {
	case l.ofCaller() && s.allow:
		l.checkActionResources(s)
		l.checkEscalation(s)
	case l.Kind == policy.Resource && s.allow && allowsEveryone(s) && len(s.conditions) == 0:
		l.add("ALLOW_EVERYONE", s.Principal.Node, "anyone in the world may do this, even without an account; name the principals or add a condition")
	}
	if s.deny {
		l.checkDeny(s)
	}
}

// checkActionResources reports actions, named in full, that support none of the statement's resources and are
// therefore never allowed by the statement.
func (l *linter) checkActionResources(s *statement) {
	if s.notAction || s.notResource || len(s.Resource.Values) == 0 {
		return
	}
	for _, v := range s.Resource.Values {
		if f := strings.SplitN(v.Text, ":", 6); v.Text == "*" || len(f) < 6 || !isFixed(f[2]) {
			return
		}
	}
	for i := range s.actions {
		a := &s.actions[i]
		if a.wild || a.service == nil {
			continue
		}
		known, ok := a.service.Action(a.name)
		if !ok || slices.ContainsFunc(s.Resource.Values, func(v policy.Value) bool { return actsOn(known, v.Text) }) {
			continue
		}
		if len(known.Resources) == 0 {
			l.add("ACTION_NEEDS_ALL_RESOURCES", a.Node, "%s supports no resource type: it requires \"Resource\": \"*\"", a.Text).and(s.Resource.Node)
			continue
		}
		l.add("ACTION_WITHOUT_RESOURCE", a.Node, "%s supports none of the statement's resources, only %s", a.Text, known.Resources[0].Type.Pattern()).and(s.Resource.Node)
	}
}

func actsOn(a *catalog.Action, pattern string) bool {
	return slices.ContainsFunc(a.Resources, func(r catalog.ActionResource) bool { return r.Type.CanMatch(pattern) })
}

// checkDeny reports a Deny that does not cover requests it is apparently meant for, because they do not have
// the key.
func (l *linter) checkDeny(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		switch {
		case c.name == "aws:multifactorauthpresent" && c.base == "Bool" && !c.ifExists && only(c, "false") && !s.has("aws:tokenissuetime"):
			l.add("DENY_ESCAPED_WITHOUT_KEY", c.node(), "requests with long-term credentials do not have %s and are not denied; use BoolIfExists", c.key.Name).
				Fix = replaceNode("Change the operator to BoolIfExists", c.at.Key, "BoolIfExists")
		case c.isOn("aws:principalorgid", "aws:sourcevpce", "aws:sourcevpc", "aws:principaltag/") && c.forAny && c.negated:
			l.add("DENY_ESCAPED_WITHOUT_KEY", c.node(), "requests without %s are not denied; remove ForAnyValue", c.key.Name)
		}
	}
}

func only(c *condition, text string) bool {
	return len(c.values()) == 1 && strings.EqualFold(c.values()[0].Text, text)
}

// escalations lists actions that, if allowed on any resource, let the caller obtain every permission of the
// account.
var escalations = []string{
	"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:AttachUserPolicy", "iam:AttachGroupPolicy", "iam:AttachRolePolicy",
	"iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey",
	"iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:AddUserToGroup",
}

func (l *linter) checkEscalation(s *statement) {
	if s.notAction || s.notResource || len(s.conditions) > 0 {
		return
	}
	for _, v := range s.Resource.Values {
		if v.Text != "*" {
			continue
		}
		for i := range s.actions {
			a := &s.actions[i]
			if slices.ContainsFunc(escalations, a.is) {
				l.add("PRIVILEGE_ESCALATION", a.Node, "with %s on all resources the caller can grant itself any permission", a.Text).and(v.Node)
			}
		}
	}
}

// Published reports whether a code is one of Access Analyzer's own checks, not one of Writ's.
func Published(name string) bool {
	own := func(c code) bool { return c.name == name }
	return name != "UNLISTED_NAME" && !slices.ContainsFunc(ownCodes, own) && !slices.ContainsFunc(proofCodes, own)
}
