package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
)

// The kinds of identity providers.
const (
	OIDCProviderKind Kind = "oidc-provider"
	SAMLProviderKind Kind = "saml-provider"
)

// OIDCProvider is an OpenID Connect identity provider that an account trusts. Its name is
// the issuer without "https://".
type OIDCProvider struct {
	Entity
	ClientIDs   []string // the audiences for which its tokens may be issued
	Thumbprints []string // of its TLS servers' certificates; Writ does not connect to them
}

// NewOIDCProvider returns a provider that is not yet stored.
func NewOIDCProvider(partition, account, issuer string) OIDCProvider {
	return OIDCProvider{Entity: newEntity(OIDCProviderKind, partition, account, "/", issuer)}
}

// OIDCProviderARN returns the ARN of an account's provider for an issuer, without "https://".
func OIDCProviderARN(partition, account, issuer string) string {
	return entityARN(OIDCProviderKind, partition, account, "/", issuer)
}

// ReadOIDCProvider reads the provider at an ARN. It returns store.ErrNotFound if there is none.
func ReadOIDCProvider(tx *store.Tx, arn string) (OIDCProvider, error) {
	return readAs[OIDCProvider](tx, OIDCProviderKind, arn)
}

// PutOIDCProvider creates or replaces a provider.
func PutOIDCProvider(tx *store.Tx, p OIDCProvider, now time.Time) error {
	return write(tx, OIDCProviderKind, &p.Entity, &p, nil, now)
}

// SAMLProvider is a SAML 2.0 identity provider that an account trusts.
type SAMLProvider struct {
	Entity
	Metadata   string // the XML document that describes it
	ValidUntil time.Time
	Encryption string // "Allowed" or "Required"
	Keys       []SAMLKey
}

// SAMLKey is a private key with which assertions can be decrypted.
type SAMLKey struct {
	ID      string
	AddedAt time.Time
	Sealed  []byte // the key in PEM
}

// NewSAMLProvider returns a provider that is not yet stored.
func NewSAMLProvider(partition, account, name string) SAMLProvider {
	return SAMLProvider{Entity: newEntity(SAMLProviderKind, partition, account, "/", name)}
}

// ReadSAMLProvider reads the provider at an ARN. It returns store.ErrNotFound if there is none.
func ReadSAMLProvider(tx *store.Tx, arn string) (SAMLProvider, error) {
	return readAs[SAMLProvider](tx, SAMLProviderKind, arn)
}

// PutSAMLProvider creates or replaces a provider.
func PutSAMLProvider(tx *store.Tx, p SAMLProvider, now time.Time) error {
	return write(tx, SAMLProviderKind, &p.Entity, &p, nil, now)
}

// UUID returns the unique id of the provider in outputs.
func (p *SAMLProvider) UUID() string {
	sum := sha256.Sum256([]byte(p.ARN + p.ID))
	return strings.ToUpper(hex.EncodeToString(sum[:16]))
}
