package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)

// issuerKey is an issuer's key with its public half as the issuer publishes it.
type issuerKey struct {
	private any
	alg     jose.SignatureAlgorithm
	id      string
}

func newRSA(t *testing.T, id string) issuerKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return issuerKey{key, jose.RS256, id}
}

func newEC(t *testing.T, id string) issuerKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return issuerKey{key, jose.ES256, id}
}

func published(t *testing.T, list ...issuerKey) Keys {
	t.Helper()
	var set jose.JSONWebKeySet
	for _, k := range list {
		key := jose.JSONWebKey{Key: k.private, KeyID: k.id, Algorithm: string(k.alg), Use: "sig"}
		set.Keys = append(set.Keys, key.Public())
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// claims are those of a good token, with changes; nil removes one.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": "https://token.example.com", "sub": "repo:org/repo:ref:refs/heads/main", "aud": "sts.amazonaws.com",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
	}
	for name, value := range changes {
		all[name] = value
		if value == nil {
			delete(all, name)
		}
	}
	return all
}

func (k issuerKey) sign(t *testing.T, all map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: k.alg, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func part(v any) string {
	text, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(text)
}

// TestTokenAttacks sends the known attacks on tokens, by their names.
func TestTokenAttacks(t *testing.T) {
	good, other := newRSA(t, "one"), newRSA(t, "one")
	keys := published(t, good)
	payload := part(claims(nil))
	publicKey := x509.MarshalPKCS1PublicKey(&good.private.(*rsa.PrivateKey).PublicKey)
	hmacOf := func(secret []byte, text string) string {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	confused := part(map[string]string{"alg": "HS256", "kid": "one"}) + "." + payload
	embedded := part(map[string]any{"alg": "RS256", "jwk": (&jose.JSONWebKey{Key: other.private, KeyID: "one"}).Public()})
	token := good.sign(t, claims(nil))
	fields := strings.Split(token, ".")
	for name, test := range map[string]struct {
		token string
		want  error
	}{
		"alg none":                      {part(map[string]string{"alg": "none"}) + "." + payload + ".", ErrNotAToken},
		"alg None":                      {part(map[string]string{"alg": "None"}) + "." + payload + ".", ErrNotAToken},
		"alg none with a signature":     {part(map[string]string{"alg": "none", "kid": "one"}) + "." + payload + "." + fields[2], ErrNotAToken},
		"signature stripped":            {fields[0] + "." + fields[1] + ".", ErrKey},
		"key confusion, HS256":          {confused + "." + hmacOf(publicKey, confused), ErrNotAToken},
		"key in the header":             {embedded + "." + payload + "." + fields[2], ErrKey},
		"another key of the same id":    {other.sign(t, claims(nil)), ErrKey},
		"an unknown key id":             {issuerKey{good.private, jose.RS256, "two"}.sign(t, claims(nil)), ErrKey},
		"path as key id":                {issuerKey{good.private, jose.RS256, "../../dev/null"}.sign(t, claims(nil)), ErrKey},
		"another algorithm of the key":  {issuerKey{good.private, jose.RS512, "one"}.sign(t, claims(nil)), ErrKey},
		"PSS":                           {issuerKey{good.private, jose.PS256, "one"}.sign(t, claims(nil)), ErrNotAToken},
		"claims exchanged":              {fields[0] + "." + part(claims(map[string]any{"sub": "repo:evil"})) + "." + fields[2], ErrKey},
		"not a token":                   {"token", ErrNotAToken},
		"five parts":                    {token + ".a.b", ErrNotAToken},
		"no subject":                    {good.sign(t, claims(map[string]any{"sub": nil})), ErrNotAToken},
		"no expiry":                     {good.sign(t, claims(map[string]any{"exp": nil})), ErrNotAToken},
		"no time of issue":              {good.sign(t, claims(map[string]any{"iat": nil})), ErrNotAToken},
		"no audience":                   {good.sign(t, claims(map[string]any{"aud": nil})), ErrNotAToken},
		"issuer over http":              {good.sign(t, claims(map[string]any{"iss": "http://token.example.com"})), ErrNotAToken},
		"expired":                       {good.sign(t, claims(map[string]any{"exp": now.Add(-time.Second).Unix()})), &ExpiredError{}},
		"expires now":                   {good.sign(t, claims(map[string]any{"exp": now.Unix()})), &ExpiredError{}},
		"not yet valid":                 {good.sign(t, claims(map[string]any{"nbf": now.Add(time.Hour).Unix()})), ErrNotYet},
		"issued in the future":          {good.sign(t, claims(map[string]any{"iat": now.Add(time.Hour).Unix()})), ErrNotYet},
		"issued more than a day ago":    {good.sign(t, claims(map[string]any{"iat": now.Add(-25 * time.Hour).Unix()})), ErrTooOld},
		"expiry as text":                {good.sign(t, claims(map[string]any{"exp": "tomorrow"})), ErrKey},
		"good":                          {token, nil},
		"a few minutes ahead of us":     {good.sign(t, claims(map[string]any{"nbf": now.Add(time.Minute).Unix(), "iat": now.Add(time.Minute).Unix()})), nil},
		"signed by another of its kind": {newEC(t, "one").sign(t, claims(nil)), ErrKey},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := verifyToken(test.token, keys, now)
			if _, expired := test.want.(*ExpiredError); expired {
				if _, ok := errors.AsType[*ExpiredError](err); !ok {
					t.Errorf("got %v", err)
				}
				return
			}
			if !errors.Is(err, test.want) || (err == nil) != (got != nil) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestKeysOfIssuer(t *testing.T) {
	first, second := newRSA(t, "rsa"), newEC(t, "ec")
	keys := published(t, first, second)
	for _, k := range []issuerKey{first, second} {
		if _, err := verifyToken(k.sign(t, claims(nil)), keys, now); err != nil {
			t.Errorf("%s: %v", k.id, err)
		}
	}
	unnamed := issuerKey{first.private, jose.RS256, ""}
	if _, err := verifyToken(unnamed.sign(t, claims(nil)), keys, now); !errors.Is(err, ErrKey) {
		t.Errorf("no key id, two keys: %v", err)
	}
	if _, err := verifyToken(unnamed.sign(t, claims(nil)), published(t, first), now); err != nil {
		t.Errorf("no key id, one key: %v", err)
	}
	secret := `{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"one"}]}`
	for _, bad := range []string{"", "{}", `{"keys":[]}`, secret, `{"keys":[{"kty":"RSA"}]}`} {
		if _, err := ParseKeys([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestClaims(t *testing.T) {
	k := newRSA(t, "one")
	read := func(changes map[string]any) *Token {
		t.Helper()
		token, err := verifyToken(k.sign(t, claims(changes)), published(t, k), now)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	token := read(map[string]any{
		"repository": "org/repo", "run_id": 12345678901, "private": true, "amr": []string{"a", "b"}, "nested": map[string]any{"a": 1},
		tagsClaim:           map[string]any{"principal_tags": map[string]any{"team": []string{"red"}}, "transitive_tag_keys": []string{"team"}},
		sourceIdentityClaim: "ann",
	})
	keys := token.Keys()
	for key, want := range map[string][]string{
		"token.example.com:sub": {"repo:org/repo:ref:refs/heads/main"}, "token.example.com:aud": {"sts.amazonaws.com"},
		"token.example.com:repository": {"org/repo"}, "token.example.com:run_id": {"12345678901"}, "token.example.com:private": {"true"},
		"token.example.com:amr": {"a", "b"}, "token.example.com:nested": nil,
	} {
		if diff := cmp.Diff(want, keys[key]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	tags, transitive, err := token.Tags()
	if err != nil || tags["team"] != "red" || len(transitive) != 1 || token.SourceIdentity() != "ann" {
		t.Errorf("tags %v %v %v", tags, transitive, err)
	}
	for _, bad := range []any{"red", map[string]any{"principal_tags": map[string]any{"team": "red"}}, map[string]any{"principal_tags": map[string]any{"team": []string{"a", "b"}}}} {
		if _, _, err := read(map[string]any{tagsClaim: bad}).Tags(); !errors.Is(err, ErrNotAToken) {
			t.Errorf("tags %v: %v", bad, err)
		}
	}

	several := map[string]any{"aud": []string{"a", "b"}}
	if read(several).IsFor([]string{"a"}) {
		t.Error("a token for several audiences names no party")
	}
	several["azp"] = "b"
	if token := read(several); token.IsFor([]string{"a"}) || !token.IsFor([]string{"b"}) {
		t.Error("the party of a token decides")
	}
	google := read(map[string]any{"iss": "https://accounts.google.com", "azp": "app"}).Keys()
	if google["accounts.google.com:aud"][0] != "app" || google["accounts.google.com:oaud"][0] != "sts.amazonaws.com" {
		t.Errorf("keys of Google %v", google)
	}
}

// verifyToken parses and verifies a token.
func verifyToken(text string, keys Keys, now time.Time) (*Token, error) {
	unverified, err := ParseToken(text)
	if err != nil {
		return nil, err
	}
	return unverified.Verify(keys, now)
}
