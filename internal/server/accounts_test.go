package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/writtest"
)

// TestAccounts makes an account on a server that refuses the sandbox
// credentials, and is its root user.
func TestAccounts(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Public: true})
	resp, err := http.Post(s.URL+"/_writ/accounts", "application/json", strings.NewReader(`{"name":"dev"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var made server.NewAccount
	if err := json.NewDecoder(resp.Body).Decode(&made); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("status %s, %v", resp.Status, err)
	}
	who, err := sts.NewFromConfig(s.ConfigFor(writ.AccessKey{ID: made.AccessKeyID, Secret: made.SecretAccessKey})).
		GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:iam::" + made.ID + ":root"; *who.Arn != want || made.Name != "dev" {
		t.Errorf("the key is that of %s, want %s; %+v", *who.Arn, want, made.Account)
	}

	resp, err = http.Get(s.URL + "/_writ/accounts")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct{ Accounts []map[string]string }
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || len(list.Accounts) != 1 || len(list.Accounts[0]) != 3 || list.Accounts[0]["id"] != made.ID {
		t.Errorf("list %v, %v", list, err)
	}
}

// TestAccountsRefused asks as a browser page would, and for what cannot be.
func TestAccountsRefused(t *testing.T) {
	s := writtest.New(t)
	for _, c := range []struct {
		name, method, body string
		prepare            func(*http.Request)
		want               int
	}{
		{"origin", "POST", `{"name":"dev"}`, func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		{"fetch metadata", "POST", `{"name":"dev"}`, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"rebound name", "POST", `{"name":"dev"}`, func(r *http.Request) { r.Host = "evil.example" }, 403},
		{"rebound name, list", "GET", "", func(r *http.Request) { r.Host = "evil.example" }, 403},
		{"no name", "POST", `{}`, func(*http.Request) {}, 400},
		{"long name", "POST", `{"name":"` + strings.Repeat("a", 51) + `"}`, func(*http.Request) {}, 400},
		{"no JSON", "POST", `name=dev`, func(*http.Request) {}, 400},
	} {
		req, err := http.NewRequest(c.method, s.URL+"/_writ/accounts", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		c.prepare(req)
		if got := do(t, req); got.status != c.want || strings.Contains(got.body, "secret") {
			t.Errorf("%s: status %d, want %d; %s", c.name, got.status, c.want, got.body)
		}
	}
	resp, err := http.Get(s.URL + "/_writ/accounts")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct{ Accounts []any }
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || len(list.Accounts) != 0 {
		t.Errorf("accounts %v, %v", list.Accounts, err)
	}
}
