package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/internal/console"
)

// The console is a page in a browser, so its requests have more restrictions than those
// of programs: they must come from a page of this origin that is not in a frame, and
// requests that change or query something need a token that only such a page can read.

// consoleKey signs the tokens and the sessions of the console. It is random at each
// start.
type consoleKey [32]byte

func newConsoleKey() (key consoleKey) {
	rand.Read(key[:])
	return key
}

// sign is a signature of a text for a purpose.
func (k consoleKey) sign(purpose, text string) string {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// sessionLife is the validity of a session on a public address.
const sessionLife = 12 * time.Hour

// sessionCookie contains the expiry of a session, in Unix seconds, and its signature. The
// cookie is sent over TLS only.
const sessionCookie = "__Secure-writ-console"

// Header and form field of the token against forged requests.
const (
	tokenHeader = "X-Writ-Token"
	tokenField  = "token"
)

// ownPages restricts a handler to the pages of the console.
func (s *Server) ownPages(pages *console.Console) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		console.SetHeaders(w.Header())
		if refusal := s.refusePage(r); refusal != "" {
			pages.Refuse(w, r, http.StatusForbidden, refusal)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !s.hasConsoleToken(w, r) {
			pages.Refuse(w, r, http.StatusForbidden, console.StaleToken)
			return
		}
		if s.cfg.Public && !s.signedIn(r) && !console.IsOpen(r.URL.Path) {
			pages.AskSignIn(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// refusePage returns why a request must not be answered with a page, as the name of a
// text of the console; "" if it may.
func (s *Server) refusePage(r *http.Request) string {
	switch {
	case s.cfg.Public && s.cfg.AdminToken == "":
		return console.NoAdminToken
	case s.cfg.Public && !isSecure(r):
		return console.NotSecure
	case !s.cfg.Public && (!isLoopback(r.RemoteAddr) || isForeignHost(r)):
		return console.OtherMachine
	case slices.Contains(frames, r.Header.Get("Sec-Fetch-Dest")):
		return console.Framed
	case !isOwnOrigin(r):
		return console.OtherOrigin
	}
	return ""
}

// frames are the destinations of requests for a page inside another one.
var frames = []string{"iframe", "frame", "embed", "object", "fencedframe"}

// isSecure reports whether the request came over TLS, to this server or to a proxy in front
// of it.
func isSecure(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// isOwnOrigin reports whether a page of this origin, or no page, made the request.
func isOwnOrigin(r *http.Request) bool {
	scheme := "http://"
	if isSecure(r) {
		scheme = "https://"
	}
	if origin := r.Header.Get("Origin"); origin != "" && !strings.EqualFold(origin, scheme+r.Host) {
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "none" || site == "same-origin"
}

// consoleToken returns the token against forged requests for the session of a request.
func (s *Server) consoleToken(r *http.Request) string {
	session := ""
	if cookie, err := r.Cookie(sessionCookie); err == nil && s.cfg.Public {
		session = cookie.Value
	}
	return s.consoleKey.sign("token", session)
}

// hasConsoleToken reports whether a request that may change something has the token. It
// parses a form in the body for it.
func (s *Server) hasConsoleToken(w http.ResponseWriter, r *http.Request) bool {
	given := r.Header.Get(tokenHeader)
	if given == "" {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		given = r.PostFormValue(tokenField)
	}
	return equalSecrets(given, s.consoleToken(r))
}

// signedIn reports whether the request has a valid session.
func (s *Server) signedIn(r *http.Request) bool {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	end, signature, _ := strings.Cut(cookie.Value, ".")
	seconds, err := strconv.ParseInt(end, 10, 64)
	return equalSecrets(signature, s.consoleKey.sign("session", end)) && err == nil && s.cfg.Now().Unix() < seconds
}

// signIn starts a session if the admin token is correct.
func (s *Server) signIn(w http.ResponseWriter, adminToken string) bool {
	if s.cfg.AdminToken == "" || !equalSecrets(adminToken, s.cfg.AdminToken) {
		return false
	}
	end := strconv.FormatInt(s.cfg.Now().Add(sessionLife).Unix(), 10)
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: end + "." + s.consoleKey.sign("session", end), Path: "/_writ/",
		MaxAge: int(sessionLife.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	return true
}

// equalSecrets compares two texts in constant time.
func equalSecrets(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
