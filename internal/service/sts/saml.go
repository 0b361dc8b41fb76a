package sts

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The attributes of assertions that AWS defines.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
const (
	samlAttribute        = "https://aws.amazon.com/SAML/Attributes/"
	attributeRole        = samlAttribute + "Role"
	attributeSessionName = samlAttribute + "RoleSessionName"
	attributeDuration    = samlAttribute + "SessionDuration"
	attributeTag         = samlAttribute + "PrincipalTag:"
	attributeTransitive  = samlAttribute + "TransitiveTagKeys"
	attributeSource      = samlAttribute + "SourceIdentity"
)

// samlKeys holds the condition keys of other attributes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml
var samlKeys = map[string]string{
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.1":  "saml:edupersonaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.2":  "saml:edupersonnickname",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.3":  "saml:edupersonorgdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.4":  "saml:edupersonorgunitdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.5":  "saml:edupersonprimaryaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.6":  "saml:edupersonprincipalname",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.7":  "saml:edupersonentitlement",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.8":  "saml:edupersonprimaryorgunitdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.9":  "saml:edupersonscopedaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.10": "saml:edupersontargetedid",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.11": "saml:edupersonassurance",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.2":  "saml:eduorghomepageuri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.3":  "saml:eduorgidentityauthnpolicyuri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.4":  "saml:eduorglegalname",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.5":  "saml:eduorgsuperioruri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.6":  "saml:eduorgwhitepagesuri",
	"urn:oid:0.9.2342.19200300.100.1.1": "saml:uid",
	"urn:oid:0.9.2342.19200300.100.1.3": "saml:mail",
	"urn:oid:2.5.4.3":                   "saml:cn",
	"urn:oid:2.5.4.4":                   "saml:surname",
	"urn:oid:2.5.4.42":                  "saml:givenName",
	"urn:oid:2.5.4.45":                  "saml:x500UniqueIdentifier",

	"http://schemas.xmlsoap.org/claims/CommonName":                            "saml:commonName",
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname":         "saml:givenName",
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name":              "saml:name",
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname":           "saml:surname",
	"http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "saml:primaryGroupSID",
}

// onSAML verifies the assertion, which authenticates the caller, and returns the role. The
// assertion must name the role together with the provider.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
func onSAML(c *operation.Call, in *AssumeRoleWithSAMLInput) (authz.Target, error) {
	account, err := roleAccount(c, in.RoleARN)
	if err != nil {
		return authz.Target{}, err
	}
	a, err := arn.Parse(in.PrincipalARN)
	if err != nil || a.Service != "iam" || !strings.HasPrefix(a.Resource, "saml-provider/") {
		return authz.Target{}, invalid("%s is invalid", in.PrincipalARN)
	}
	provider, err := identity.ReadSAMLProvider(c.Tx, in.PrincipalARN)
	if errors.Is(err, store.ErrNotFound) || err == nil && provider.Account != account {
		return authz.Target{}, errInvalidIdentityToken("Specified provider doesn't exist")
	}
	if err != nil {
		return authz.Target{}, err
	}
	assertion, err := verifyAssertion(c, provider, in.SAMLAssertion)
	if err != nil {
		return authz.Target{}, err
	}
	if !assertionNames(assertion, in.RoleARN, provider.ARN) {
		return authz.Target{}, notAuthorized("sts:AssumeRoleWithSAML")
	}
	f := &federated{provider: provider.ARN, assertion: assertion, tags: map[string]string{}}
	if err := f.readAttributes(); err != nil {
		return authz.Target{}, err
	}
	f.setKeys(provider)
	return f.setCaller(c, in.RoleARN)
}

func verifyAssertion(c *operation.Call, provider identity.SAMLProvider, text string) (*federation.Assertion, error) {
	document, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errInvalidIdentityToken("Invalid base64 SAMLResponse")
	}
	metadata, err := federation.ParseMetadata(provider.Metadata)
	if err != nil {
		return nil, err
	}
	if !c.Now.Before(provider.ValidUntil) {
		return nil, errInvalidIdentityToken("The metadata of the provider has expired.")
	}
	assertion, err := federation.VerifyResponse(document, metadata, c.Now)
	switch {
	case err == nil:
		return assertion, nil
	case errors.Is(err, federation.ErrSignature):
		return nil, errInvalidIdentityToken("Response signature invalid")
	case errors.Is(err, federation.ErrIssuer):
		return nil, errInvalidIdentityToken("Issuer not present in specified provider")
	case errors.Is(err, federation.ErrAudience):
		return nil, errInvalidIdentityToken("Invalid Audience in SAMLResponse")
	case errors.Is(err, federation.ErrRedeemed):
		return nil, errExpiredToken("Token must be redeemed within 5 minutes of issuance")
	case errors.Is(err, federation.ErrResponse):
		return nil, errInvalidIdentityToken("Your request included an invalid SAML response.")
	}
	return nil, err
}

