package lint

import "github.com/writdev/writ/policy"

// organizationCodes lists the checks of resource control policies for requests by AWS services, which have
// different condition keys.
var organizationCodes = []code{
	{"RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", policy.Warning},
	{"RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", policy.Warning},
	{"RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", policy.Warning},
}

func (l *linter) checkResourceControl(s *statement) {
	if l.Kind != policy.ResourceControl || !s.deny {
		return
	}
	asked := map[string]bool{}
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.isPresence || !c.negated {
			continue
		}
		principal := c.isOn("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount")
		source := c.isOn("aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceaccount")
		isService := s.has("aws:principalisawsservice")
		switch {
		case principal && !isService:
			l.add("RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", c.node(), "the statement also denies AWS services, whose requests have no %s; add BoolIfExists aws:PrincipalIsAWSService \"false\"", c.key.Name)
		case source && !isService:
			l.add("RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", c.node(), "only requests by AWS services have %s; add Bool aws:PrincipalIsAWSService \"true\"", c.key.Name)
		}
		if source && !s.requiresSource() && !asked["null"] {
			asked["null"] = true
			l.add("RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", c.node(), "a service does not always act on behalf of a resource; add Null aws:SourceAccount or aws:SourceArn \"false\"")
		}
	}
}

// requiresSource reports whether a Null condition requires the account or ARN of the source.
func (s *statement) requiresSource() bool {
	for i := range s.conditions {
		if c := &s.conditions[i]; c.isPresence && c.needsKey() && c.isOn("aws:sourceaccount", "aws:sourcearn") {
			return true
		}
	}
	return false
}
