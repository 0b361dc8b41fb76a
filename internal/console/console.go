package console

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
)

// Config is the part of the server that the pages need.
type Config struct {
	Path    string // of the console, including its world: "/_writ/console/", "/_writ/w/NAME/_writ/console/"
	World   string // "" for the main one
	Version string
	Mode    string // of enforcement: "on", "audit" or "off"

	// Control serves Writ's own paths of all worlds, with the rights of a local program.
	Control http.Handler
	// Act serves a request to an AWS API as a principal.
	Act func(ctx context.Context, as Actor, r *http.Request) (status int, answer []byte)
	// Token returns the token that requests with side effects must contain, for the session of a request.
	Token func(*http.Request) string
	// SignIn starts a session. It returns false if the admin token is wrong.
	SignIn func(w http.ResponseWriter, adminToken string) bool
	Log    *slog.Logger
}

// Actor is the principal of a call, with the contents of its signature.
type Actor struct {
	Choice
	Service, Region string
}

// Console serves the pages.
type Console struct {
	cfg  Config
	root string // of the world: "", "/_writ/w/NAME"
	mux  *http.ServeMux
}

// New returns the console of one world.
func New(cfg Config) *Console {
	c := &Console{cfg: cfg, root: strings.TrimSuffix(cfg.Path, "/_writ/console/")}
	c.mux = c.routes()
	return c
}

func (c *Console) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.home)
	mux.HandleFunc("GET /assets/{name}", asset)
	mux.HandleFunc("POST /sign-in", c.signIn)
	mux.HandleFunc("GET /act", c.actorForm)
	mux.HandleFunc("POST /act", c.chooseActor)
	mux.HandleFunc("GET /token", c.token)

	mux.HandleFunc("GET /decisions", c.decisions)
	mux.HandleFunc("GET /decisions/{id}", c.decision)
	mux.HandleFunc("GET /decisions/{id}/picture.svg", c.picture)
	mux.HandleFunc("GET /decisions/{id}/calls", c.fixCalls)
	mux.HandleFunc("POST /decisions/{id}/fix", c.applyFix)
	mux.HandleFunc("GET /data/decisions", c.passThrough("/_writ/decisions"))
	mux.HandleFunc("GET /data/decisions/stream", c.passThrough("/_writ/decisions/stream"))
	mux.HandleFunc("POST /data/decide", c.passThrough("/_writ/decide"))

	mux.HandleFunc("GET /map", c.sharingMap)
	mux.HandleFunc("GET /data/overview", c.passThrough("/_writ/overview"))
	mux.HandleFunc("GET /data/who-can", c.passThrough("/_writ/who-can"))
	mux.HandleFunc("GET /data/what-can", c.passThrough("/_writ/what-can"))

	mux.HandleFunc("GET /policies", c.policies)
	mux.HandleFunc("GET /policies/edit", c.editPolicy)
	mux.HandleFunc("POST /policies/save", c.savePolicy)
	mux.HandleFunc("POST /data/check", c.check)
	mux.HandleFunc("POST /data/compare", c.compare)
	mux.HandleFunc("GET /data/complete", c.complete)

	mux.HandleFunc("GET /world", c.world)
	mux.HandleFunc("GET /world/resource", c.resource)
	mux.HandleFunc("GET /world/shares", c.shares)
	mux.HandleFunc("POST /world/invitations", c.answerInvitation)
	mux.HandleFunc("POST /world/promote", c.promote)
	mux.HandleFunc("GET /world/state", c.state)
	mux.HandleFunc("POST /world/clock", c.moveClock)
	mux.HandleFunc("POST /world/worlds", c.makeWorld)
	mux.HandleFunc("POST /world/export", c.export)
	mux.HandleFunc("POST /world/delete", c.deleteWorld)
	mux.HandleFunc("POST /world/reset", c.reset)
	mux.HandleFunc("GET /tour", c.tour)
	mux.HandleFunc("POST /tour/{step}", c.takeStep)

	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { c.fail(w, r, http.StatusNotFound, text("error.no-page")) })
	return mux
}

// ServeHTTP implements http.Handler. The paths are those below Config.Path.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

func (c *Console) home(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, c.cfg.Path+"decisions", http.StatusFound)
}

// SetHeaders sets the headers of every response of the console: content comes only from the server itself, no
// other page may frame or open the page, and nothing is cached.
func SetHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer the Origin header of a form would be null
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
}
