package federation

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

const (
	metadataNamespace = "urn:oasis:names:tc:SAML:2.0:metadata"
	signatureXML      = "http://www.w3.org/2000/09/xmldsig#"
)

// ErrMetadata is returned for a document that is not the metadata of a SAML identity
// provider.
var ErrMetadata = errors.New("not the metadata of a SAML identity provider")

// Metadata is the content of a SAML identity provider's metadata document.
type Metadata struct {
	EntityID     string
	Certificates []*x509.Certificate // its signing certificates
	ValidUntil   time.Time           // zero without an expiry
}

// ParseMetadata parses a metadata document. The error is ErrMetadata.
func ParseMetadata(text string) (*Metadata, error) {
	root, err := readXML([]byte(text))
	if err != nil || !is(root, metadataNamespace, "EntityDescriptor") {
		return nil, ErrMetadata
	}
	m := &Metadata{EntityID: root.SelectAttrValue("entityID", "")}
	if until := root.SelectAttrValue("validUntil", ""); until != "" {
		if m.ValidUntil, err = time.Parse(time.RFC3339, until); err != nil {
			return nil, ErrMetadata
		}
	}
	for _, descriptor := range children(root, metadataNamespace, "IDPSSODescriptor") {
		for _, key := range children(descriptor, metadataNamespace, "KeyDescriptor") {
			if use := key.SelectAttrValue("use", "signing"); use != "signing" {
				continue
			}
			for _, info := range children(key, signatureXML, "KeyInfo") {
				for _, data := range children(info, signatureXML, "X509Data") {
					for _, el := range children(data, signatureXML, "X509Certificate") {
						der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(content(el)), ""))
						if err != nil {
							return nil, ErrMetadata
						}
						cert, err := x509.ParseCertificate(der)
						if err != nil {
							return nil, ErrMetadata
						}
						m.Certificates = append(m.Certificates, cert)
					}
				}
			}
		}
	}
	if m.EntityID == "" || len(m.Certificates) == 0 {
		return nil, ErrMetadata
	}
	return m, nil
}
