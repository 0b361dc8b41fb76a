package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/writtest"
)

func TestHealth(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Data: writ.Memory, Enforce: writ.EnforceAudit})
	for _, path := range []string{"/_writ/health", "/_localstack/health"} {
		resp, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var got server.Health
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		want := server.Health{
			Status: "ok", Version: writ.Version, Enforcement: "audit",
			Store:    server.StoreHealth{Engine: "sqlite", Path: ":memory:"},
			Services: map[string]string{},
		}
		for _, svc := range server.Services(operation.Instant) {
			want.Services[svc.API.Name] = "available"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestReset(t *testing.T) {
	s := writtest.New(t)
	body := `{"name":"agent","semanticVersion":"1.0.0","platform":"Linux","clientToken":"x","data":"schemaVersion: 1.0\nphases: [{name: build, steps: [{name: a, action: ExecuteBash, inputs: {commands: [ls]}}]}]\n"}`
	create := func(want string) {
		t.Helper()
		req, err := http.NewRequest("PUT", s.URL+"/CreateComponent", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		sign(t, req, []byte(body), "imagebuilder", credentials(alice, "test"), time.Now())
		if got := do(t, req); !strings.Contains(got.body, want) {
			t.Errorf("got %s, want %s in it", got.body, want)
		}
	}
	for _, path := range []string{"/_writ/reset", "/_localstack/state/reset", "/moto-api/reset"} {
		create("component/agent/1.0.0/1")
		resp, err := http.Post(s.URL+path, "", nil)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %v", path, resp, err)
		}
		resp.Body.Close()
	}
	create("component/agent/1.0.0/1") // build 1 again, and the credentials still work
}

// TestResetRefused asks as a browser page would.
func TestResetRefused(t *testing.T) {
	s := writtest.New(t)
	for name, prepare := range map[string]func(*http.Request){
		"origin":         func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
		"null origin":    func(r *http.Request) { r.Header.Set("Origin", "null") },
		"fetch metadata": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"rebound name":   func(r *http.Request) { r.Host = "evil.example" },
		"foreign ip":     func(r *http.Request) { r.Host = "192.0.2.1:4566" },
	} {
		req, err := http.NewRequest("POST", s.URL+"/_writ/reset", nil)
		if err != nil {
			t.Fatal(err)
		}
		prepare(req)
		if got := do(t, req); got.status != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", name, got.status)
		}
	}
	if got, err := http.Get(s.URL + "/_writ/reset"); err != nil || got.StatusCode == http.StatusOK {
		t.Errorf("GET resets: %v, %v", got, err)
	}
}

// TestBrowserPage signs as a page that knows the sandbox credentials could.
func TestBrowserPage(t *testing.T) {
	s := writtest.New(t)
	req, body, scope := requests["query"](s.URL)
	req.Header.Set("Origin", "http://evil.example")
	sign(t, req, body, scope, credentials(alice, "test"), time.Now())
	if got := do(t, req); got.status < 400 {
		t.Errorf("a page of another origin got %s", got)
	}
}

// TestPublic refuses the sandbox credentials where other machines can reach.
func TestPublic(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Public: true})
	req, body, scope := requests["query"](s.URL)
	sign(t, req, body, scope, credentials(alice, "test"), time.Now())
	do(t, req).want(t, "InvalidClientTokenId 403")
}
