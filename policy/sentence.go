package policy

import (
	"strings"
)

// Sentence states the decision in the form of AWS's AccessDenied messages. AWS has no message for an allow;
// Writ defines its own.
//
// Messages: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func (d Decision) Sentence(req *Request) string {
	trust := isAssumeRole(req.Action)
	caller := req.Principal.name()
	operation := req.Action
	if req.Resource != "" && req.Resource != "*" {
		operation += " on resource: " + req.Resource
	}
	noun := policyNoun(d.Layer, trust)
	switch d.Verdict {
	case Allow:
		return "User: " + caller + " is authorized to perform: " + operation + " because " + allowReason(d.Layer, trust, req.Action)
	case ExplicitDeny:
		article := article(noun)
		if d.Layer == LayerResource && trust {
			article = "the"
		}
		return "User: " + caller + " is not authorized to perform: " + operation + " with an explicit deny in " + article + " " + noun
	}
	return "User: " + caller + " is not authorized to perform: " + operation + " because no " + noun + " allows the " + req.Action + " action"
}

// policyNoun returns AWS's term for the policies of a layer.
func policyNoun(l Layer, trust bool) string {
	switch l {
	case LayerResource:
		if trust {
			return "role trust policy"
		}
		return "resource-based policy"
	case LayerBoundary:
		return "permissions boundary"
	case LayerSession:
		return "session policy"
	case LayerServiceControl:
		return "service control policy"
	case LayerResourceControl:
		return "resource control policy"
	case LayerEndpoint:
		return "VPC endpoint policy"
	}
	return "identity-based policy"
}

func article(noun string) string {
	if strings.HasPrefix(noun, "identity") {
		return "an"
	}
	return "a"
}

func allowReason(l Layer, trust bool, action string) string {
	switch l {
	case LayerRoot:
		return "it is the root user of the account that owns the resource"
	case LayerExempt:
		return "the action needs no permission"
	case LayerResource | LayerIdentity:
		return "a " + policyNoun(LayerResource, trust) + " and an identity-based policy allow the " + action + " action"
	}
	noun := policyNoun(l, trust)
	return article(noun) + " " + noun + " allows the " + action + " action"
}

// denyingPolicy returns ": arn:..." for the policy that denies, if it has an ARN.
func denyingPolicy(x *Explanation) string {
	if x.Decision.Verdict != ExplicitDeny {
		return ""
	}
	for _, l := range x.Layers {
		if l.Layer != x.Decision.Layer {
			continue
		}
		for _, s := range l.Statements {
			if s.Applies && s.Effect != "Allow" && strings.HasPrefix(s.Policy, "arn:") {
				return ": " + s.Policy
			}
		}
	}
	return ""
}
