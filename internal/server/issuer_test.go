package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// TestIssuer verifies a token of the test issuer as a relying party would: by discovery.
func TestIssuer(t *testing.T) {
	s := writtest.New(t)
	at := s.URL + "/_writ/oidc/gitlab.example.com/group"
	resp, err := http.Post(at+"/token", "application/json", strings.NewReader(`{"claims":{"sub":"s","aud":"a","amr":["x"]},"seconds":60}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var made struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&made); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("status %s, %v", resp.Status, err)
	}
	get := func(url string, into any) {
		t.Helper()
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", url, resp.Status, err)
		}
	}
	var discovery struct{ Issuer, JWKS_URI string }
	get(at+"/.well-known/openid-configuration", &discovery)
	var keys jose.JSONWebKeySet
	get(discovery.JWKS_URI, &keys)
	if len(keys.Keys) != 1 || !keys.Keys[0].IsPublic() {
		t.Fatalf("keys %+v", keys)
	}
	token, err := jwt.ParseSigned(made.Token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.Claims
	if err := token.Claims(keys, &claims); err != nil {
		t.Fatal(err)
	}
	if err := claims.Validate(jwt.Expected{Issuer: discovery.Issuer, Subject: "s", AnyAudience: jwt.Audience{"a"}}); err != nil {
		t.Error(err)
	}
	if discovery.Issuer != "https://gitlab.example.com/group" || claims.Expiry.Time().Sub(claims.IssuedAt.Time()) != time.Minute {
		t.Errorf("issuer %q, claims %+v", discovery.Issuer, claims)
	}
}

// TestIssuerRefuses asks for tokens as a browser page would, and for what cannot be.
func TestIssuerRefuses(t *testing.T) {
	other := writtest.NewFromConfig(t, writ.Config{})
	keys := do(t, request(t, "GET", other.URL+"/_writ/oidc/x/.well-known/jwks", "")).body
	s := writtest.NewFromConfig(t, writ.Config{KeySets: map[string][]byte{"https://files.example.com": []byte(keys)}})
	const good = `{"claims":{"sub":"s","aud":"a"}}`
	for name, c := range map[string]struct {
		path, body string
		prepare    func(*http.Request)
		want       int
	}{
		"good":            {"x/token", good, nil, 201},
		"origin":          {"x/token", good, func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		"rebound name":    {"x/token", good, func(r *http.Request) { r.Host = "evil.example" }, 403},
		"no subject":      {"x/token", `{"claims":{"aud":"a"}}`, nil, 400},
		"no audience":     {"x/token", `{"claims":{"sub":"a"}}`, nil, 400},
		"no JSON":         {"x/token", `sub=a`, nil, 400},
		"a year":          {"x/token", `{"claims":{"sub":"s","aud":"a"},"seconds":31536000}`, nil, 400},
		"no issuer":       {"token", good, nil, 404},
		"a wrong name":    {"x%20y/token", good, nil, 404},
		"keys in a file":  {"files.example.com/token", good, nil, 409},
		"another request": {"x/secret", good, nil, 404},
	} {
		req := request(t, "POST", s.URL+"/_writ/oidc/"+c.path, c.body)
		if c.prepare != nil {
			c.prepare(req)
		}
		if got := do(t, req); got.status != c.want || c.want != 201 && strings.Contains(got.body, "token\":") {
			t.Errorf("%s: status %d, want %d; %s", name, got.status, c.want, got.body)
		}
	}
	if got := do(t, request(t, "GET", s.URL+"/_writ/oidc/x/.well-known/other", "")); got.status != 404 {
		t.Errorf("another document: %+v", got)
	}
}

func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}
