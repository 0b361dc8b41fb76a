package sts

import (
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// Durations of the sessions of users. Those of a root user last at most one hour.
const (
	defaultUserSession = 12 * time.Hour
	maxRootSession     = time.Hour
)

// userDuration returns the duration of a session of a user or root user.
func userDuration(c *operation.Call, seconds *int) time.Duration {
	life := defaultUserSession
	if seconds != nil {
		life = time.Duration(*seconds) * time.Second
	}
	if c.Caller.Principal.Kind == policy.Root {
		life = min(life, maxRootSession)
	}
	return life
}

// start sets the times of a session and creates its credentials.
func start(c *operation.Call, s identity.Session, life time.Duration) (*Credentials, error) {
	s.IssuedAt = c.Now.UTC().Truncate(time.Second)
	s.ExpiresAt = s.IssuedAt.Add(life)
	key, err := c.Directory.StartSession(s)
	if err != nil {
		return nil, err
	}
	return &Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret, SessionToken: key.Token, Expiration: s.ExpiresAt}, nil
}

// getSessionToken starts a session of the calling user.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func getSessionToken(c *operation.Call, in *GetSessionTokenInput) (*GetSessionTokenOutput, error) {
	if err := rejectSession(c, "GetSessionToken"); err != nil {
		return nil, err
	}
	authenticated, err := useCode(c, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	session := identity.Session{
		Principal: c.Caller.Principal,
		UserID:    c.Caller.UserID,
		Name:      c.Caller.Name,
		IssuerID:  uniqueID(c.Caller),
	}
	if authenticated {
		session.MFAAt = c.Now
	}
	credentials, err := start(c, session, userDuration(c, in.DurationSeconds))
	if err != nil {
		return nil, err
	}
	return &GetSessionTokenOutput{Credentials: credentials}, nil
}

// uniqueID returns the unique id of a user; "" for a root user.
func uniqueID(caller identity.Caller) string {
	if caller.Principal.Kind == policy.Root {
		return ""
	}
	return caller.UserID
}

// onFederatedUser returns the federated user of the requested session.
func onFederatedUser(c *operation.Call, in *GetFederationTokenInput) (authz.Target, error) {
	tags, err := readTags(in.Tags)
	return authz.Target{ARN: federatedUser(c, in).ARN, RequestTags: tags}, err
}

func federatedUser(c *operation.Call, in *GetFederationTokenInput) FederatedUser {
	return FederatedUser{
		FederatedUserID: c.Account() + ":" + in.Name,
		ARN:             "arn:" + c.Partition + ":sts::" + c.Account() + ":federated-user/" + in.Name,
	}
}

// getFederationToken starts a session of a federated user, which has the permissions that both the calling
// user's policies and the session policies allow.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
func getFederationToken(c *operation.Call, in *GetFederationTokenInput) (*GetFederationTokenOutput, error) {
	if err := rejectSession(c, "GetFederationToken"); err != nil {
		return nil, err
	}
	target, err := onFederatedUser(c, in)
	if err != nil {
		return nil, err
	}
	if len(target.RequestTags) > 0 {
		if err := c.Authorize("sts:TagSession", target); err != nil {
			return nil, err
		}
	}
	policies, err := readPolicies(c, c.Account(), in.Policy, in.PolicyARNs)
	if err != nil {
		return nil, err
	}
	packed, err := pack(policies, target.RequestTags)
	if err != nil {
		return nil, err
	}
	if packed == nil { // AssumeRole omits it; this operation never does
		packed = new(0)
	}
	user := federatedUser(c, in)
	credentials, err := start(c, identity.Session{
		Principal: policy.Principal{
			Kind:    policy.FederatedUser,
			ARN:     user.ARN,
			Account: c.Account(),
			Issuer:  c.Caller.ARN(),
		},
		UserID:     user.FederatedUserID,
		IssuerID:   uniqueID(c.Caller),
		Policy:     policies.document,
		PolicyARNs: policies.arns,
		Tags:       target.RequestTags,
	}, userDuration(c, in.DurationSeconds))
	if err != nil {
		return nil, err
	}
	return &GetFederationTokenOutput{Credentials: credentials, FederatedUser: &user, PackedPolicySize: packed}, nil
}
