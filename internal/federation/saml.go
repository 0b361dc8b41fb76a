package federation

import (
	"crypto/x509"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/jonboulle/clockwork"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

const (
	protocolNamespace  = "urn:oasis:names:tc:SAML:2.0:protocol"
	assertionNamespace = "urn:oasis:names:tc:SAML:2.0:assertion"

	statusSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success"
	bearer        = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
	nameFormats   = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
)

// Errors of VerifyResponse.
var (
	// ErrResponse: the text is not a SAML response with exactly one valid assertion.
	ErrResponse = errors.New("not a valid SAML response")
	// ErrIssuer: the response is from another issuer.
	ErrIssuer = errors.New("the response is from another issuer")
	// ErrSignature: no key of the provider signed the assertion.
	ErrSignature = errors.New("the signature does not verify")
	// ErrAudience: the assertion is not for AWS.
	ErrAudience = errors.New("the assertion is not for AWS")
	// ErrRedeemed: the assertion is older than five minutes, or issued in the future.
	ErrRedeemed = errors.New("the assertion was not issued in the last five minutes")
)

// assertionLife is the time after its issue during which an assertion is accepted.
const assertionLife = 5 * time.Minute

// The audiences of assertions for AWS: the entity id of AWS's sign-in, and its older URN.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
var audiences = []string{"https://signin.aws.amazon.com/saml", "urn:amazon:webservices"}

// isSignIn reports whether the recipient of an assertion is AWS's sign-in, which also has
// regional endpoints: https://us-east-1.signin.aws.amazon.com/saml.
func isSignIn(recipient string) bool {
	u, err := url.Parse(recipient)
	const host = "signin.aws.amazon.com"
	return err == nil && u.Scheme == "https" && u.Path == "/saml" && (u.Host == host || strings.HasSuffix(u.Host, "."+host))
}

// Assertion is the content of a verified SAML response.
type Assertion struct {
	Issuer      string
	Subject     string
	SubjectType string // "persistent", "transient", or the URI of another format
	Audience    string // where it was sent
	Expires     time.Time
	Attributes  map[string][]string
}

// VerifyResponse verifies a SAML response against the metadata of its provider.
// Everything in the Assertion is read from the signed element, whatever else the document
// contains.
func VerifyResponse(text []byte, m *Metadata, now time.Time) (*Assertion, error) {
	root, err := readXML(text)
	if err != nil || !is(root, protocolNamespace, "Response") {
		return nil, ErrResponse
	}
	if status := child(root, protocolNamespace, "Status"); status != nil {
		code := child(status, protocolNamespace, "StatusCode")
		if code == nil || code.SelectAttrValue("Value", "") != statusSuccess {
			return nil, ErrResponse
		}
	}
	if len(root.FindElements("//Assertion")) != 1 { // no second assertion is hidden elsewhere
		return nil, ErrResponse
	}
	el := child(root, assertionNamespace, "Assertion")
	if el == nil {
		return nil, ErrResponse
	}
	if issuer := content(child(el, assertionNamespace, "Issuer")); issuer != m.EntityID {
		return nil, ErrIssuer
	}
	signed, err := signedAssertion(root, el, m.Certificates, now)
	if err != nil {
		return nil, err
	}
	return readAssertion(signed, m, now)
}

// signedAssertion returns the assertion as covered by a signature: its own, or that of
// the response around it.
func signedAssertion(response, assertion *etree.Element, certs []*x509.Certificate, now time.Time) (*etree.Element, error) {
	if child(assertion, signatureXML, "Signature") != nil {
		return verifySignature(assertion, certs, now)
	}
	if child(response, signatureXML, "Signature") == nil {
		return nil, ErrSignature
	}
	signed, err := verifySignature(response, certs, now)
	if err != nil {
		return nil, err
	}
	if el := child(signed, assertionNamespace, "Assertion"); el != nil {
		return el, nil
	}
	return nil, ErrSignature
}

// verifySignature returns an element as covered by its signature. The signature must be
// by one of the certificates, with SHA-2, and refer to the element itself.
func verifySignature(el *etree.Element, certs []*x509.Certificate, now time.Time) (*etree.Element, error) {
	id := el.SelectAttrValue(idAttr, "")
	signature := child(el, signatureXML, "Signature")
	info := child(signature, signatureXML, "SignedInfo")
	if id == "" || info == nil || len(el.FindElements(".//Signature")) != 1 {
		return nil, ErrSignature
	}
	reference, method := child(info, signatureXML, "Reference"), child(info, signatureXML, "SignatureMethod")
	if reference == nil || method == nil || reference.SelectAttrValue("URI", "") != "#"+id || strings.HasSuffix(method.SelectAttrValue("Algorithm", ""), "-sha1") {
		return nil, ErrSignature
	}
	context, err := etreeutils.NSBuildParentContext(el)
	if err != nil {
		return nil, ErrSignature
	}
	detached, err := etreeutils.NSDetatch(context, el)
	if err != nil {
		return nil, ErrSignature
	}
	for _, cert := range certs {
		v := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{cert}})
		v.Clock = dsig.NewFakeClock(clockwork.NewFakeClockAt(now))
		if signed, err := v.Validate(detached); err == nil {
			return signed, nil
		}
	}
	return nil, ErrSignature
}

