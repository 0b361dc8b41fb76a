package console

import (
	"net/http"
	"strings"
)

// Reasons for rejecting a request, as names of texts.
const (
	NoAdminToken = "refused.no-admin-token"
	NotSecure    = "refused.not-secure"
	OtherMachine = "refused.other-machine"
	OtherOrigin  = "refused.other-origin"
	Framed       = "refused.framed"
	StaleToken   = "refused.stale-token"
)

// Refuse responds to a rejected request with a page. If the request came from a link on another page, the
// response contains a link to continue.
func (c *Console) Refuse(w http.ResponseWriter, r *http.Request, status int, reason string) {
	again := ""
	if reason == OtherOrigin && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		again = c.requestAddress(r)
	}
	c.render(w, r, status, "refused", struct {
		frame
		Reason, Again string
	}{c.frame(r, text("refused.title"), ""), text(reason), again})
}

// requestAddress returns the address of a request, without its origin.
func (c *Console) requestAddress(r *http.Request) string {
	here := c.cfg.Path + strings.TrimPrefix(r.URL.EscapedPath(), "/")
	if r.URL.RawQuery != "" {
		here += "?" + r.URL.RawQuery
	}
	return here
}

// IsOpen reports whether a path is available without a session.
func IsOpen(path string) bool { return path == "/sign-in" || strings.HasPrefix(path, "/assets/") }

// AskSignIn responds to a request without a session.
func (c *Console) AskSignIn(w http.ResponseWriter, r *http.Request) {
	to := c.cfg.Path
	if r.Method == http.MethodGet {
		to = c.requestAddress(r)
	}
	c.showSignIn(w, r, http.StatusUnauthorized, to, false)
}

func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request, status int, to string, wrong bool) {
	c.render(w, r, status, "sign-in", struct {
		frame
		To    string
		Wrong bool
	}{c.frame(r, text("sign-in.title"), ""), to, wrong})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	to := c.consoleAddress(r.PostFormValue("to"))
	if !c.cfg.SignIn(w, r.PostFormValue("admin-token")) {
		c.showSignIn(w, r, http.StatusUnauthorized, to, true)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// consoleAddress returns an address if it belongs to the console, else the address of its first page.
func (c *Console) consoleAddress(address string) string {
	if !strings.HasPrefix(address, c.cfg.Path) || strings.Contains(address, "..") {
		return c.cfg.Path
	}
	return address
}
