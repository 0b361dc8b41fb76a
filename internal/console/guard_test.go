package console_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

var tokenPattern = regexp.MustCompile(`name="writ-token" content="([^"]+)"`)

// send makes a request that a browser could make and returns the status and the body.
func send(t *testing.T, client *http.Client, method, address string, form url.Values, prepare func(*http.Request)) (int, string, *http.Response) {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if prepare != nil {
		prepare(req)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// TestRefusedPages requests pages in ways that an attacker could use.
func TestRefusedPages(t *testing.T) {
	s := writtest.New(t)
	page := s.URL + "/_writ/console/decisions"
	for name, prepare := range map[string]func(*http.Request){
		"a page of another origin":       header("Origin", "http://evil.example"),
		"the same host, another scheme":  header("Origin", "https://"+strings.TrimPrefix(s.URL, "http://")),
		"the same host, another port":    header("Origin", "http://127.0.0.1:1"),
		"an opaque origin":               header("Origin", "null"),
		"a site that loads an image":     header("Sec-Fetch-Site", "cross-site"),
		"a name of the same site":        header("Sec-Fetch-Site", "same-site"),
		"a rebinding name":               func(r *http.Request) { r.Host = "evil.example" },
		"a rebinding name with the port": func(r *http.Request) { r.Host = "evil.example:4566" },
		"a frame":                        header("Sec-Fetch-Dest", "iframe"),
		"an embedded object":             header("Sec-Fetch-Dest", "object"),
	} {
		if status, body, _ := send(t, http.DefaultClient, "GET", page, nil, prepare); status != http.StatusForbidden || strings.Contains(body, `id="rows"`) {
			t.Errorf("%s: got %d, want %d", name, status, http.StatusForbidden)
		}
	}
	for name, prepare := range map[string]func(*http.Request){
		"the address bar":  header("Sec-Fetch-Site", "none"),
		"a link of a page": header("Sec-Fetch-Site", "same-origin"),
		"localhost":        func(r *http.Request) { r.Host = "localhost:4566" },
	} {
		if status, _, _ := send(t, http.DefaultClient, "GET", page, nil, prepare); status != http.StatusOK {
			t.Errorf("%s: got %d, want %d", name, status, http.StatusOK)
		}
	}
}

// TestForgedChanges posts a page's form without its token.
func TestForgedChanges(t *testing.T) {
	s := writtest.New(t)
	base := s.URL + "/_writ/console/"
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	_, body, _ := send(t, client, "GET", base+"decisions", nil, nil)
	token := tokenPattern.FindStringSubmatch(body)
	if token == nil {
		t.Fatal("the page has no token")
	}
	for name, given := range map[string]string{"no token": "", "another token": token[1][1:] + "A", "a token and more": token[1] + "A"} {
		for _, path := range []string{"act", "decisions/x/fix", "data/decide", "sign-in"} {
			if status, _, _ := send(t, client, "POST", base+path, url.Values{"token": {given}}, nil); status != http.StatusForbidden {
				t.Errorf("%s: %s: got %d, want %d", path, name, status, http.StatusForbidden)
			}
		}
	}
	if status, _, resp := send(t, client, "POST", base+"act", url.Values{"token": {token[1]}, "principal": {rootOf(bob)}}, nil); status != http.StatusSeeOther || len(resp.Cookies()) != 1 {
		t.Errorf("with the token: got %d", status)
	}
	if status, _, _ := send(t, client, "POST", base+"act", url.Values{"token": {token[1]}}, header("Origin", "http://evil.example")); status != http.StatusForbidden {
		t.Errorf("with the token, of another origin: got %d", status)
	}
	// A redirect stays within the console.
	_, _, resp := send(t, client, "POST", base+"act", url.Values{"token": {token[1]}, "to": {"//evil.example/"}}, nil)
	if to := resp.Header.Get("Location"); to != "/_writ/console/" {
		t.Errorf("the redirect leads to %q", to)
	}
}

// TestHeaders checks the headers of pages that control sources, frames and caches.
func TestHeaders(t *testing.T) {
	s := writtest.New(t)
	for _, path := range []string{"decisions", "decisions/x", "nothing", "assets/console.css"} {
		_, _, resp := send(t, http.DefaultClient, "GET", s.URL+"/_writ/console/"+path, nil, nil)
		for name, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
			"X-Frame-Options":              "DENY",
			"X-Content-Type-Options":       "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cache-Control":                "no-store",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

// TestPublic opens the console of a server that other machines can reach. It requires the admin token and
// TLS.
func TestPublic(t *testing.T) {
	const adminToken = "0123456789abcdef-admin"
	var ahead atomic.Int64
	serve := func(cfg writ.Config) string {
		cfg.Public, cfg.Now = true, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		w, err := writ.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		h := httptest.NewServer(w)
		t.Cleanup(func() {
			h.Close()
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
		return h.URL + "/_writ/console/"
	}
	secure := header("X-Forwarded-Proto", "https")
	if status, body, _ := send(t, http.DefaultClient, "GET", serve(writ.Config{})+"decisions", nil, secure); status != http.StatusForbidden || !strings.Contains(body, "--admin-token-file") {
		t.Errorf("without an admin token: got %d", status)
	}
	base := serve(writ.Config{AdminToken: adminToken})
	if status, body, _ := send(t, http.DefaultClient, "GET", base+"decisions", nil, nil); status != http.StatusForbidden || !strings.Contains(body, "TLS") {
		t.Errorf("without TLS: got %d", status)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	status, body, _ := send(t, client, "GET", base+"decisions?outcome=denied", nil, secure)
	if status != http.StatusUnauthorized || strings.Contains(body, `id="rows"`) {
		t.Fatalf("before the sign-in: got %d", status)
	}
	token := tokenPattern.FindStringSubmatch(body)[1]
	form := url.Values{"token": {token}, "admin-token": {adminToken + "x"}, "to": {"/_writ/console/decisions?outcome=denied"}}
	if status, _, resp := send(t, client, "POST", base+"sign-in", form, secure); status != http.StatusUnauthorized || len(resp.Cookies()) != 0 {
		t.Errorf("with a wrong admin token: got %d", status)
	}
	form.Set("admin-token", adminToken)
	status, _, resp := send(t, client, "POST", base+"sign-in", form, secure)
	if status != http.StatusSeeOther || resp.Header.Get("Location") != form.Get("to") || len(resp.Cookies()) != 1 {
		t.Fatalf("with the admin token: got %d to %q", status, resp.Header.Get("Location"))
	}
	session := resp.Cookies()[0]
	if !session.Secure || !session.HttpOnly || session.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie is %v", session)
	}
	with := func(value string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("X-Forwarded-Proto", "https")
			r.AddCookie(&http.Cookie{Name: session.Name, Value: value})
		}
	}
	if status, _, _ := send(t, http.DefaultClient, "GET", base+"decisions", nil, with(session.Value)); status != http.StatusOK {
		t.Errorf("signed in: got %d", status)
	}
	end, signature, _ := strings.Cut(session.Value, ".")
	for name, value := range map[string]string{"another end": end + "0." + signature, "no signature": end, "nothing": "", "an earlier end": "1." + signature} {
		if status, _, _ := send(t, http.DefaultClient, "GET", base+"decisions", nil, with(value)); status != http.StatusUnauthorized {
			t.Errorf("%s: got %d, want %d", name, status, http.StatusUnauthorized)
		}
	}
	// The token of the page before the sign-in is not the token of the session.
	if status, _, _ := send(t, http.DefaultClient, "POST", base+"act", url.Values{"token": {token}}, with(session.Value)); status != http.StatusForbidden {
		t.Errorf("the token of no session: got %d", status)
	}
	ahead.Store(int64(13 * time.Hour))
	if status, _, _ := send(t, http.DefaultClient, "GET", base+"decisions", nil, with(session.Value)); status != http.StatusUnauthorized {
		t.Errorf("after thirteen hours: got %d", status)
	}
	ahead.Store(0)
	// A session opens pages, and no other paths of the server.
	if status, _, _ := send(t, http.DefaultClient, "GET", strings.TrimSuffix(base, "console/")+"decisions", nil, with(session.Value)); status != http.StatusUnauthorized {
		t.Errorf("a session at /_writ/decisions: got %d", status)
	}
}

func rootOf(account string) string { return "arn:aws:iam::" + account + ":root" }

// TestNoSuchActor makes the console act as principals that make no requests.
func TestNoSuchActor(t *testing.T) {
	s := newScene(t)
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	_, page, _ := send(t, http.DefaultClient, "GET", s.console()+"decisions", nil, nil)
	token := tokenPattern.FindStringSubmatch(page)[1]
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	choices := []string{rootOf(alice), base64.RawURLEncoding.EncodeToString([]byte(`{"principal":"` + rootOf(alice) + `","session":{"tags":{"a":"b"}}}`))} // not a choice; not a session of a root user
	for _, principal := range []string{"*", "ssm.amazonaws.com", "arn:aws:iam::" + alice + ":user/nobody", "arn:aws:iam::" + alice + ":role/none", "<img>"} {
		choices = append(choices, base64.RawURLEncoding.EncodeToString([]byte(`{"principal":"`+principal+`"}`)))
		status, _, resp := send(t, http.DefaultClient, "POST", s.console()+"act", url.Values{"token": {token}, "principal": {principal}}, nil)
		if status != http.StatusBadRequest || len(resp.Cookies()) != 0 {
			t.Errorf("choosing %s: got %d", principal, status)
		}
	}
	for _, principal := range choices {
		as := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "writ-act-as-" + port, Value: principal}) }
		status, body, _ := send(t, http.DefaultClient, "POST", s.console()+"decisions/"+s.last(t)+"/fix", url.Values{"token": {token}}, as)
		if status != http.StatusForbidden || !strings.Contains(body, "The console cannot act as this principal") {
			t.Errorf("as %s: got %d", principal, status)
		}
	}
	if s.read(t) == nil {
		t.Error("something was changed")
	}
}
