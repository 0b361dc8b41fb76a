package federation

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/store"
)

// Issuers returns the public keys of token issuers: for some from a file, for all others
// those of the test issuer, which issues tokens in the name of any issuer. The zero value
// has the test issuer only.
type Issuers struct {
	// Files are keys by issuer, without "https://". The test issuer does not issue tokens
	// for these.
	Files map[string]Keys
}

// HasFile reports whether the keys of an issuer come from a file.
func (i *Issuers) HasFile(issuer string) bool {
	if i == nil {
		return false
	}
	_, ok := i.Files[issuer]
	return ok
}

// ReadKeySets reads JSON Web Key Sets by issuer, with or without "https://".
func ReadKeySets(texts map[string][]byte) (*Issuers, error) {
	files := map[string]Keys{}
	for issuer, text := range texts {
		keys, err := ParseKeys(text)
		if err != nil {
			return nil, fmt.Errorf("keys of %s: %w", issuer, err)
		}
		files[strings.TrimSuffix(strings.TrimPrefix(issuer, "https://"), "/")] = keys
	}
	return &Issuers{Files: files}, nil
}

// Keys returns the keys of an issuer. The error is ErrKey if there are none, that is
// before the test issuer issued its first token.
func (i *Issuers) Keys(tx *store.Tx, issuer string) (Keys, error) {
	if i != nil {
		if keys, ok := i.Files[issuer]; ok {
			return keys, nil
		}
	}
	keys, err := store.Cached(tx, testIssuerARN, decodeKeys)
	if errors.Is(err, store.ErrNotFound) {
		return Keys{}, ErrKey
	}
	return keys, err
}

// decodeKeys reads the public keys of the test issuer.
func decodeKeys(r store.Resource) (Keys, error) {
	var row testIssuer
	if err := json.Unmarshal(r.Data, &row); err != nil {
		return Keys{}, fmt.Errorf("test issuer: %w", err)
	}
	return ParseKeys(row.Public)
}

// testIssuer is the stored key of the test issuer.
type testIssuer struct {
	Public json.RawMessage // the JSON Web Key Set
	Sealed []byte          // the private key, PKCS #1
}

// testIssuerARN is the key of the row; it is not an ARN of AWS.
const testIssuerARN = "arn:aws:writ:::test-issuer"

// keyBits is the size of the test issuer's RSA key.
const keyBits = 2048

// PublicKeys returns the test issuer's JSON Web Key Set, and creates the key at its first
// use.
func PublicKeys(tx *store.Tx, sealer *keys.Sealer, now time.Time) (json.RawMessage, error) {
	row, _, err := openTestIssuer(tx, sealer, now)
	return row.Public, err
}

// Issue issues a token of the test issuer in the name of an issuer, without "https://".
// The claims iss, iat, nbf and exp are set unless given.
func Issue(tx *store.Tx, sealer *keys.Sealer, issuer string, claims map[string]any, life time.Duration, now time.Time) (string, error) {
	_, key, err := openTestIssuer(tx, sealer, now)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: keyID(key)}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("test issuer: %w", err)
	}
	all := map[string]any{"iss": "https://" + issuer, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(life).Unix()}
	for name, value := range claims {
		all[name] = value
	}
	token, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		return "", fmt.Errorf("test issuer: %w", err)
	}
	return token, nil
}

// openTestIssuer reads the key of the test issuer, or creates it.
func openTestIssuer(tx *store.Tx, sealer *keys.Sealer, now time.Time) (row testIssuer, key *rsa.PrivateKey, err error) {
	r, err := tx.Resource(testIssuerARN)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return makeTestIssuer(tx, sealer, now)
	case err != nil:
		return row, nil, err
	}
	if err := json.Unmarshal(r.Data, &row); err != nil {
		return row, nil, fmt.Errorf("test issuer: %w", err)
	}
	private, err := sealer.Open(row.Sealed, testIssuerARN)
	if err == nil {
		key, err = x509.ParsePKCS1PrivateKey(private)
	}
	if err != nil {
		return row, nil, fmt.Errorf("test issuer: %w", err)
	}
	return row, key, nil
}

func makeTestIssuer(tx *store.Tx, sealer *keys.Sealer, now time.Time) (row testIssuer, key *rsa.PrivateKey, err error) {
	if key, err = rsa.GenerateKey(rand.Reader, keyBits); err != nil {
		return row, nil, fmt.Errorf("test issuer: %w", err)
	}
	row.Public, err = json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: key.Public(), KeyID: keyID(key), Algorithm: string(jose.RS256), Use: "sig"},
	}})
	if err != nil {
		return row, nil, fmt.Errorf("test issuer: %w", err)
	}
	row.Sealed = sealer.Seal(x509.MarshalPKCS1PrivateKey(key), testIssuerARN)
	data, err := json.Marshal(row)
	if err != nil {
		return row, nil, fmt.Errorf("test issuer: %w", err)
	}
	return row, key, tx.InsertResource(store.Resource{
		ARN: testIssuerARN, Service: "writ", Type: "test-issuer", Name: "test issuer", Data: data, CreatedAt: now, UpdatedAt: now,
	})
}

// keyID derives the id of a key from its public key.
func keyID(key *rsa.PrivateKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
