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
		v.add("ALLOW_WITH_NOT_PRINCIPAL", unlisted.Key, "NotPrincipal with Allow would let in everybody else, the anonymous included; use Principal")
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
		v.add(code, p.Key, "%s may not stand in this kind of policy: it speaks of whom it is attached to", name)
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
		v.add("EMPTY_OBJECT_PRINCIPAL", p.Node, "a statement without a principal matches nobody")
	}
	for _, e := range p.Entries {
		if len(e.Values.Values) == 0 {
			v.add("EMPTY_ARRAY_PRINCIPAL", e.Values.Node, "an empty list names nobody")
		}
		if e.Type == "Federated" && v.kind != Trust {
			v.add("FEDERATED_PRINCIPAL_NOT_SUPPORTED", e.Values.Key, "a federated principal can stand in a trust policy only")
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
		v.add("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", p.Node, "a principal is \"*\" or named in full")
	case kind == "Service" && !isServicePrincipal(text):
		v.add("INVALID_SERVICE_PRINCIPAL_FORMAT", p.Node, "a service principal is like \"ec2.amazonaws.com\"")
	case kind == "AWS" && strings.HasPrefix(text, "AROA"):
		v.add("INVALID_ROLE_REFERENCE", p.Node, "this is the id of a deleted role; name the role by its ARN")
	case kind == "AWS" && strings.HasPrefix(text, "AIDA"):
		v.add("INVALID_USER_REFERENCE", p.Node, "this is the id of a deleted user; name the user by its ARN")
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

// trust checks what is particular to a role's trust policy.
func (v *validator) trust(s *Statement) {
	for _, list := range []*List{&s.Resource, &s.NotResource} {
		if list.Present() {
			v.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", list.Key, "a trust policy speaks of its role; no Resource may stand in it")
		}
	}
	if s.NotPrincipal.Present() {
		v.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", s.NotPrincipal.Key, "a trust policy names its principals; NotPrincipal may not stand in it")
	}
	if s.Principal.Any.Text == "*" && s.Effect.Text == "Allow" {
		v.add("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", s.Principal.Node, "everybody could assume the role")
	}
	for _, e := range s.Principal.Entries {
		for _, p := range e.Values.Values {
			switch {
			case e.Type == "AWS" && p.Text == "*" && s.Effect.Text == "Allow":
				v.add("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", p.Node, "everybody could assume the role")
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

// federatedActions checks that a SAML provider stands with its action and a web
// identity provider with its own.
func (v *validator) federatedActions(s *Statement, provider Value) {
	saml := strings.Contains(provider.Text, ":saml-provider/")
	for _, a := range s.Action.Values {
		wrong := saml && equalFold(a.Text, "sts:AssumeRoleWithWebIdentity") || !saml && equalFold(a.Text, "sts:AssumeRoleWithSAML") || equalFold(a.Text, "sts:AssumeRole")
		if wrong {
			v.add("MISMATCHED_ACTION_FOR_PRINCIPAL", a.Node, "%s is not the action for %q", a.Text, provider.Text)
		}
	}
}

// resourceControl checks what is particular to a resource control policy: the
// only Allow is the one AWS attaches.
func (v *validator) resourceControl(s *Statement) {
	if s.NotAction.Present() {
		v.add("RCP_SYNTAX_ERROR_NOTACTION", s.NotAction.Key, "NotAction may not stand in a resource control policy")
	}
	if s.Effect.Text == "Allow" {
		all := len(s.Action.Values) == 1 && s.Action.Values[0].Text == "*" &&
			len(s.Resource.Values) == 1 && s.Resource.Values[0].Text == "*" && !s.Condition.Present()
		if !all {
			v.add("RCP_SYNTAX_ERROR_ALLOW", s.Effect.Node, "a resource control policy only denies")
		}
		return
	}
	for _, a := range s.Action.Values {
		service, _, _ := strings.Cut(a.Text, ":")
		if !bindsRCP(service) {
			v.add("RCP_SYNTAX_ERROR_ACTION", a.Node, "resource control policies do not bind this service")
		}
	}
}
