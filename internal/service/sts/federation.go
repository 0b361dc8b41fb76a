package sts

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// federated is a principal of an identity provider whose token or assertion was verified: the caller of
// AssumeRoleWithWebIdentity and AssumeRoleWithSAML.
type federated struct {
	provider    string // its ARN
	sessionName string
	keys        map[string][]string // condition keys for the trust policy
	kept        map[string][]string // condition keys that the session inherits

	tags           map[string]string
	transitive     []string
	sourceIdentity string

	token     *federation.Token     // for AssumeRoleWithWebIdentity
	assertion *federation.Assertion // for AssumeRoleWithSAML
}

// roleAccount returns the account of a role that is assumed through a provider.
func roleAccount(c *operation.Call, role string) (string, error) {
	a, err := arn.Parse(role)
	if err != nil || a.Partition != c.Partition || a.Service != "iam" || a.Region != "" || !strings.HasPrefix(a.Resource, "role/") {
		return "", invalid("%s is invalid", role)
	}
	return a.Account, nil
}

// setCaller sets the principal as the caller, and returns the role as its target. The caller of these operations
// is authenticated by the verified token or assertion, not by a signature.
func (f *federated) setCaller(c *operation.Call, role string) (authz.Target, error) {
	if err := checkTags(f.tags); err != nil {
		return authz.Target{}, err
	}
	if f.sourceIdentity != "" && !isSourceIdentity(f.sourceIdentity) {
		return authz.Target{}, errInvalidIdentityToken("Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"")
	}
	for _, key := range f.transitive {
		if _, ok := f.tags[key]; !ok {
			return authz.Target{}, errInvalidIdentityToken("The specified transitive tag key must be included in the requested tags.")
		}
	}
	c.Caller = identity.Caller{Principal: policy.Principal{Kind: policy.WebIdentity, ARN: f.provider}}
	c.Verified = f
	return f.target(role), nil
}

func (f *federated) target(role string) authz.Target {
	t := authz.Target{ARN: role, RequestTags: f.tags, Keys: maps.Clone(f.keys)}
	t.Keys["sts:RoleSessionName"] = []string{f.sessionName}
	if f.sourceIdentity != "" {
		t.Keys["sts:SourceIdentity"] = []string{f.sourceIdentity}
	}
	if len(f.transitive) > 0 {
		t.Keys["sts:TransitiveTagKeys"] = f.transitive
	}
	return t
}

// checkTags returns an error for session tags that a provider may not pass.
func checkTags(tags map[string]string) error {
	list := make([]Tag, 0, len(tags))
	for key, value := range tags {
		list = append(list, Tag{key, value})
	}
	_, err := readTags(list)
	return err
}

var (
	identityName   = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	isSessionName  = identityName.MatchString
	isSourceNotAWS = func(s string) bool { return !strings.HasPrefix(strings.ToLower(s), "aws:") }
)

func isSourceIdentity(s string) bool { return identityName.MatchString(s) && isSourceNotAWS(s) }

// assumed is a session of a role that a federated principal has assumed.
type assumed struct {
	credentials *Credentials
	user        *AssumedRoleUser
	packed      *int
}

// request holds the parameters of both operations other than the role.
type request struct {
	role, action string
	seconds      *int          // the requested duration
	longest      time.Duration // the limit of the provider; 0 for none
	document     *string
	policies     []PolicyDescriptorType
}

// assume starts a session of a role. The role's trust policy has allowed the principal to assume it.
func (f *federated) assume(c *operation.Call, r request) (a assumed, err error) {
	role, err := identity.ReadRole(c.Tx, r.role)
	if errors.Is(err, store.ErrNotFound) { // only if the gate does not enforce
		return a, notAuthorized(r.action)
	}
	if err != nil {
		return a, err
	}
	life, err := federatedDuration(r, role)
	if err != nil {
		return a, err
	}
	target := f.target(r.role)
	if len(f.tags) > 0 {
		if err := c.Authorize("sts:TagSession", target); err != nil {
			return a, err
		}
	}
	if f.sourceIdentity != "" {
		if err := c.Authorize("sts:SetSourceIdentity", target); err != nil {
			return a, err
		}
	}
	policies, err := readPolicies(c, role.Account, r.document, r.policies)
	if err != nil {
		return a, err
	}
	if a.packed, err = pack(policies, f.tags); err != nil {
		return a, err
	}
	session := roleSession(c, role, f.sessionName, policies)
	session.Tags, session.TransitiveKeys = f.tags, slices.Sorted(slices.Values(f.transitive))
	session.SourceIdentity, session.Keys = f.sourceIdentity, f.kept
	a.user = &AssumedRoleUser{AssumedRoleID: session.UserID, ARN: session.Principal.ARN}
	a.credentials, err = start(c, session, life)
	return a, err
}

// notAuthorized returns AWS's error for a provider's principal that may not assume a role.
func notAuthorized(action string) error { return denied("Not authorized to perform %s", action) }

func federatedDuration(r request, role identity.Role) (time.Duration, error) {
	life := defaultRoleSession
	if r.seconds != nil {
		life = time.Duration(*r.seconds) * time.Second
	}
	if r.longest > 0 {
		life = min(life, r.longest)
	}
	if r.seconds != nil && *r.seconds > role.MaxSessionDuration {
		return 0, invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return min(life, time.Duration(role.MaxSessionDuration)*time.Second), nil
}
