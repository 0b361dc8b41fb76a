package lint

import (
	"strings"

	"github.com/writdev/writ/policy"
)

// roleCodes lists the checks of permissions to pass roles and to create service-linked roles: passing a role
// gives a service the role's permissions.
var roleCodes = []code{
	{"PASS_ROLE_WITH_STAR_IN_RESOURCE", policy.SecurityWarning},
	{"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", policy.SecurityWarning},
	{"PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", policy.SecurityWarning},
	{"PASS_ROLE_WITH_NOT_RESOURCE", policy.SecurityWarning},
	{"PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", policy.SecurityWarning},
	{"PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", policy.SecurityWarning},
	{"CREATE_SLR_WITH_STAR_IN_RESOURCE", policy.Warning},
	{"CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", policy.Warning},
	{"CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", policy.Warning},
	{"CREATE_SLR_WITH_NOT_RESOURCE", policy.Warning},
	{"CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", policy.Warning},
	{"CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE", policy.Warning},
}

// roleActions lists the two actions, with the condition key that limits each to certain services.
var roleActions = []struct{ prefix, action, key, does string }{
	{"PASS_ROLE", "iam:PassRole", "iam:passedtoservice", "lets any role be passed to a service"},
	{"CREATE_SLR", "iam:CreateServiceLinkedRole", "iam:awsservicename", "lets service-linked roles of any service be created"},
}

func (l *linter) checkRoles(s *statement) {
	if !l.ofCaller() || !s.allow {
		return
	}
	resource, ok := anyRoleResource(s)
	if !ok {
		return
	}
	for _, r := range roleActions {
		if s.has(r.key) {
			continue
		}
		action, form, ok := s.grants(r.action)
		if !ok {
			continue
		}
		code := r.prefix + "_WITH_" + combined(form, s.notResource)
		l.add(code, action, "%s on these resources %s; name the roles, or add the condition key %s", r.action, r.does, r.key).and(resource)
	}
}

// anyRoleResource returns the Resource that matches any role: a wildcard, or all of NotResource.
func anyRoleResource(s *statement) (policy.Node, bool) {
	if s.notResource {
		return s.NotResource.Key, true
	}
	for _, v := range s.Resource.Values {
		if v.Text == "*" || strings.HasPrefix(v.Text, "arn:") && (strings.HasSuffix(v.Text, ":role/*") || strings.HasSuffix(v.Text, ":*") && strings.Count(v.Text, ":") < 6) {
			return v.Node, true
		}
	}
	return policy.Node{}, false
}

// grants returns how a statement names an action: in full (""), with a wildcard (STAR_IN_ACTION) or by not
// excluding it (NOT_ACTION).
func (s *statement) grants(name string) (at policy.Node, form string, ok bool) {
	for i := range s.actions {
		a := &s.actions[i]
		switch {
		case !a.matches(name):
			continue
		case s.notAction:
			return at, "", false
		case a.is(name):
			return a.Node, "", true
		}
		at, form, ok = a.Node, "STAR_IN_ACTION", true
	}
	if s.notAction {
		return s.NotAction.Key, "NOT_ACTION", true
	}
	return at, form, ok
}

// combined returns the second half of a code.
func combined(form string, notResource bool) string {
	switch {
	case notResource && form == "":
		return "NOT_RESOURCE"
	case notResource:
		return form + "_AND_NOT_RESOURCE"
	case form == "":
		return "STAR_IN_RESOURCE"
	case form == "NOT_ACTION":
		return "STAR_IN_RESOURCE_AND_NOT_ACTION"
	}
	return "STAR_IN_ACTION_AND_RESOURCE"
}