// readAssertion reads a verified assertion and checks that it is for AWS and valid now.
func readAssertion(el *etree.Element, m *Metadata, now time.Time) (*Assertion, error) {
	a := &Assertion{Issuer: content(child(el, assertionNamespace, "Issuer")), Attributes: map[string][]string{}}
	if a.Issuer != m.EntityID {
		return nil, ErrIssuer
	}
	if err := a.readSubject(child(el, assertionNamespace, "Subject"), now); err != nil {
		return nil, err
	}
	if err := checkConditions(child(el, assertionNamespace, "Conditions"), now); err != nil {
		return nil, err
	}
	issued, err := time.Parse(time.RFC3339, el.SelectAttrValue("IssueInstant", ""))
	switch {
	case err != nil:
		return nil, ErrResponse
	case now.Sub(issued) > assertionLife, issued.Sub(now) > assertionLife:
		return nil, ErrRedeemed
	}
	for _, statement := range children(el, assertionNamespace, "AuthnStatement") {
		if until := statement.SelectAttrValue("SessionNotOnOrAfter", ""); until != "" {
			if a.Expires, err = time.Parse(time.RFC3339, until); err != nil || !now.Before(a.Expires) {
				return nil, ErrRedeemed
			}
		}
	}
	for _, statement := range children(el, assertionNamespace, "AttributeStatement") {
		for _, attribute := range children(statement, assertionNamespace, "Attribute") {
			name := attribute.SelectAttrValue("Name", "")
			for _, value := range children(attribute, assertionNamespace, "AttributeValue") {
				a.Attributes[name] = append(a.Attributes[name], content(value))
			}
		}
	}
	return a, nil
}

// readSubject reads the subject, which must have a bearer confirmation for AWS's sign-in.
func (a *Assertion) readSubject(subject *etree.Element, now time.Time) error {
	if subject == nil {
		return ErrResponse
	}
	name := child(subject, assertionNamespace, "NameID")
	if a.Subject = content(name); a.Subject == "" {
		return ErrResponse
	}
	a.SubjectType = strings.TrimPrefix(name.SelectAttrValue("Format", ""), nameFormats)
	for _, confirmation := range children(subject, assertionNamespace, "SubjectConfirmation") {
		data := child(confirmation, assertionNamespace, "SubjectConfirmationData")
		if confirmation.SelectAttrValue("Method", "") != bearer || data == nil {
			continue
		}
		recipient := data.SelectAttrValue("Recipient", "")
		until, err := time.Parse(time.RFC3339, data.SelectAttrValue("NotOnOrAfter", ""))
		switch {
		case !isSignIn(recipient):
			return ErrAudience
		case err != nil, !now.Before(until):
			return ErrRedeemed
		}
		a.Audience = recipient
		return nil
	}
	return ErrResponse
}

// checkConditions checks the times and the audiences of an assertion.
func checkConditions(conditions *etree.Element, now time.Time) error {
	if conditions == nil {
		return ErrAudience
	}
	for attribute, holds := range map[string]func(time.Time) bool{
		"NotBefore":    func(t time.Time) bool { return !now.Add(clockSkew).Before(t) },
		"NotOnOrAfter": func(t time.Time) bool { return now.Before(t) },
	} {
		text := conditions.SelectAttrValue(attribute, "")
		if text == "" {
			continue
		}
		if t, err := time.Parse(time.RFC3339, text); err != nil || !holds(t) {
			return ErrRedeemed
		}
	}
	for _, restriction := range children(conditions, assertionNamespace, "AudienceRestriction") {
		if !slices.ContainsFunc(children(restriction, assertionNamespace, "Audience"), func(el *etree.Element) bool {
			return slices.Contains(audiences, content(el))
		}) {
			return ErrAudience
		}
	}
	if len(children(conditions, assertionNamespace, "AudienceRestriction")) == 0 {
		return ErrAudience
	}
	return nil
}
