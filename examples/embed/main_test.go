package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestService sends requests as a client of the service does.
func TestService(t *testing.T) {
	now := time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)
	s, err := newService(func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/reports/{team}/{name}", s)
	do := func(user, method, path string) (int, string) {
		t.Helper()
		req := httptest.NewRequest(method, path, nil)
		if user != "" {
			req.SetBasicAuth(user, "")
		}
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, req)
		return answer.Code, answer.Body.String()
	}
	for _, test := range []struct {
		user, method, path string
		status             int
		body               string
	}{
		{"ann", "GET", "/reports/finance/q1", 200, "reports:Read of arn:aws:reports:::finance/q1"},
		{"ann", "DELETE", "/reports/finance/q1", 200, "reports:Delete"},
		{"ann", "GET", "/reports/sales/q1", 403, "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: reports:Read on resource: arn:aws:reports:::sales/q1 because no identity-based policy allows the reports:Read action"},
		{"bob", "GET", "/reports/sales/q1", 200, ""},
		{"bob", "DELETE", "/reports/sales/q1", 403, "no identity-based policy allows"},
		{"eve", "GET", "/reports/sales/q1", 403, "no identity-based policy allows"},
		{"", "GET", "/reports/sales/q1", 401, ""},
	} {
		if status, body := do(test.user, test.method, test.path); status != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s %s %s: %d %s", test.user, test.method, test.path, status, body)
		}
	}
	now = time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)
	if status, body := do("ann", "DELETE", "/reports/finance/q1"); status != 403 || !strings.Contains(body, "explicit deny") {
		t.Errorf("after the end of the year: %d %s", status, body)
	}
}

// TestPage: the program of docs/embed.md is this one.
func TestPage(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "embed.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```go\n"+string(program)+"```\n") {
		t.Error("docs/embed.md does not have the program as it is in main.go")
	}
}
