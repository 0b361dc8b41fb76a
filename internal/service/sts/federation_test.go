package sts_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// anonymous returns a client that does not sign requests.
func (w *world) anonymous() *awssts.Client {
	cfg := w.config("", "", "")
	cfg.Credentials = aws.AnonymousCredentials{}
	return awssts.NewFromConfig(cfg)
}

// The issuer of the tests, and the subjects of its tokens.
const (
	github   = "token.actions.githubusercontent.com"
	provider = "arn:aws:iam::" + alice + ":oidc-provider/" + github
	mainline = "repo:octo-org/app:ref:refs/heads/main"
	sideline = "repo:octo-org/app:ref:refs/heads/side"
)

// trusts returns a statement that trusts the issuer's tokens for a branch.
func trusts(subject string) string {
	return `{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringEquals":{"` + github + `:aud":"sts.amazonaws.com","` + github + `:sub":"` + subject + `"}}}`
}

// trustsIssuer creates the issuer as a provider in alice's account.
func (w *world) trustsIssuer() {
	w.t.Helper()
	p := identity.NewOIDCProvider("aws", alice, github)
	p.ClientIDs = []string{"sts.amazonaws.com"}
	w.update(func(tx *store.Tx) error { return identity.PutOIDCProvider(tx, p, w.now()) })
}

// token returns a token of the test issuer; claims are pairs of names and values.
func (w *world) token(issuer, subject string, claims ...any) (token string) {
	w.t.Helper()
	all := map[string]any{"sub": subject, "aud": "sts.amazonaws.com"}
	for i := 0; i < len(claims); i += 2 {
		all[claims[i].(string)] = claims[i+1]
	}
	w.update(func(tx *store.Tx) (err error) {
		token, err = federation.Issue(tx, w.directory.Sealer, issuer, all, 10*time.Minute, w.now())
		return err
	})
	return token
}

// enter assumes a role with a token.
func (w *world) enter(role, token string, edit ...func(*awssts.AssumeRoleWithWebIdentityInput)) (*awssts.AssumeRoleWithWebIdentityOutput, error) {
	in := &awssts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: new("session"), WebIdentityToken: &token}
	for _, e := range edit {
		e(in)
	}
	return w.anonymous().AssumeRoleWithWebIdentity(ctx, in)
}

