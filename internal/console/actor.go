package console

import (
	"net"
	"net/http"
	"net/url"
)

// actorCookie returns the name of the cookie for the principal that the user chose to act as. It is a choice,
// not a credential: anyone who may open the console may choose any principal. Browsers share cookies between
// ports, so the name contains the port.
func actorCookie(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return "writ-act-as-" + port
}

// chosenActor returns the ARN of the chosen principal, or "" for none: then the root user of the account in
// question acts.
func chosenActor(r *http.Request) string {
	cookie, err := r.Cookie(actorCookie(r))
	if err != nil {
		return ""
	}
	arn, err := url.QueryUnescape(cookie.Value)
	if err != nil {
		return ""
	}
	return arn
}

// actorFor returns the principal that makes a call concerning an account.
func actorFor(r *http.Request, account string) string {
	if chosen := chosenActor(r); chosen != "" {
		return chosen
	}
	return rootUser(account)
}

// rootUser returns the root user of an account.
func rootUser(account string) string { return "arn:aws:iam::" + account + ":root" }

func (c *Console) chooseActor(w http.ResponseWriter, r *http.Request) {
	cookie := &http.Cookie{
		Name: actorCookie(r), Value: url.QueryEscape(r.PostFormValue("principal")), Path: c.cfg.Path,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
	if r.PostFormValue("principal") == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, c.consoleAddress(r.PostFormValue("to")), http.StatusSeeOther)
}
