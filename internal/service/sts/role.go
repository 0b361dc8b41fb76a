package sts

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Durations of the sessions of roles.
const (
	defaultRoleSession = time.Hour
	maxChainedSession  = time.Hour
)

// onRole returns the role to assume, with the condition keys for its trust policy.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
func onRole(c *operation.Call, in *AssumeRoleInput) (authz.Target, error) {
	a, err := arn.Parse(in.RoleARN)
	if err != nil || a.Partition != c.Partition || a.Service != "iam" || a.Region != "" || !strings.HasPrefix(a.Resource, "role/") {
		return authz.Target{}, invalid("%s is invalid", in.RoleARN)
	}
	tags, err := readTags(in.Tags)
	if err != nil {
		return authz.Target{}, err
	}
	t := authz.Target{
		ARN:         in.RoleARN,
		RequestTags: tags,
		Keys:        map[string][]string{"sts:RoleSessionName": {in.RoleSessionName}},
	}
	if in.ExternalID != nil {
		t.Keys["sts:ExternalId"] = []string{*in.ExternalID}
	}
	if identity := sourceIdentity(c, in); identity != "" {
		t.Keys["sts:SourceIdentity"] = []string{identity}
	}
	if len(in.TransitiveTagKeys) > 0 {
		t.Keys["sts:TransitiveTagKeys"] = in.TransitiveTagKeys
	}
	return t, nil
}

// assumeRole starts a session of a role. The gate has allowed the caller by the role's
// trust policy and the caller's policies; session tags and a source identity need further
// actions, which are authorized here.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func assumeRole(c *operation.Call, in *AssumeRoleInput) (*AssumeRoleOutput, error) {
	role, err := identity.ReadRole(c.Tx, in.RoleARN)
	if errors.Is(err, store.ErrNotFound) { // only if the gate does not enforce
		return nil, denied("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.Caller.ARN(), in.RoleARN)
	}
	if err != nil {
		return nil, err
	}
	if err := rejectUnsupported(c, in); err != nil {
		return nil, err
	}
	life, err := roleDuration(c, in, role)
	if err != nil {
		return nil, err
	}
	tags, transitive, err := chainTags(c, in)
	if err != nil {
		return nil, err
	}
	target, err := onRoleWithMFA(c, in)
	if err != nil {
		return nil, err
	}
	if _, err := useCode(c, in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	target.MustGrant = true
	if len(tags) > 0 {
		if err := c.Authorize("sts:TagSession", target); err != nil {
			return nil, err
		}
	}
	identitySource := sourceIdentity(c, in)
	if identitySource != "" {
		if err := c.Authorize("sts:SetSourceIdentity", target); err != nil {
			return nil, err
		}
	}
	policies, err := readPolicies(c, role.Account, in.Policy, in.PolicyARNs)
	if err != nil {
		return nil, err
	}
	packed, err := pack(policies, tags)
	if err != nil {
		return nil, err
	}

	session := roleSession(c, role, in.RoleSessionName, policies)
	session.Tags, session.TransitiveKeys, session.SourceIdentity = tags, transitive, identitySource
	credentials, err := start(c, session, life)
	if err != nil {
		return nil, err
	}
	out := &AssumeRoleOutput{
		Credentials:      credentials,
		AssumedRoleUser:  &AssumedRoleUser{AssumedRoleID: session.UserID, ARN: session.Principal.ARN},
		PackedPolicySize: packed,
	}
	if identitySource != "" {
		out.SourceIdentity = &identitySource
	}
	return out, nil
}

// roleSession returns a session of a role with session policies.
func roleSession(c *operation.Call, role identity.Role, name string, policies sessionPolicies) identity.Session {
	return identity.Session{
		Principal: policy.Principal{
			Kind:    policy.RoleSession,
			ARN:     "arn:" + c.Partition + ":sts::" + role.Account + ":assumed-role/" + role.Name + "/" + name,
			Account: role.Account,
			Issuer:  role.ARN,
		},
		UserID:     role.ID + ":" + name,
		IssuerID:   role.ID,
		Policy:     policies.document,
		PolicyARNs: policies.arns,
	}
}

// rejectUnsupported returns an error for callers that cannot assume a role, and for
// parameters that Writ does not support.
func rejectUnsupported(c *operation.Call, in *AssumeRoleInput) error {
	switch {
	case c.Caller.Principal.Kind == policy.Root && c.Gate.Mode == authz.Enforce:
		return denied("Roles may not be assumed by root accounts.")
	case len(in.ProvidedContexts) > 0:
		return invalid("Writ has no context providers.")
	case c.Caller.Session != nil && in.SourceIdentity != nil && *in.SourceIdentity != cmp.Or(c.Caller.Session.SourceIdentity, *in.SourceIdentity):
		return denied("The source identity of a session cannot be changed.")
	}
	return nil
}

// sourceIdentity returns the source identity of the new session: once set, chained sessions inherit it.
func sourceIdentity(c *operation.Call, in *AssumeRoleInput) string {
	if in.SourceIdentity != nil {
		return *in.SourceIdentity
	}
	if c.Caller.Session != nil {
		return c.Caller.Session.SourceIdentity
	}
	return ""
}

// roleDuration returns the duration of a session of the role.
func roleDuration(c *operation.Call, in *AssumeRoleInput, role identity.Role) (time.Duration, error) {
	if in.DurationSeconds == nil {
		return defaultRoleSession, nil
	}
	life := time.Duration(*in.DurationSeconds) * time.Second
	switch {
	case c.Caller.Chained() && life > maxChainedSession:
		return 0, invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	case *in.DurationSeconds > role.MaxSessionDuration:
		return 0, invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return life, nil
}

// chainTags returns the tags of the new session: those of the request and the transitive tags
// of the calling session, which cannot be replaced.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func chainTags(c *operation.Call, in *AssumeRoleInput) (tags map[string]string, transitive []string, err error) {
	if tags, err = readTags(in.Tags); err != nil {
		return nil, nil, err
	}
	for _, key := range in.TransitiveTagKeys {
		if !slices.ContainsFunc(in.Tags, func(t Tag) bool { return strings.EqualFold(t.Key, key) }) {
			return nil, nil, invalidValue("The specified transitive tag key must be included in the requested tags.")
		}
	}
	for key := range tags {
		if slices.ContainsFunc(in.TransitiveTagKeys, func(k string) bool { return strings.EqualFold(k, key) }) {
			transitive = append(transitive, key)
		}
	}
	if c.Caller.Session == nil {
		return tags, transitive, nil
	}
	inherited := c.Caller.Session.TransitiveTags()
	for key := range inherited {
		if slices.ContainsFunc(in.Tags, func(t Tag) bool { return strings.EqualFold(t.Key, key) }) {
			return nil, nil, invalidValue("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		transitive = append(transitive, key)
	}
	maps.Copy(tags, inherited)
	slices.Sort(transitive)
	return tags, transitive, nil
}
