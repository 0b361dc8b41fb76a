package lint

import (
	"strings"

	"github.com/writdev/writ/policy"
)

// trustCodes lists the checks of the principals that a role trusts.
var trustCodes = []code{
	{"MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", policy.SecurityWarning},
	{"MISSING_GITHUB_REPO_CONDITION_KEY", policy.SecurityWarning},
	{"SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", policy.Warning},
	{"CONFIRM_AUDIENCE_CLAIM_TYPE", policy.Suggestion},
	{"FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", policy.SecurityWarning},
	{"MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", policy.Error},
	{"REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", policy.Suggestion},
}

const gitHub = "token.actions.githubusercontent.com"

func (l *linter) checkTrust(s *statement) {
	if l.Kind != policy.Trust || !s.allow {
		return
	}
	for _, v := range s.principals("Federated") {
		if provider, ok := webProvider(v.Text); ok {
			l.checkProvider(s, v, provider)
		}
	}
	for _, v := range s.principals("Service") {
		if strings.HasPrefix(v.Text, "rolesanywhere.") {
			l.checkRolesAnywhere(s, v)
		}
	}
	l.checkAudience(s)
	l.checkSessions(s)
}

// webProvider returns the domain (and path) that prefixes the condition keys of a web identity provider; a
// SAML provider has none.
func webProvider(principal string) (string, bool) {
	if _, provider, ok := strings.Cut(principal, ":oidc-provider/"); ok {
		return strings.ToLower(provider), true
	}
	return strings.ToLower(principal), !strings.Contains(principal, ":") && strings.Contains(principal, ".")
}

func (l *linter) checkProvider(s *statement, v policy.Value, provider string) {
	any, subject := false, (*condition)(nil)
	for i := range s.conditions {
		c := &s.conditions[i]
		any = any || strings.HasPrefix(c.name, provider+":") && c.needsKey()
		if c.name == provider+":sub" {
			subject = c
		}
	}
	switch {
	case provider == gitHub && (subject == nil || !subject.needsKey()):
		l.add("MISSING_GITHUB_REPO_CONDITION_KEY", v.Node, "every repository on GitHub may assume the role; add a condition on %s:sub", gitHub)
	case !any:
		l.add("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", v.Node, "every user of %s may assume the role; add a condition on %s:aud or %s:sub", provider, provider, provider)
	case provider == gitHub && !subject.negated:
		for _, value := range subject.values() {
			if isWild(value.Text) && !strings.HasSuffix(subject.base, "Equals") {
				l.add("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", value.Node, "name the repository and the branch: repo:organization/repository:ref:refs/heads/main")
			}
		}
	}
}

func (l *linter) checkRolesAnywhere(s *statement, v policy.Value) {
	var missing []string
	for _, name := range []string{"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"} {
		if _, _, ok := s.grants(name); !ok {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		l.add("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", v.Node, "IAM Roles Anywhere also needs %s", strings.Join(missing, " and "))
	}
}

// checkAudience reports qualifiers on the audience of a token, which most providers issue as one value.
func (l *linter) checkAudience(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		if !strings.HasSuffix(c.name, ":aud") || strings.HasPrefix(c.name, "aws:") || c.name == "saml:aud" {
			continue
		}
		switch {
		case c.forAny:
			l.add("FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", c.node(), "a token for several audiences passes if one of them is listed; remove ForAnyValue")
		case c.forAll:
			l.add("CONFIRM_AUDIENCE_CLAIM_TYPE", c.node(), "make sure that the provider issues the audience as a list; otherwise remove ForAllValues")
		}
	}
}

// checkSessions reports a session whose role is also listed.
func (l *linter) checkSessions(s *statement) {
	values := s.principals("AWS")
	for _, v := range values {
		account, session, ok := strings.Cut(v.Text, ":assumed-role/")
		if !ok {
			continue
		}
		role, _, _ := strings.Cut(session, "/")
		for _, other := range values {
			if other.Text == strings.Replace(account, ":sts:", ":iam:", 1)+":role/"+role {
				l.add("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", v.Node, "the role %s, which includes all its sessions, is also listed", role).and(other.Node).
					Fix = removeSpan("Remove the session", l.doc, v.Span)
			}
		}
	}
}
