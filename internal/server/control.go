package server

import (
	"encoding/json"
	"net/http"
)

// control routes Writ's own paths. The aliases are paths that test tools for other local
// AWS endpoints use.
func (s *Server) control() *http.ServeMux {
	mux := http.NewServeMux()
	for _, path := range []string{"/_writ/health", "/_localstack/health"} {
		mux.HandleFunc("GET "+path, s.health)
	}
	mux.HandleFunc("GET /_writ/ready", s.ready)
	mux.HandleFunc("GET /_writ/metrics", s.guarded(s.metrics.ServeHTTP))
	for _, path := range []string{"/_writ/reset", "/_localstack/state/reset", "/moto-api/reset"} {
		mux.HandleFunc("POST "+path, s.loopbackOnly(s.reset))
	}
	mux.HandleFunc("GET /_writ/clock", s.loopbackOnly(s.showClock))
	mux.HandleFunc("POST /_writ/clock", s.loopbackOnly(s.moveClock))
	mux.HandleFunc("GET /_writ/decisions", s.guarded(s.listDecisions))
	mux.HandleFunc("GET /_writ/decisions/stream", s.guarded(s.streamDecisions))
	mux.HandleFunc("GET /_writ/decisions/{id}", s.guarded(s.getDecision))
	mux.HandleFunc("GET /_writ/decisions/{id}/policies", s.guarded(s.decisionPolicies))
	mux.HandleFunc("POST /_writ/decide", s.guarded(s.decide))
	mux.HandleFunc("POST /_writ/diff", s.guarded(s.diff))
	mux.HandleFunc("GET /_writ/who-can", s.guarded(s.whoCan))
	mux.HandleFunc("GET /_writ/what-can", s.guarded(s.whatCan))
	mux.HandleFunc("GET /_writ/overview", s.guarded(s.overview))
	mux.HandleFunc("GET /_writ/policies", s.guarded(s.policies))
	mux.HandleFunc("GET "+issuerPath+"{rest...}", s.issuerDocuments)
	mux.HandleFunc("POST "+issuerPath+"{rest...}", s.loopbackOnly(s.issueToken))
	mux.HandleFunc("POST /_writ/credentials", s.loopbackOnly(s.giveCredentials))
	mux.HandleFunc("GET /_writ/accounts", s.loopbackOnly(s.listAccounts))
	mux.HandleFunc("POST /_writ/accounts", s.loopbackOnly(s.createAccount))
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

// StoreHealth is the storage engine and the data folder.
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