// TestWebIdentity tests a deployment from GitHub.
func TestWebIdentity(t *testing.T) {
	w := newWorld(t)
	w.trustsIssuer()
	// The role's policy has a condition on the branch: the session keeps the key.
	byBranch := strings.TrimSuffix(listing, "}") + `,"Condition":{"StringEquals":{"` + github + `:sub":"` + mainline + `","aws:FederatedProvider":"` + provider + `"}}}`
	role := w.role("deployer", trusts(mainline), byBranch)
	out, err := w.enter(role.ARN, w.token(github, mainline))
	ok(t, err)
	if *out.Provider != provider || *out.Audience != "sts.amazonaws.com" || *out.SubjectFromWebIdentityToken != mainline ||
		*out.AssumedRoleUser.Arn != "arn:aws:sts::"+alice+":assumed-role/deployer/session" || *out.AssumedRoleUser.AssumedRoleId != role.ID+":session" {
		t.Errorf("output %+v", out)
	}
	//lint:ignore SA1019 the API has it, whatever newer SDKs prefer
	if out.PackedPolicySize != nil || out.SourceIdentity != nil {
		t.Errorf("PackedPolicySize or SourceIdentity of a session without: %v", out)
	}
	if life := out.Credentials.Expiration.Sub(w.now()); life > time.Hour || life < 59*time.Minute {
		t.Errorf("the session lives for %v, want an hour", life)
	}
	session := w.as(out.Credentials)
	if got := *identityOf(t, session).Arn; got != *out.AssumedRoleUser.Arn {
		t.Errorf("GetCallerIdentity = %s", got)
	}
	ok(t, lists(session))
	ann := w.user(alice, "ann", mayAssume)
	both := w.role("both", trustAlice, byBranch)
	want(t, lists(w.assumed(ann, both.ARN)), "AccessDeniedException") // without a token there is no key

	_, err = w.enter(role.ARN, w.token(github, sideline))
	want(t, err, "AccessDenied", "StatusCode: 403", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	_, err = w.enter(roleAccount+"gone", w.token(github, mainline))
	want(t, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	_, err = w.enter(both.ARN, w.token(github, mainline))
	want(t, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	_, err = assume(ann, role.ARN)
	w.denied(err, role.ARN, "no role trust policy allows the sts:AssumeRole action")
}

// unsigned returns a token without a signature.
func unsigned(w *world) string {
	part := func(v any) string {
		text, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	return part(map[string]string{"alg": "none"}) + "." + part(map[string]any{"iss": "https://" + github, "sub": mainline, "aud": "sts.amazonaws.com",
		"iat": w.now().Unix(), "exp": w.now().Add(time.Minute).Unix()}) + "."
}

// TestRefusedTokens tests invalid tokens: they are rejected before the trust policy is evaluated. Attacks on
// tokens are tested in internal/federation.
func TestRefusedTokens(t *testing.T) {
	w := newWorld(t)
	w.trustsIssuer()
	role := w.role("deployer", trusts(mainline), "").ARN
	at := func(d time.Duration) int64 { return w.now().Add(d).Unix() }
	good := w.token(github, mainline)
	_, err := w.enter(role, good)
	ok(t, err)
	payload := strings.Split(w.token(github, sideline), ".")[1]
	for name, c := range map[string]struct{ token, code, text string }{
		"no token":         {"token", "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		"alg none":         {unsigned(w), "InvalidIdentityToken", "The ID Token provided is not a valid JWT."},
		"claims exchanged": {strings.Replace(good, strings.Split(good, ".")[1], payload, 1), "InvalidIdentityToken", "Couldn't retrieve verification key"},
		"another issuer":   {w.token("gitlab.com", mainline), "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://gitlab.com"},
		"another audience": {w.token(github, mainline, "aud", "vault"), "InvalidIdentityToken", "Incorrect token audience"},
		"expired":          {w.token(github, mainline, "exp", at(-time.Second)), "ExpiredTokenException", "Token expired: current date/time"},
		"not yet valid":    {w.token(github, mainline, "nbf", at(time.Hour)), "InvalidIdentityToken", "not valid yet"},
		"two days old":     {w.token(github, mainline, "iat", at(-48*time.Hour)), "InvalidIdentityToken", "Token must be issued within 24 hours of use"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.enter(role, c.token)
			want(t, err, c.code, c.text, "StatusCode: 400")
		})
	}
	_, err = w.enter("arn:aws:iam::"+bob+":role/deployer", good) // bob's account has no provider
	want(t, err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account")
	_, err = w.enter("deployer-of-no-account", good)
	want(t, err, "ValidationError", "is invalid")
	_, err = w.enter(role, good, func(in *awssts.AssumeRoleWithWebIdentityInput) { in.ProviderId = new("www.amazon.com") })
	want(t, err, "InvalidIdentityToken", "OAuth 2.0")
	_, err = w.enter(role, good, func(in *awssts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = new(int32(3601)) })
	want(t, err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	_, err = w.anonymous().GetCallerIdentity(ctx, &awssts.GetCallerIdentityInput{})
	want(t, err, "MissingAuthenticationToken")
}

// TestTokenTags tests the tags that a token may pass, which the trust policy must allow.
func TestTokenTags(t *testing.T) {
	w := newWorld(t)
	w.trustsIssuer()
	tags := map[string]any{"principal_tags": map[string]any{"team": []string{"red"}}, "transitive_tag_keys": []string{"team"}}
	token := w.token(github, mainline, "https://aws.amazon.com/tags", tags, "https://aws.amazon.com/source_identity", "octocat")
	byTag := strings.TrimSuffix(listing, "}") + `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"octocat"}}}`
	all := strings.Replace(trusts(mainline), `"sts:AssumeRoleWithWebIdentity"`, `["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"]`, 1)
	out, err := w.enter(w.role("tagged", all, byTag).ARN, token)
	ok(t, err)
	//lint:ignore SA1019 the API has it, whatever newer SDKs prefer
	if *out.SourceIdentity != "octocat" || *out.PackedPolicySize == 0 {
		t.Errorf("output %+v", out)
	}
	ok(t, lists(w.as(out.Credentials)))
	_, err = w.enter(w.role("untagged", trusts(mainline), "").ARN, token)
	want(t, err, "AccessDenied", "Not authorized to perform sts:TagSession")
	_, err = w.enter(w.role("tagged2", all, "").ARN, w.token(github, mainline, "https://aws.amazon.com/tags", "red"))
	want(t, err, "InvalidIdentityToken")
	_, err = w.enter(w.role("narrowed", trusts(mainline), listing).ARN, w.token(github, mainline),
		func(in *awssts.AssumeRoleWithWebIdentityInput) { in.Policy = new(document(nothing)) })
	ok(t, err)
}

// TestSessionPolicyOfToken passes a session policy when the session starts.
func TestSessionPolicyOfToken(t *testing.T) {
	w := newWorld(t)
	w.trustsIssuer()
	role := w.role("deployer", trusts(mainline), listing).ARN
	narrow := func(statements string) error {
		out, err := w.enter(role, w.token(github, mainline), func(in *awssts.AssumeRoleWithWebIdentityInput) { in.Policy = new(document(statements)) })
		ok(t, err)
		return lists(w.as(out.Credentials))
	}
	ok(t, narrow(listing))
	want(t, narrow(nothing), "AccessDeniedException", "no session policy allows")
}

// idp is a SAML identity provider.
type idp struct {
	key  *rsa.PrivateKey
	cert []byte
}

// GetKeyPair implements dsig.X509KeyStore.
func (p idp) GetKeyPair() (*rsa.PrivateKey, []byte, error) { return p.key, p.cert, nil }

const entityID = "https://idp.example.com/metadata"

// newIDP creates an identity provider and adds it to alice's account as "corp".
func (w *world) newIDP() idp {
	w.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	ok(w.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"},
		NotBefore: w.now().AddDate(-1, 0, 0), NotAfter: w.now().AddDate(1, 0, 0)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ok(w.t, err)
	p := identity.NewSAMLProvider("aws", alice, "corp")
	p.ValidUntil = w.now().AddDate(1, 0, 0)
	p.Metadata = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + entityID + `"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
		`<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
		base64.StdEncoding.EncodeToString(cert) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`
	w.update(func(tx *store.Tx) error { return identity.PutSAMLProvider(tx, p, w.now()) })
	return idp{key, cert}
}

const corp = "arn:aws:iam::" + alice + ":saml-provider/corp"

// response returns a signed response for a role, in base64; attributes are pairs of names, without AWS's
// prefix, and values.
func (p idp) response(t *testing.T, now time.Time, role string, attributes ...string) string {
	t.Helper()
	at := func(d time.Duration) string { return now.Add(d).UTC().Format(time.RFC3339) }
	text := `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" IssueInstant="` + at(0) + `" Version="2.0">` +
		`<saml:Issuer>` + entityID + `</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann@example.com</saml:NameID>` +
		`<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="` + at(5*time.Minute) + `" Recipient="https://signin.aws.amazon.com/saml"/></saml:SubjectConfirmation></saml:Subject>` +
		`<saml:Conditions NotBefore="` + at(-time.Minute) + `" NotOnOrAfter="` + at(5*time.Minute) + `"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
		`<saml:AttributeStatement>`
	for i, pairs := 0, append([]string{"Role", role + "," + corp, "RoleSessionName", "ann"}, attributes...); i < len(pairs); i += 2 {
		name := pairs[i]
		if !strings.Contains(name, ":") || strings.HasPrefix(name, "PrincipalTag:") {
			name = "https://aws.amazon.com/SAML/Attributes/" + name
		}
		text += `<saml:Attribute Name="` + name + `"><saml:AttributeValue>` + pairs[i+1] + `</saml:AttributeValue></saml:Attribute>`
	}
	doc := etree.NewDocument()
	ok(t, doc.ReadFromString(text+`</saml:AttributeStatement></saml:Assertion>`))
	c := dsig.NewDefaultSigningContext(p)
	c.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	el, err := c.SignEnveloped(doc.Root())
	ok(t, err)
	out := etree.NewDocument()
	out.SetRoot(el)
	signed, err := out.WriteToString()
	ok(t, err)
	return base64.StdEncoding.EncodeToString([]byte(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0">` +
		`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` + signed + `</samlp:Response>`))
}

// enterSAML assumes a role with a response.
func (w *world) enterSAML(role, response string, edit ...func(*awssts.AssumeRoleWithSAMLInput)) (*awssts.AssumeRoleWithSAMLOutput, error) {
	in := &awssts.AssumeRoleWithSAMLInput{RoleArn: &role, PrincipalArn: new(corp), SAMLAssertion: &response}
	for _, e := range edit {
		e(in)
	}
	return w.anonymous().AssumeRoleWithSAML(ctx, in)
}

// trustsCorp returns a statement that trusts the provider's assertions, with a further condition.
func trustsCorp(condition string) string {
	return `{"Effect":"Allow","Principal":{"Federated":"` + corp + `"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],` +
		`"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}` + condition + `}}`
}

// TestSAML tests an employee's single sign-on.
func TestSAML(t *testing.T) {
	w := newWorld(t)
	p := w.newIDP()
	bySubject := strings.TrimSuffix(listing, "}") + `,"Condition":{"StringEquals":{"saml:sub":"ann@example.com","saml:sub_type":"persistent","aws:PrincipalTag/team":"red"}}}`
	role := w.role("staff", trustsCorp(`,"ForAnyValue:StringEquals":{"saml:edupersonaffiliation":"employee"},"StringLike":{"saml:iss":"https://idp.example.com/*"}`), bySubject).ARN
	employee := []string{"urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "employee", "PrincipalTag:team", "red"}
	out, err := w.enterSAML(role, p.response(t, w.now(), role, employee...))
	ok(t, err)
	if *out.Subject != "ann@example.com" || *out.SubjectType != "persistent" || *out.Issuer != entityID || *out.Audience != "https://signin.aws.amazon.com/saml" ||
		len(*out.NameQualifier) != 28 || *out.AssumedRoleUser.Arn != "arn:aws:sts::"+alice+":assumed-role/staff/ann" {
		t.Errorf("output %+v", out)
	}
	ok(t, lists(w.as(out.Credentials)))

	_, err = w.enterSAML(role, p.response(t, w.now(), role, "urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "guest"))
	want(t, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
	other := w.role("other", trustsCorp(""), "").ARN
	_, err = w.enterSAML(other, p.response(t, w.now(), role, employee...)) // the assertion does not name it
	want(t, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
	_, err = w.enterSAML(role, p.response(t, w.now().Add(-10*time.Minute), role, employee...))
	want(t, err, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
	stranger := w.newIDP() // replaces the metadata of corp
	_, err = w.enterSAML(role, p.response(t, w.now(), role, employee...))
	want(t, err, "InvalidIdentityToken", "Response signature invalid")
	_, err = w.enterSAML(role, "assertion of no XML")
	want(t, err, "InvalidIdentityToken", "Invalid base64 SAMLResponse")
	_, err = w.enterSAML(role, stranger.response(t, w.now(), role, employee...), func(in *awssts.AssumeRoleWithSAMLInput) { in.PrincipalArn = new(corp + "-gone") })
	want(t, err, "InvalidIdentityToken", "Specified provider doesn't exist")

	short, err := w.enterSAML(other, stranger.response(t, w.now(), other, "SessionDuration", "900"))
	ok(t, err)
	if life := short.Credentials.Expiration.Sub(w.now()); life > 15*time.Minute {
		t.Errorf("the session lives for %v, want a quarter of an hour", life)
	}
	_, err = w.enterSAML(other, stranger.response(t, w.now(), other, "SessionDuration", "60"))
	want(t, err, "InvalidIdentityToken", "SessionDuration")
	_, err = w.enterSAML(other, stranger.response(t, w.now(), other, "RoleSessionName", "second value"))
	want(t, err, "InvalidIdentityToken", "RoleSessionName")
}

// device creates an MFA device for a user and returns its serial number and its codes.
func (w *world) device(account, user string) (serial string, code func() string) {
	w.t.Helper()
	d, seed := identity.NewMFADevice(w.directory.Sealer, "aws", account, "/", user+"-phone")
	w.update(func(tx *store.Tx) error {
		u, err := identity.ReadUser(tx, "arn:aws:iam::"+account+":user/"+user)
		if err != nil {
			return err
		}
		d.Owner, d.EnabledAt = u.ID, w.now()
		return identity.PutMFADevice(tx, d, w.now())
	})
	return d.ARN, func() string { return oneTimeCode(w.t, seed, w.now()) }
}

// TestMFA tests sessions and roles that require a one-time code.
func TestMFA(t *testing.T) {
	w := newWorld(t)
	conditional := strings.TrimSuffix(listing, "}") + `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"600"}}},` +
		`{"Effect":"Allow","Action":["sts:AssumeRole","sts:GetSessionToken"],"Resource":"*"}`
	ann := w.user(alice, "ann", conditional)
	serial, code := w.device(alice, "ann")
	token := func(cfg aws.Config, serial, code string) (*awssts.GetSessionTokenOutput, error) {
		return awssts.NewFromConfig(cfg).GetSessionToken(ctx, &awssts.GetSessionTokenInput{SerialNumber: &serial, TokenCode: &code})
	}
	want(t, lists(ann), "AccessDeniedException")
	want(t, lists(w.sessionOf(ann)), "AccessDeniedException")
	used := code()
	out, err := token(ann, serial, used)
	ok(t, err)
	session := w.as(out.Credentials)
	ok(t, lists(session))
	_, err = token(ann, serial, used)
	want(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")

	w.setAhead(11 * time.Minute) // the code is too old
	want(t, lists(session), "AccessDeniedException")
	bea := w.user(alice, "bea", everything)
	_, err = token(bea, serial, code())
	want(t, err, "AccessDenied", "Please verify your MFA serial number is valid and associated with this user.")
	_, err = token(ann, serial+"-gone", code())
	want(t, err, "AccessDenied", "Please verify your MFA serial number is valid and associated with this user.")
	_, err = awssts.NewFromConfig(ann).GetSessionToken(ctx, &awssts.GetSessionTokenInput{SerialNumber: &serial})
	want(t, err, "AccessDenied", "must provide both MFA serial number and one time pass code.")

	trust := strings.TrimSuffix(trustAlice, "}") + `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`
	role := w.role("admin", trust, listing).ARN
	with := func(serial, code string) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.SerialNumber, in.TokenCode = &serial, &code }
	}
	_, err = assume(ann, role)
	w.denied(err, role, "no role trust policy allows")
	_, err = assume(ann, role, with(serial, "000000"))
	want(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
	used = code()
	entered, err := assume(ann, role, with(serial, used))
	ok(t, err)
	ok(t, lists(w.as(entered.Credentials)))
	_, err = assume(ann, role, with(serial, used))
	want(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
	_, err = assume(session, role) // the session was started with a code, which the trust policy sees
	ok(t, err)

	// A role's session has no MFA of its own, even if the role was assumed with MFA.
	own := w.role("own", trust, conditional).ARN
	w.setAhead(13 * time.Minute)
	entered, err = assume(ann, own, with(serial, code()))
	ok(t, err)
	want(t, lists(w.as(entered.Credentials)), "AccessDeniedException")
	_, err = awssts.NewFromConfig(ann).AssumeRole(ctx, &awssts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("session"), TokenCode: new("123456")})
	want(t, err, "AccessDenied", "must provide both MFA serial number and one time pass code.")
}
