package policy

import (
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
)

func (v *validator) principals(s *Statement) {
	listed, unlisted := &s.Principal, &s.NotPrincipal
	switch {
	case v.kind.ofCaller():
		v.forbidPrincipal(listed, "UNSUPPORTED_PRINCIPAL", "Principal")
		v.forbidPrincipal(unlisted, "UNSUPPORTED_PRINCIPAL", "NotPrincipal")
		return
	case v.kind == ServiceControl:
		v.forbidPrincipal(listed, "SCP_SYNTAX_ERROR_PRINCIPAL", "Principal")
		v.forbidPrincipal(unlisted, "SCP_SYNTAX_ERROR_PRINCIPAL", "NotPrincipal")
		return
	}
	v.exclude(listed.Key, unlisted.Key, "Principal")
	if !listed.Present() && !unlisted.Present() {
		v.add("MISSING_PRINCIPAL", s.Node, "a statement needs a Principal in this kind of policy")
	}
	if unlisted.Present() && s.Effect.Text == "Allow" && v.kind != Trust && v.kind != ResourceControl {
		v.add("ALLOW_WITH_NOT_PRINCIPAL", unlisted.Key, "NotPrincipal with Allow would allow everyone else, including anonymous callers; use Principal")
	}
	if v.kind == ResourceControl {
		if unlisted.Present() || listed.Present() && listed.Any.Text != "*" {
			n := listed.Node
			if unlisted.Present() {
				n = unlisted.Key
			}
			v.add("RCP_SYNTAX_ERROR_PRINCIPAL", n, "Principal must be \"*\" in a resource control policy; restrict it with a condition")
		}
		return
	}
	v.principal(listed)
	v.principal(unlisted)
}

func (v *validator) forbidPrincipal(p *Principals, code, name string) {
	if p.Present() {
		v.add(code, p.Key, "%s is not allowed in this kind of policy: the policy applies to the principal it is attached to", name)
	}
}

func (v *validator) principal(p *Principals) {
	switch {
	case !p.Present():
		return
	case p.Any.Present() && p.Any.Text != "*":
		v.add("INVALID_PRINCIPAL_FORMAT", p.Any.Node, "Principal is \"*\" or an object such as {\"AWS\": %q}", p.Any.Text)
		return
	case p.Any.Present():
		return
	case len(p.Entries) == 0:
		v.add("EMPTY_OBJECT_PRINCIPAL", p.Node, "a statement without a principal matches no caller")
	}
	for _, e := range p.Entries {
		if len(e.Values.Values) == 0 {
			v.add("EMPTY_ARRAY_PRINCIPAL", e.Values.Node, "an empty list matches no caller")
		}
		if e.Type == "Federated" && v.kind != Trust {
			v.add("FEDERATED_PRINCIPAL_NOT_SUPPORTED", e.Values.Key, "a federated principal is allowed only in a trust policy")
		}
		for _, p := range e.Values.Values {
			v.unsupportedVariable(p, "Principal")
			v.principalValue(e.Type, p)
		}
	}
}

func (v *validator) principalValue(kind string, p Value) {
	text := p.Text
	switch {
	case text == "*" && (kind == "AWS" || kind == "Federated" && v.kind == Trust):
		return
	case strings.ContainsAny(text, "*?"):
		v.add("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", p.Node, "a principal is \"*\" or a full name without wildcards")
	case kind == "Service" && !isServicePrincipal(text):
		v.add("INVALID_SERVICE_PRINCIPAL_FORMAT", p.Node, "a service principal is like \"ec2.amazonaws.com\"")
	case kind == "AWS" && strings.HasPrefix(text, "AROA"):
		v.add("INVALID_ROLE_REFERENCE", p.Node, "this is the id of a deleted role; use the ARN of a role")
	case kind == "AWS" && strings.HasPrefix(text, "AIDA"):
		v.add("INVALID_USER_REFERENCE", p.Node, "this is the id of a deleted user; use the ARN of a user")
	case kind == "AWS" && !isAWSPrincipal(text):
		v.add("INVALID_PRINCIPAL_FORMAT", p.Node, "an AWS principal is an account id or the ARN of an account, user, role or session")
	}
}

