package server

import (
	"encoding/json"
	"net/http"
)

// Endpoint is one of Writ's own paths, for the reference.
type Endpoint struct {
	Pattern string // method and path, as http.ServeMux has them
	For     Caller // who may ask
	Text    string
}

// Caller is who may ask at an endpoint.
type Caller string

// Callers. On an address that other machines can reach, local endpoints refuse, and
// those for operators need the admin token.
const (
	Anyone    Caller = "anyone"
	Local     Caller = "programs on this machine"
	Operators Caller = "operators"
)

// endpoint is an Endpoint with what serves it.
type endpoint struct {
	Endpoint
	serve http.HandlerFunc
}

// endpoints lists Writ's own paths, but for the console. Two of them have aliases, which
// test tools for other local AWS endpoints use.
func (s *Server) endpoints() []endpoint {
	row := func(pattern string, who Caller, serve http.HandlerFunc, text string) endpoint {
		return endpoint{Endpoint{pattern, who, text}, serve}
	}
	return []endpoint{
		row("GET /_writ/health", Anyone, s.health, "version, enforcement, state, services"),
		row("GET /_localstack/health", Anyone, s.health, "the same"),
		row("GET /_writ/ready", Anyone, s.ready, "200 once requests are served, 503 while the state cannot be reached"),
		row("GET /_writ/metrics", Operators, s.metrics.ServeHTTP, "metrics in the format of Prometheus"),
		row("POST /_writ/reset", Local, s.reset, "deletes the state"),
		row("POST /_localstack/state/reset", Local, s.reset, "the same"),
		row("POST /moto-api/reset", Local, s.reset, "the same"),
		row("GET /_writ/clock", Local, s.showClock, "the time by the server's clock, and whether it stands still"),
		row("POST /_writ/clock", Local, s.moveClock, "moves the clock: `set`, `advance`, `freeze`, `run`"),
		row("GET /_writ/decisions", Operators, s.listDecisions, "the decisions in memory, the newest first; `outcome`, `principal`, `action`, `resource`, `service`, `since`, `limit`, `brief`"),
		row("GET /_writ/decisions/stream", Operators, s.streamDecisions, "decisions as they are made, as server-sent events"),
		row("GET /_writ/decisions/{id}", Operators, s.getDecision, "one decision, by its request id; `last` is the last denial"),
		row("GET /_writ/decisions/{id}/policies", Operators, s.decisionPolicies, "the documents that the decision came from"),
		row("POST /_writ/decide", Operators, s.decide, "decides a hypothetical request: `principal`, `action`, `resource`, `context`, `session`; or an earlier one, `decision`, with others in place of its own"),
		row("POST /_writ/diff", Operators, s.diff, "who gains or loses access by another policy: of a `resource`, of a `principal`, or of an organization (`kind` scp or rcp, `policy`)"),
		row("GET /_writ/who-can", Operators, s.whoCan, "the principals that may do `action` on `resource`"),
		row("GET /_writ/what-can", Operators, s.whatCan, "what `principal` may do"),
		row("GET /_writ/overview", Operators, s.overview, "accounts, resources, who shares what with whom"),
		row("GET /_writ/policies", Operators, s.policies, "all policies of the state"),
		row("GET "+issuerPath+"{rest...}", Anyone, s.issuerDocuments, "the discovery document and the keys of the test issuer"),
		row("POST "+issuerPath+"{rest...}", Local, s.issueToken, "`ISSUER/token`: a token in the name of an issuer"),
		row("POST /_writ/credentials", Local, s.giveCredentials, "credentials of a `principal`: a user, a session of a role, or a root user"),
		row("GET /_writ/accounts", Local, s.listAccounts, "the accounts that were created"),
		row("POST /_writ/accounts", Local, s.createAccount, "creates an account, with an access key of its root user"),
	}
}

// Endpoints lists Writ's own paths of each world, but for the console.
func Endpoints() []Endpoint {
	var list []Endpoint
	for _, e := range new(Server).endpoints() {
		list = append(list, e.Endpoint)
	}
	return list
}

// control routes Writ's own paths.
func (s *Server) control() *http.ServeMux {
	guard := map[Caller]func(http.HandlerFunc) http.HandlerFunc{
		Anyone: func(h http.HandlerFunc) http.HandlerFunc { return h }, Local: s.loopbackOnly, Operators: s.guarded,
	}
	mux := http.NewServeMux()
	for _, e := range s.endpoints() {
		mux.HandleFunc(e.Pattern, guard[e.For](e.serve))
	}
	mux.Handle(consolePath, http.RedirectHandler(s.cfg.Path+consolePath+"/", http.StatusFound))
	mux.Handle(consolePath+"/", s.consolePages())
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		ReplyJSON(w, http.StatusNotFound, map[string]string{"message": "No such control path."})
	})
	return mux
}

// isControl reports whether a path is one of Writ's own, not of an AWS API.
func isControl(path string) bool {
	return len(path) > 1 && path[1] == '_' || path == "/moto-api/reset"
}

// Health is the response of /_writ/health.
type Health struct {
	Status      string            `json:"status"`
	Version     string            `json:"version"`
	Enforcement string            `json:"enforcement"`
	Store       StoreHealth       `json:"store"`
	Services    map[string]string `json:"services"`
}

// StoreHealth is the storage engine and the data directory.
type StoreHealth struct {
	Engine string `json:"engine"`
	Path   string `json:"path"`
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	h := Health{
		Status:      "ok",
		Version:     s.cfg.Version,
		Enforcement: s.cfg.Gate.Mode.String(),
		Store:       StoreHealth{s.cfg.Store.Engine(), s.cfg.Store.Path()},
		Services:    map[string]string{},
	}
	for _, svc := range s.cfg.Services {
		h.Services[svc.API.Name] = "available"
	}
	ReplyJSON(w, http.StatusOK, h)
}

// reset deletes all state.
func (s *Server) reset(w http.ResponseWriter, r *http.Request) {
	if err := s.cfg.Store.Reset(r.Context()); err != nil {
		s.cfg.Log.Error("reset", "error", err)
		ReplyJSON(w, http.StatusInternalServerError, map[string]string{"message": "Reset failed; see the log."})
		return
	}
	s.cfg.Log.Info("reset: deleted all state")
	ReplyJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// ReplyJSON writes a response of the control API: a status and a body as JSON.
func ReplyJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
