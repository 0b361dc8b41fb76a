package federation

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// idp is an identity provider with its signing key.
type idp struct {
	t    *testing.T
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

const entityID = "https://idp.example.com/metadata"

func newIDP(t *testing.T) idp {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return idp{t, key, cert}
}

// GetKeyPair implements dsig.X509KeyStore.
func (p idp) GetKeyPair() (*rsa.PrivateKey, []byte, error) { return p.key, p.cert.Raw, nil }

func (p idp) metadata() string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + entityID + `"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
		`<KeyDescriptor use="encryption"/><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
		base64.StdEncoding.EncodeToString(p.cert.Raw) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`
}

// assertion returns an assertion for AWS with changes to its text: pairs of old and new.
func assertion(changes ...string) string {
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	text := fmt.Sprintf(`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" IssueInstant="%s" Version="2.0">`+
		`<saml:Issuer>%s</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann@example.com</saml:NameID>`+
		`<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="%s" Recipient="https://signin.aws.amazon.com/saml"/></saml:SubjectConfirmation></saml:Subject>`+
		`<saml:Conditions NotBefore="%s" NotOnOrAfter="%s"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>`+
		`<saml:AuthnStatement SessionNotOnOrAfter="%s"/><saml:AttributeStatement><saml:Attribute Name="team"><saml:AttributeValue>red</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>`,
		at(0), entityID, at(5*time.Minute), at(-time.Minute), at(5*time.Minute), at(time.Hour))
	return strings.NewReplacer(changes...).Replace(text)
}

