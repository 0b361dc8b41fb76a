package sts

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// keptClaims lists the claims whose condition keys the session inherits.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
var keptClaims = []string{"sub", "aud", "amr", "oaud", "email"}

// onWebIdentity verifies the token, which authenticates the caller, and returns the role. The provider must
// be in the role's account.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func onWebIdentity(c *operation.Call, in *AssumeRoleWithWebIdentityInput) (authz.Target, error) {
	account, err := roleAccount(c, in.RoleARN)
	if err != nil {
		return authz.Target{}, err
	}
	if in.ProviderID != nil {
		return authz.Target{}, errInvalidIdentityToken("OAuth 2.0 access tokens of %s cannot be verified: Writ makes no network requests. Use an OpenID Connect ID token.", *in.ProviderID)
	}
	token, provider, err := verifyToken(c, account, in.WebIdentityToken)
	if err != nil {
		return authz.Target{}, err
	}
	tags, transitive, err := token.Tags()
	if err != nil {
		return authz.Target{}, errInvalidIdentityToken("The claim with session tags is malformed.")
	}
	f := &federated{
		provider: provider.ARN, sessionName: in.RoleSessionName, keys: token.Keys(), kept: map[string][]string{"aws:FederatedProvider": {provider.ARN}},
		tags: tags, transitive: transitive, sourceIdentity: token.SourceIdentity(), token: token,
	}
	for _, claim := range keptClaims {
		if values, ok := f.keys[token.Issuer+":"+claim]; ok {
			f.kept[token.Issuer+":"+claim] = values
		}
	}
	return f.setCaller(c, in.RoleARN)
}

// verifyToken verifies a token with the provider of its issuer in an account.
func verifyToken(c *operation.Call, account, text string) (*federation.Token, identity.OIDCProvider, error) {
	var provider identity.OIDCProvider
	unverified, err := federation.ParseToken(text)
	if err != nil {
		return nil, provider, tokenError(err)
	}
	issuer := unverified.Issuer
	provider, err = identity.ReadOIDCProvider(c.Tx, identity.OIDCProviderARN(c.Partition, account, issuer))
	if errors.Is(err, store.ErrNotFound) {
		return nil, provider, errInvalidIdentityToken("No OpenIDConnect provider found in your account for https://%s", issuer)
	}
	if err != nil {
		return nil, provider, err
	}
	keys, err := c.Issuers.Keys(c.Tx, issuer)
	if err != nil {
		return nil, provider, tokenError(err)
	}
	token, err := unverified.Verify(keys, c.Now)
	switch {
	case err != nil:
		return nil, provider, tokenError(err)
	case token.Issuer != issuer:
		return nil, provider, tokenError(federation.ErrNotAToken)
	case !token.IsFor(provider.ClientIDs):
		return nil, provider, errInvalidIdentityToken("Incorrect token audience")
	}
	return token, provider, nil
}

// tokenError returns AWS's error for the reason why a token was rejected.
func tokenError(err error) error {
	if expired, ok := errors.AsType[*federation.ExpiredError](err); ok {
		return errExpiredToken("Token expired: current date/time %d must be before the expiration date/time%d", expired.Now.Unix(), expired.Expiry.Unix())
	}
	switch {
	case errors.Is(err, federation.ErrNotAToken):
		return errInvalidIdentityToken("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	case errors.Is(err, federation.ErrKey):
		return errInvalidIdentityToken("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	case errors.Is(err, federation.ErrNotYet):
		return errInvalidIdentityToken("The ID Token is not valid yet.")
	case errors.Is(err, federation.ErrTooOld):
		return errInvalidIdentityToken("Token must be issued within 24 hours of use")
	}
	return err
}

func assumeRoleWithWebIdentity(c *operation.Call, in *AssumeRoleWithWebIdentityInput) (*AssumeRoleWithWebIdentityOutput, error) {
	f, ok := c.Verified.(*federated)
	if !ok {
		return nil, notAuthorized("sts:AssumeRoleWithWebIdentity")
	}
	a, err := f.assume(c, request{
		role: in.RoleARN, action: "sts:AssumeRoleWithWebIdentity", seconds: in.DurationSeconds, document: in.Policy, policies: in.PolicyARNs,
	})
	if err != nil {
		return nil, err
	}
	out := &AssumeRoleWithWebIdentityOutput{
		Credentials: a.credentials, AssumedRoleUser: a.user, PackedPolicySize: a.packed,
		SubjectFromWebIdentityToken: &f.token.Subject, Provider: &f.provider, Audience: new(f.token.Client()),
	}
	if f.sourceIdentity != "" {
		out.SourceIdentity = &f.sourceIdentity
	}
	return out, nil
}
