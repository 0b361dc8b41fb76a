package federation

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Errors of VerifyToken and Unverified.
var (
	// ErrNotAToken: the text is not a signed JSON Web Token with the claims that OpenID
	// Connect requires, or the signature algorithm is not accepted.
	ErrNotAToken = errors.New("not a valid JSON Web Token")
	// ErrKey: no key of the issuer verifies the signature.
	ErrKey = errors.New("no key of the issuer verifies the token")
	// ErrNotYet: the token is not valid yet.
	ErrNotYet = errors.New("the token is not valid yet")
	// ErrTooOld: the token was issued more than a day ago.
	ErrTooOld = errors.New("the token was issued too long ago")
)

// ExpiredError is returned for a token that has expired.
type ExpiredError struct{ Now, Expiry time.Time }

func (e *ExpiredError) Error() string {
	return fmt.Sprintf("expired: current date/time %d must be before the expiration date/time %d", e.Now.Unix(), e.Expiry.Unix())
}

// Token is a token of OpenID Connect.
type Token struct {
	Issuer   string // without "https://"
	Subject  string
	Audience []string
	// Party is the claim azp, the authorized party of a token with several audiences.
	Party  string
	Claims map[string]any // all claims, as decoded JSON
}

// algorithms are those that AWS accepts. Neither "none" nor an algorithm with a shared
// secret is among them, so a public key cannot be used as a secret.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

const (
	maxTokenAge = 24 * time.Hour
	clockSkew   = 5 * time.Minute
)

// Keys are the public keys of an issuer.
type Keys struct{ set jose.JSONWebKeySet }

// ParseKeys parses a JSON Web Key Set. It ignores keys that are not for signatures.
func ParseKeys(text []byte) (Keys, error) {
	var all, k Keys
	if err := json.Unmarshal(text, &all.set); err != nil {
		return k, fmt.Errorf("JSON Web Key Set: %w", err)
	}
	for _, key := range all.set.Keys {
		if key.Valid() && key.IsPublic() && key.Use != "enc" {
			k.set.Keys = append(k.set.Keys, key)
		}
	}
	if len(k.set.Keys) == 0 {
		return k, errors.New("JSON Web Key Set: no public key for signatures")
	}
	return k, nil
}

// find returns the key that the header of a token names. A token without a key id can be
// verified only if there is one key.
func (k Keys) find(header jose.Header) (jose.JSONWebKey, bool) {
	candidates := k.set.Keys
	if header.KeyID != "" {
		candidates = k.set.Key(header.KeyID)
	}
	if len(candidates) != 1 || candidates[0].Algorithm != "" && candidates[0].Algorithm != header.Algorithm {
		return jose.JSONWebKey{}, false
	}
	return candidates[0], true
}

// Unverified is a token whose signature was not verified. It is trusted for its issuer
// alone, by which its keys are found.
type Unverified struct {
	Issuer string // without "https://"
	token  *jwt.JSONWebToken
}

// ParseToken reads a token. The error is ErrNotAToken.
func ParseToken(text string) (*Unverified, error) {
	parsed, err := jwt.ParseSigned(text, algorithms)
	if err != nil || len(parsed.Headers) != 1 {
		return nil, ErrNotAToken
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return nil, ErrNotAToken
	}
	issuer, ok := strings.CutPrefix(claims.Issuer, "https://")
	if !ok || issuer == "" {
		return nil, ErrNotAToken
	}
	return &Unverified{issuer, parsed}, nil
}

// Verify verifies the token's signature and its times. The caller compares its issuer and
// its audience.
func (u *Unverified) Verify(keys Keys, now time.Time) (*Token, error) {
	key, ok := keys.find(u.token.Headers[0])
	if !ok {
		return nil, ErrKey
	}
	var claims jwt.Claims
	all := map[string]any{}
	if err := u.token.Claims(key, &claims, &all); err != nil {
		return nil, ErrKey
	}
	issuer, https := strings.CutPrefix(claims.Issuer, "https://")
	switch {
	case !https || claims.Subject == "" || len(claims.Audience) == 0 || claims.Expiry == nil || claims.IssuedAt == nil:
		return nil, ErrNotAToken
	case !now.Before(claims.Expiry.Time()):
		return nil, &ExpiredError{now, claims.Expiry.Time()}
	case claims.NotBefore != nil && now.Add(clockSkew).Before(claims.NotBefore.Time()), now.Add(clockSkew).Before(claims.IssuedAt.Time()):
		return nil, ErrNotYet
	case now.Sub(claims.IssuedAt.Time()) > maxTokenAge:
		return nil, ErrTooOld
	}
	party, _ := all["azp"].(string)
	return &Token{Issuer: issuer, Subject: claims.Subject, Audience: claims.Audience, Party: party, Claims: all}, nil
}

// Client is the client that the token was issued to: its audience or, with several, the
// authorized party; "" without one.
func (t *Token) Client() string {
	if len(t.Audience) == 1 {
		return t.Audience[0]
	}
	return t.Party
}

// IsFor reports whether the token was issued to one of the clients of a provider.
func (t *Token) IsFor(clients []string) bool {
	client := t.Client()
	return client != "" && slices.Contains(clients, client)
}

// Keys are the condition keys of the token: each claim that is a string, a number, a
// boolean or a list of them, under "ISSUER:claim".
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func (t *Token) Keys() map[string][]string {
	keys := map[string][]string{}
	for claim, value := range t.Claims {
		if strings.ContainsAny(claim, ":/") {
			continue // namespaced claims are not condition keys: AWS's own are session tags and source identities
		}
		if values := texts(value); values != nil {
			keys[t.Issuer+":"+claim] = values
		}
	}
	keys[t.Issuer+":aud"] = t.Audience
	if t.Issuer == "accounts.google.com" && t.Party != "" {
		keys[t.Issuer+":oaud"], keys[t.Issuer+":aud"] = t.Audience, []string{t.Party}
	}
	return keys
}

// texts returns the values of a claim as a condition key; nil for other types.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case bool:
		return []string{fmt.Sprint(value)}
	case float64:
		return []string{fmt.Sprintf("%.15g", value)}
	case json.Number:
		return []string{value.String()}
	case []any:
		list := []string{}
		for _, element := range value {
			if one := texts(element); len(one) == 1 {
				list = append(list, one[0])
			}
		}
		return list
	}
	return nil
}

// Claims in which a provider passes session tags and a source identity.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
const (
	tagsClaim           = "https://aws.amazon.com/tags"
	sourceIdentityClaim = "https://aws.amazon.com/source_identity"
)

// Tags are the session tags in the token and the keys of the transitive ones. The error
// is ErrNotAToken if a claim has another type.
func (t *Token) Tags() (tags map[string]string, transitive []string, err error) {
	claim, given := t.Claims[tagsClaim]
	if !given {
		return nil, nil, nil
	}
	text, err := json.Marshal(claim)
	if err != nil {
		return nil, nil, ErrNotAToken
	}
	var form struct {
		PrincipalTags     map[string][]string `json:"principal_tags"`
		TransitiveTagKeys []string            `json:"transitive_tag_keys"`
	}
	if err := json.Unmarshal(text, &form); err != nil {
		return nil, nil, ErrNotAToken
	}
	tags = map[string]string{}
	for key, values := range form.PrincipalTags {
		if len(values) != 1 {
			return nil, nil, ErrNotAToken
		}
		tags[key] = values[0]
	}
	return tags, form.TransitiveTagKeys, nil
}

// SourceIdentity is the source identity in the token; "" without one.
func (t *Token) SourceIdentity() string {
	identity, _ := t.Claims[sourceIdentityClaim].(string)
	return identity
}