// signed returns an element with the provider's signature in it.
func (p idp) signed(text string, method string) string {
	p.t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil {
		p.t.Fatal(err)
	}
	c := dsig.NewDefaultSigningContext(p)
	c.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	if err := c.SetSignatureMethod(method); err != nil {
		p.t.Fatal(err)
	}
	el, err := c.SignEnveloped(doc.Root())
	if err != nil {
		p.t.Fatal(err)
	}
	out := etree.NewDocument()
	out.SetRoot(el)
	s, err := out.WriteToString()
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func response(inner string) string {
	return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0">` +
		`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` + inner + `</samlp:Response>`
}

// TestSAMLAttacks sends the known attacks on SAML, by their names.
func TestSAMLAttacks(t *testing.T) {
	p, other := newIDP(t), newIDP(t)
	m, err := ParseMetadata(p.metadata())
	if err != nil {
		t.Fatal(err)
	}
	sha256 := dsig.RSASHA256SignatureMethod
	good := p.signed(assertion(), sha256)
	evil := assertion("ann@example.com", "root@example.com", `ID="_a1"`, `ID="_evil"`)
	signature := good[strings.Index(good, "<ds:Signature"):strings.Index(good, "</ds:Signature>")] + "</ds:Signature>"
	inEvil := func(what string) string { return strings.Replace(evil, "<saml:Subject>", what+"<saml:Subject>", 1) }
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">` + func() (s string) {
		for i := 'b'; i < 'k'; i++ {
			s += fmt.Sprintf(`<!ENTITY %c "%s">`, i, strings.Repeat(fmt.Sprintf("&%c;", i-1), 10))
		}
		return s
	}() + `]>`
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"good":                   {response(good), nil},
		"the response is signed": {p.signed(response(assertion()), sha256), nil},
		"both are signed":        {p.signed(response(good), sha256), nil},
		"unsigned":               {response(assertion()), ErrSignature},
		"signed by another":      {response(other.signed(assertion(), sha256)), ErrSignature},
		"SHA-1":                  {response(p.signed(assertion(), dsig.RSASHA1SignatureMethod)), ErrSignature},
		"changed after signing":  {response(strings.Replace(good, "ann@example.com", "root@example.com", 1)), ErrSignature},
		"signature moved":        {response(inEvil(signature)), ErrSignature},
		"wrapping: original in the evil's signature": {response(inEvil(strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+assertion()+"</ds:Object></ds:Signature>", 1))), ErrResponse},
		"wrapping: evil beside the original":         {response(evil + good), ErrResponse},
		"wrapping: original beside the evil":         {response(good + evil), ErrResponse},
		"wrapping: original inside the evil":         {response(inEvil(good)), ErrResponse},
		"wrapping: original in an extension":         {response(`<samlp:Extensions>` + good + `</samlp:Extensions>` + evil), ErrResponse},
		"wrapping: evil in the signature's object":   {response(strings.Replace(good, "</ds:Signature>", "<ds:Object>"+evil+"</ds:Object></ds:Signature>", 1)), ErrResponse},
		"wrapping: response in the evil response":    {strings.Replace(response(evil), "<samlp:Status>", p.signed(response(assertion()), sha256)+"<samlp:Status>", 1), ErrResponse},
		"two elements of one ID":                     {response(`<samlp:Extensions ID="_a1"/>` + good), ErrResponse},
		"XML bomb (billion laughs)":                  {bomb + strings.Replace(response(good), "ann", "&j;", 1), ErrResponse},
		"external entity":                            {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + response(good), ErrResponse},
		"document type":                              {`<!DOCTYPE Response>` + response(good), ErrResponse},
		"deep nesting":                               {response(strings.Repeat("<x>", 100) + strings.Repeat("</x>", 100) + good), ErrResponse},
		"not XML":                                    {"assertion", ErrResponse},
		"another root":                               {good, ErrResponse},
		"failed":                                     {strings.Replace(response(good), "status:Success", "status:Requester", 1), ErrResponse},
		"another issuer":                             {response(p.signed(assertion(entityID, "https://evil.example.com"), sha256)), ErrIssuer},
		"another audience":                           {response(p.signed(assertion("urn:amazon:webservices", "urn:other"), sha256)), ErrAudience},
		"no audience":                                {response(p.signed(assertion("<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>", ""), sha256)), ErrAudience},
		"sent elsewhere":                             {response(p.signed(assertion("https://signin.aws.amazon.com/saml", "https://evilsignin.aws.amazon.com.example.com/saml"), sha256)), ErrAudience},
		"sent to a look-alike":                       {response(p.signed(assertion("https://signin.aws.amazon.com/saml", "https://evilsignin.aws.amazon.com/saml"), sha256)), ErrAudience},
		"expired":                                    {response(p.signed(assertion(`NotOnOrAfter="`+now.Add(5*time.Minute).Format(time.RFC3339), `NotOnOrAfter="`+now.Format(time.RFC3339)), sha256)), ErrRedeemed},
		"not yet valid":                              {response(p.signed(assertion(`NotBefore="`+now.Add(-time.Minute).Format(time.RFC3339), `NotBefore="`+now.Add(time.Hour).Format(time.RFC3339)), sha256)), ErrRedeemed},
		"issued ten minutes ago":                     {response(p.signed(assertion(`IssueInstant="`+now.Format(time.RFC3339), `IssueInstant="`+now.Add(-10*time.Minute).Format(time.RFC3339)), sha256)), ErrRedeemed},
		"no bearer":                                  {response(p.signed(assertion("cm:bearer", "cm:holder-of-key"), sha256)), ErrResponse},
		"no subject":                                 {response(p.signed(assertion("ann@example.com", ""), sha256)), ErrResponse},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := VerifyResponse([]byte(test.text), m, now)
			if !errors.Is(err, test.want) || (err == nil) != (got != nil) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if err == nil && (got.Subject != "ann@example.com" || got.SubjectType != "persistent" || got.Attributes["team"][0] != "red") {
				t.Errorf("assertion %+v", got)
			}
		})
	}

	// A comment does not shorten the name before it: CVE-2017-11427 and its kin.
	commented := p.signed(assertion("ann@example.com", "ann@example.com.evil.com"), sha256)
	got, err := VerifyResponse([]byte(response(strings.Replace(commented, "ann@example.com.evil.com", "ann@example.com<!---->.evil.com", 1))), m, now)
	if err != nil || got.Subject != "ann@example.com.evil.com" {
		t.Errorf("a name with a comment: %+v %v", got, err)
	}
}

func TestMetadata(t *testing.T) {
	p := newIDP(t)
	m, err := ParseMetadata(p.metadata())
	if err != nil || m.EntityID != entityID || len(m.Certificates) != 1 || !m.ValidUntil.IsZero() {
		t.Fatalf("%+v %v", m, err)
	}
	until := strings.Replace(p.metadata(), "entityID=", `validUntil="2030-01-01T00:00:00Z" entityID=`, 1)
	if m, err = ParseMetadata(until); err != nil || m.ValidUntil.Year() != 2030 {
		t.Errorf("%+v %v", m, err)
	}
	for name, bad := range map[string]string{
		"nothing":        "",
		"not XML":        "metadata",
		"another root":   "<x/>",
		"document type":  "<!DOCTYPE x>" + p.metadata(),
		"no certificate": strings.Replace(p.metadata(), "signing", "encryption", 1),
		"no entity":      strings.Replace(p.metadata(), "entityID", "entity", 1),
		"bad key":        strings.Replace(p.metadata(), "<X509Certificate>", "<X509Certificate>AAAA", 1),
		"bad date":       strings.Replace(until, "2030-01-01T00:00:00Z", "soon", 1),
	} {
		if _, err := ParseMetadata(bad); !errors.Is(err, ErrMetadata) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