// assertionNames reports whether an assertion contains a role together with its provider, in either order.
func assertionNames(a *federation.Assertion, role, provider string) bool {
	return slices.ContainsFunc(a.Attributes[attributeRole], func(pair string) bool {
		first, second, _ := strings.Cut(pair, ",")
		first, second = strings.TrimSpace(first), strings.TrimSpace(second)
		return first == role && second == provider || first == provider && second == role
	})
}

// readAttributes reads the session name, the tags and the source identity.
func (f *federated) readAttributes() error {
	one := func(name string) string {
		if values := f.assertion.Attributes[name]; len(values) == 1 {
			return values[0]
		}
		return ""
	}
	f.sessionName, f.sourceIdentity = one(attributeSessionName), one(attributeSource)
	switch {
	case f.sessionName == "":
		return errInvalidIdentityToken("RoleSessionName is required in AuthnResponse")
	case !isSessionName(f.sessionName):
		return errInvalidIdentityToken("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
	}
	for name, values := range f.assertion.Attributes {
		if key, ok := strings.CutPrefix(name, attributeTag); ok && len(values) == 1 {
			f.tags[key] = values[0]
		}
	}
	f.transitive = f.assertion.Attributes[attributeTransitive]
	return nil
}

// setKeys sets the condition keys of the assertion.
func (f *federated) setKeys(provider identity.SAMLProvider) {
	a := f.assertion
	f.keys = map[string][]string{
		"saml:aud":           {a.Audience},
		"saml:iss":           {a.Issuer},
		"saml:sub":           {a.Subject},
		"saml:sub_type":      {a.SubjectType},
		"saml:doc":           {provider.Account + "/" + provider.Name},
		"saml:namequalifier": {nameQualifier(a.Issuer, provider)},
	}
	for name, key := range samlKeys {
		if values, ok := a.Attributes[name]; ok {
			f.keys[key] = values
		}
	}
	f.kept = map[string][]string{"aws:FederatedProvider": {provider.ARN}}
	for _, key := range []string{"saml:namequalifier", "saml:sub", "saml:sub_type"} {
		f.kept[key] = f.keys[key]
	}
}

// nameQualifier returns an id of an issuer as one provider of one account.
func nameQualifier(issuer string, provider identity.SAMLProvider) string {
	sum := sha1.Sum([]byte(issuer + provider.Account + "/" + provider.Name))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func assumeRoleWithSAML(c *operation.Call, in *AssumeRoleWithSAMLInput) (*AssumeRoleWithSAMLOutput, error) {
	f, ok := c.Verified.(*federated)
	if !ok {
		return nil, notAuthorized("sts:AssumeRoleWithSAML")
	}
	longest, err := f.maxDuration(c.Now)
	if err != nil {
		return nil, err
	}
	a, err := f.assume(c, request{
		role: in.RoleARN, action: "sts:AssumeRoleWithSAML", seconds: in.DurationSeconds, longest: longest, document: in.Policy, policies: in.PolicyARNs,
	})
	if err != nil {
		return nil, err
	}
	out := &AssumeRoleWithSAMLOutput{
		Credentials: a.credentials, AssumedRoleUser: a.user, PackedPolicySize: a.packed,
		Subject: &f.assertion.Subject, SubjectType: &f.assertion.SubjectType, Issuer: &f.assertion.Issuer, Audience: &f.assertion.Audience,
		NameQualifier: &f.keys["saml:namequalifier"][0],
	}
	if f.sourceIdentity != "" {
		out.SourceIdentity = &f.sourceIdentity
	}
	return out, nil
}

// maxDuration returns the session duration that the assertion allows, or 0 for no limit.
func (f *federated) maxDuration(now time.Time) (longest time.Duration, err error) {
	if text := f.assertion.Attributes[attributeDuration]; len(text) > 0 {
		seconds, err := strconv.Atoi(text[0])
		if err != nil || seconds < 900 || seconds > 43200 {
			return 0, errInvalidIdentityToken("SessionDuration in AuthnResponse must be between 900 and 43200")
		}
		longest = time.Duration(seconds) * time.Second
	}
	if until := f.assertion.Expires; !until.IsZero() && (longest == 0 || until.Sub(now) < longest) {
		longest = until.Sub(now)
	}
	return longest, nil
}
