package lint

import (
	"strings"

	"github.com/writdev/writ/policy"
)

// principalCodes lists the checks of the services that a resource-based policy trusts, and on whose behalf
// they act.
var principalCodes = []code{
	{"RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", policy.SecurityWarning},
	{"RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", policy.Suggestion},
	{"UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", policy.Error},
}

// sourceKeys lists the condition keys that identify on whose behalf a service acts.
var sourceKeys = []string{"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}

// callerKeys lists condition keys of principals in an account, which requests by a service do not have.
var callerKeys = []string{"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principaltag/", "aws:userid", "aws:username"}

func (l *linter) checkServicePrincipals(s *statement) {
	if l.Kind != policy.Resource || !s.allow {
		return
	}
	services := s.principals("Service")
	if len(services) == 0 {
		return
	}
	if len(s.Principal.Entries) == 1 {
		for i := range s.conditions {
			if c := &s.conditions[i]; c.isOn(callerKeys...) && c.needsKey() {
				l.add("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", c.node(), "requests by a service never have the key %s", c.key.Name)
			}
		}
	}
	if s.has(sourceKeys...) {
		return
	}
	for _, v := range services {
		if !strings.Contains(v.Text, ".") {
			continue
		}
		if s.has("aws:referer") {
			l.add("RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", v.Node, "specify on whose behalf %s may act with aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths", v.Text)
			continue
		}
		l.add("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", v.Node, "%s may act on behalf of anyone; add a condition on aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths", v.Text)
	}
}

// allowsEveryone reports whether a statement's Principal is everyone.
func allowsEveryone(s *statement) bool {
	if s.Principal.Any.Text == "*" {
		return true
	}
	for _, v := range s.principals("AWS") {
		if v.Text == "*" {
			return true
		}
	}
	return false
}
