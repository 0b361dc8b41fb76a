package console

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// Choice is the principal that the user chose to act as, with properties of its session.
type Choice struct {
	Principal string                   `json:"principal,omitempty"`
	Session   identity.SessionSettings `json:"session,omitzero"`
}

// Summary lists the properties of the session, for the bar.
func (c Choice) Summary() []string {
	var list []string
	s := c.Session
	if s.Policy != nil || s.PolicyARNs != nil {
		list = append(list, text("act.has-policy"))
	}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		list = append(list, key+"="+s.Tags[key])
	}
	if s.SourceIdentity != nil {
		list = append(list, text("act.has-source-identity", *s.SourceIdentity))
	}
	if s.MFA != nil {
		list = append(list, text(map[bool]string{true: "act.has-mfa", false: "act.has-no-mfa"}[*s.MFA]))
	}
	return list
}

// actorCookie returns the name of the cookie for the choice of the principal. It is a choice, not a credential:
// anyone who may open the console may choose any principal. Browsers share cookies between ports, so the name
// contains the port.
func actorCookie(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return "writ-act-as-" + port
}

// maxCookie limits the value of the cookie: browsers drop cookies of more than 4096 bytes.
const maxCookie = 3800

// chosenActor returns the chosen principal, or the zero value for none: then the root user of the account in
// question acts. A cookie that cannot be read is a principal that does not exist.
func chosenActor(r *http.Request) (c Choice) {
	cookie, err := r.Cookie(actorCookie(r))
	if err != nil {
		return Choice{}
	}
	value, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err == nil {
		err = json.Unmarshal(value, &c)
	}
	if err != nil {
		return Choice{Principal: "?"}
	}
	return c
}

// actorFor returns the principal that makes a call concerning an account.
func actorFor(r *http.Request, account string) Choice {
	if chosen := chosenActor(r); chosen.Principal != "" {
		return chosen
	}
	return Choice{Principal: rootUser(account)}
}

// rootUser returns the root user of an account.
func rootUser(account string) string { return "arn:aws:iam::" + account + ":root" }

// sessionForm has the values of the fields of a session.
type sessionForm struct{ Policy, PolicyARNs, Tags, SourceIdentity, MFA string }

// formOf returns the fields for the settings of a session.
func formOf(s identity.SessionSettings) sessionForm {
	f := sessionForm{PolicyARNs: strings.Join(s.PolicyARNs, "\n"), Tags: tagLines(s.Tags)}
	if s.Policy != nil {
		f.Policy = *s.Policy
	}
	if s.SourceIdentity != nil {
		f.SourceIdentity = *s.SourceIdentity
	}
	if s.MFA != nil {
		f.MFA = fmt.Sprint(*s.MFA)
	}
	return f
}

// tagLines returns tags as lines "key=value".
func tagLines(tags map[string]string) string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		lines = append(lines, key+"="+tags[key])
	}
	return strings.Join(lines, "\n")
}

// settings returns the settings for the fields of a session; empty fields set nothing.
func (f sessionForm) settings() (s identity.SessionSettings, err error) {
	if f.Policy != "" {
		s.Policy = &f.Policy
	}
	s.PolicyARNs = linesIn(f.PolicyARNs)
	for _, line := range linesIn(f.Tags) {
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return s, errors.New(text("session.bad-tag", line))
		}
		if s.Tags == nil {
			s.Tags = map[string]string{}
		}
		s.Tags[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	if f.SourceIdentity != "" {
		s.SourceIdentity = &f.SourceIdentity
	}
	if f.MFA != "" {
		s.MFA = new(f.MFA == "true")
	}
	return s, nil
}

// linesIn returns the lines of a text that are not blank, trimmed; nil for none.
func linesIn(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// actorPage is the page on which a principal and its session are chosen.
type actorPage struct {
	frame
	To      string // the address to continue at
	Chosen  string // the principal in the form
	Session sessionForm
	Problem string
}

func (c *Console) actorForm(w http.ResponseWriter, r *http.Request) {
	f := c.frame(r, text("act.title"), "")
	c.render(w, r, http.StatusOK, "act", &actorPage{
		frame: f, To: c.consoleAddress(r.URL.Query().Get("to")), Chosen: cmp.Or(r.URL.Query().Get("principal"), f.Actor.Principal), Session: formOf(f.Actor.Session),
	})
}

// chooseActor remembers the chosen principal. A principal or a session that does not exist is rejected.
func (c *Console) chooseActor(w http.ResponseWriter, r *http.Request) {
	to := c.consoleAddress(r.PostFormValue("to"))
	form := sessionForm{r.PostFormValue("policy"), r.PostFormValue("policy-arns"), r.PostFormValue("tags"), r.PostFormValue("source-identity"), r.PostFormValue("mfa")}
	chosen := Choice{Principal: strings.TrimSpace(r.PostFormValue("principal"))}
	var err error
	if chosen.Session, err = form.settings(); err == nil {
		err = c.checkActor(r, chosen)
	}
	value, encodeErr := json.Marshal(chosen)
	cookie := &http.Cookie{
		Name: actorCookie(r), Value: base64.RawURLEncoding.EncodeToString(value), Path: c.cfg.Path,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
	if err = cmp.Or(err, encodeErr); err == nil && len(cookie.Value) > maxCookie {
		err = errors.New(text("session.too-large"))
	}
	if err != nil {
		c.render(w, r, http.StatusBadRequest, "act", &actorPage{
			frame: c.frame(r, text("act.title"), ""), To: to, Chosen: chosen.Principal, Session: form, Problem: err.Error(),
		})
		return
	}
	if chosen.Principal == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// checkActor returns an error if there is no such principal, or it cannot have the session.
func (c *Console) checkActor(r *http.Request, chosen Choice) error {
	if chosen.Principal == "" {
		if !chosen.Session.IsZero() {
			return errors.New(text("session.of-nobody"))
		}
		return nil
	}
	kinds := []policy.PrincipalKind{policy.Root, policy.User, policy.RoleSession}
	if p, err := policy.ParsePrincipal(chosen.Principal); err != nil || !slices.Contains(kinds, p.Kind) {
		return errors.New(text("act.cannot", chosen.Principal))
	}
	return c.request(r.Context(), http.MethodPost, "/_writ/decide", map[string]any{
		"principal": chosen.Principal, "session": chosen.Session, "action": "sts:GetCallerIdentity",
	}, new(decision.Record))
}
