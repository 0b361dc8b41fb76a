package console

import (
	"net"
	"net/http"
	"net/url"
)

// actorCookie returns the name of the cookie that keeps the principal that the user chose to act
// as. It is a choice, not a credential: whoever may open the console may choose any. Cookies
// do not tell ports apart, so the name does.
func actorCookie(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return "writ-act-as-" + port
}

// chosenActor returns the ARN of the chosen principal; "" for none, which is the root user of
// the account that a call is about.
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

// actorFor returns the principal that makes a call about something of an account.
func actorFor(r *http.Request, account string) string {
	if chosen := chosenActor(r); chosen != "" {
		return chosen
	}
	return rootOf(account)
}

// rootOf returns the root user of an account.
func rootOf(account string) string { return "arn:aws:iam::" + account + ":root" }

func (c *Console) chooseActor(w http.ResponseWriter, r *http.Request) {
	cookie := &http.Cookie{
		Name: actorCookie(r), Value: url.QueryEscape(r.PostFormValue("principal")), Path: c.cfg.Path,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
	if r.PostFormValue("principal") == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, c.inside(r.PostFormValue("to")), http.StatusSeeOther)
}