func isAWSPrincipal(s string) bool {
	if isAccount(s) {
		return true
	}
	a, err := arn.Parse(s)
	if err != nil || a.Service != "iam" && a.Service != "sts" || !isAccount(a.Account) {
		return false
	}
	kind, name, ok := strings.Cut(a.Resource, "/")
	kinds := []string{"user", "role", "assumed-role", "federated-user"}
	return a.Resource == "root" || ok && name != "" && slices.Contains(kinds, kind)
}

func isServicePrincipal(s string) bool {
	name, ok := strings.CutSuffix(strings.TrimSuffix(s, ".cn"), ".amazonaws.com")
	return ok && name != "" && !strings.ContainsAny(name, ":/ ")
}

// trust checks the rules for a role's trust policy.
func (v *validator) trust(s *Statement) {
	for _, list := range []*List{&s.Resource, &s.NotResource} {
		if list.Present() {
			v.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", list.Key, "a trust policy applies to its role; Resource is not allowed in it")
		}
	}
	if s.NotPrincipal.Present() {
		v.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", s.NotPrincipal.Key, "NotPrincipal is not allowed in a trust policy")
	}
	if s.Principal.Any.Text == "*" && s.Effect.Text == "Allow" {
		v.add("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", s.Principal.Node, "everyone could assume the role")
	}
	for _, e := range s.Principal.Entries {
		for _, p := range e.Values.Values {
			switch {
			case e.Type == "AWS" && p.Text == "*" && s.Effect.Text == "Allow":
				v.add("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", p.Node, "everyone could assume the role")
			case e.Type == "Federated" && !isProvider(p.Text):
				v.add("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", p.Node, "a federated principal is a domain name or the ARN of a provider")
			case e.Type == "Federated":
				v.federatedActions(s, p)
			}
		}
	}
}

func isProvider(s string) bool {
	if a, err := arn.Parse(s); err == nil {
		return a.Service == "iam" && (strings.HasPrefix(a.Resource, "saml-provider/") || strings.HasPrefix(a.Resource, "oidc-provider/"))
	}
	return strings.Contains(s, ".") && !strings.ContainsAny(s, ":/ *?")
}

// federatedActions checks that a statement with a SAML or web identity provider has
// the matching AssumeRole action.
func (v *validator) federatedActions(s *Statement, provider Value) {
	saml := strings.Contains(provider.Text, ":saml-provider/")
	for _, a := range s.Action.Values {
		wrong := saml && equalFold(a.Text, "sts:AssumeRoleWithWebIdentity") || !saml && equalFold(a.Text, "sts:AssumeRoleWithSAML") || equalFold(a.Text, "sts:AssumeRole")
		if wrong {
			v.add("MISMATCHED_ACTION_FOR_PRINCIPAL", a.Node, "%s is not the action for the principal %q", a.Text, provider.Text)
		}
	}
}

// resourceControl checks the rules for a resource control policy: its only Allow
// statement is the one that AWS attaches.
func (v *validator) resourceControl(s *Statement) {
	if s.NotAction.Present() {
		v.add("RCP_SYNTAX_ERROR_NOTACTION", s.NotAction.Key, "NotAction is not allowed in a resource control policy")
	}
	if s.Effect.Text == "Allow" {
		all := len(s.Action.Values) == 1 && s.Action.Values[0].Text == "*" &&
			len(s.Resource.Values) == 1 && s.Resource.Values[0].Text == "*" && !s.Condition.Present()
		if !all {
			v.add("RCP_SYNTAX_ERROR_ALLOW", s.Effect.Node, "a resource control policy can only have Deny statements")
		}
		return
	}
	for _, a := range s.Action.Values {
		service, _, _ := strings.Cut(a.Text, ":")
		if !supportsRCP(service) {
			v.add("RCP_SYNTAX_ERROR_ACTION", a.Node, "the service does not support resource control policies")
		}
	}
}
