package identity

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/policy"
)

// SessionSettings are properties of a hypothetical session, in place of those that the caller has. A nil member
// changes nothing; an empty one removes the property. The rules are those of the STS operation that sets a
// property: AssumeRole for policies, tags and the source identity, GetSessionToken for MFA.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
type SessionSettings struct {
	// Policy is the inline session policy.
	Policy *string `json:"policy,omitempty"`
	// PolicyARNs are the managed session policies.
	PolicyARNs []string `json:"policyArns,omitempty"`
	// Tags are the session tags.
	Tags map[string]string `json:"tags,omitempty"`
	// SourceIdentity is the source identity.
	SourceIdentity *string `json:"sourceIdentity,omitempty"`
	// MFA is whether the user authenticated with MFA when the session began, which is now.
	MFA *bool `json:"mfa,omitempty"`
}

// IsZero reports whether the settings change nothing.
func (s SessionSettings) IsZero() bool {
	return s.Policy == nil && s.PolicyARNs == nil && s.Tags == nil && s.SourceIdentity == nil && s.MFA == nil
}

// Limits of sessions. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxSessionPolicy     = 2048 // characters of the inline policy and the ARNs together
	maxSessionPolicyARNs = 10
	maxSessionTags       = 50
	maxTagKey            = 128 // characters
	maxTagValue          = 256
)

var sourceIdentityPattern = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// WithSession returns the caller with another session. The error describes what AWS would reject.
func (c Caller) WithSession(s SessionSettings, now time.Time) (Caller, error) {
	if s.IsZero() {
		return c, nil
	}
	if err := s.checkFor(c); err != nil {
		return Caller{}, err
	}
	session := c.newSession(now)
	if c.Session != nil {
		session = *c.Session
	}
	if s.Policy != nil {
		session.Policy = *s.Policy
	}
	if s.PolicyARNs != nil {
		session.PolicyARNs = slices.Clone(s.PolicyARNs)
	}
	if s.Tags != nil {
		session.Tags, session.TransitiveKeys = maps.Clone(s.Tags), nil
	}
	if s.SourceIdentity != nil {
		session.SourceIdentity = *s.SourceIdentity
	}
	if s.MFA != nil {
		session.MFAAt = time.Time{}
		if *s.MFA {
			session.MFAAt = now
		}
	}
	c.Session = &session
	return c, nil
}

// newSession returns a session of a user or a root user, as GetSessionToken starts it.
func (c Caller) newSession(now time.Time) Session {
	session := Session{Principal: c.Principal, UserID: c.UserID, Name: c.Name}
	if c.Principal.Kind == policy.User {
		session.IssuerID = c.UserID
	}
	return *session.startAt(now)
}

// checkFor returns an error for settings that a session of the caller cannot have.
func (s SessionSettings) checkFor(c Caller) error {
	limited := s.Policy != nil || s.PolicyARNs != nil || s.Tags != nil
	switch kind := c.Principal.Kind; {
	case s.MFA != nil && *s.MFA && kind == policy.RoleSession:
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
		return fmt.Errorf("the session of a role has no MFA information, even if its caller authenticated with MFA")
	case s.MFA != nil && kind != policy.User && kind != policy.Root && kind != policy.RoleSession:
		return fmt.Errorf("only users and root users authenticate with MFA")
	case limited && kind != policy.RoleSession && kind != policy.FederatedUser:
		return fmt.Errorf("session policies and session tags require the session of a role")
	case s.SourceIdentity != nil && kind != policy.RoleSession:
		return fmt.Errorf("a source identity requires the session of a role")
	case s.SourceIdentity != nil && *s.SourceIdentity != "" && !sourceIdentityPattern.MatchString(*s.SourceIdentity):
		return fmt.Errorf("a source identity has 2 to 64 letters, digits and characters of _+=,.@-, unlike %q", *s.SourceIdentity)
	}
	if err := s.checkPolicies(); err != nil {
		return err
	}
	return checkSessionTags(s.Tags)
}

func (s SessionSettings) checkPolicies() error {
	if len(s.PolicyARNs) > maxSessionPolicyARNs {
		return fmt.Errorf("a session has at most %d managed session policies", maxSessionPolicyARNs)
	}
	length := 0
	for _, policyARN := range s.PolicyARNs {
		if a, err := arn.Parse(policyARN); err != nil || a.Service != "iam" || !strings.HasPrefix(a.Resource, "policy/") {
			return fmt.Errorf("%q is not the ARN of a managed policy", policyARN)
		}
		length += utf8.RuneCountInString(policyARN)
	}
	if s.Policy != nil && *s.Policy != "" {
		document, err := policy.Parse([]byte(*s.Policy))
		if err != nil {
			return fmt.Errorf("session policy: %w", err)
		}
		if f, bad := policy.FirstRefused(policy.Validate(document, policy.Session, nil)); bad {
			return fmt.Errorf("session policy: %s", f.Message)
		}
		length += utf8.RuneCountInString(*s.Policy)
	}
	if length > maxSessionPolicy {
		return fmt.Errorf("the session policy and the ARNs have %d characters; the limit is %d", length, maxSessionPolicy)
	}
	return nil
}

// checkSessionTags checks session tags, whose keys are not case-sensitive.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func checkSessionTags(tags map[string]string) error {
	if len(tags) > maxSessionTags {
		return fmt.Errorf("a session has at most %d session tags", maxSessionTags)
	}
	seen := map[string]bool{}
	for key, value := range tags {
		folded := strings.ToLower(key)
		switch {
		case key == "" || utf8.RuneCountInString(key) > maxTagKey || utf8.RuneCountInString(value) > maxTagValue:
			return fmt.Errorf("a session tag has a key of 1 to %d characters and a value of at most %d", maxTagKey, maxTagValue)
		case strings.HasPrefix(folded, "aws:"):
			return fmt.Errorf("tag keys that begin with aws: are reserved")
		case seen[folded]:
			return fmt.Errorf("the tag key %q is there twice; tag keys are not case-sensitive", key)
		}
		seen[folded] = true
	}
	return nil
}
