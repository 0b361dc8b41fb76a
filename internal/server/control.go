package server

import (
	"encoding/json"
	"net/http"
)

// control routes the paths that are Writ's own, beside the AWS APIs. The
// aliases are those that clients of other local endpoints wait on.
func (s *Server) control() *http.ServeMux {
	mux := http.NewServeMux()
	for _, path := range []string{"/_writ/health", "/_localstack/health"} {
		mux.HandleFunc("GET "+path, s.health)
	}
	for _, path := range []string{"/_writ/reset", "/_localstack/state/reset", "/moto-api/reset"} {
		mux.HandleFunc("POST "+path, s.local(s.reset))
	}
	mux.HandleFunc("GET /_writ/accounts", s.local(s.listAccounts))
	mux.HandleFunc("POST /_writ/accounts", s.local(s.createAccount))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusNotFound, map[string]string{"message": "No such control path."})
	})
	return mux
}

// isControl reports whether a path is Writ's own.
func isControl(path string) bool {
	return len(path) > 1 && path[1] == '_' || path == "/moto-api/reset"
}

// Health is the answer of /_writ/health.
type Health struct {
	Status      string            `json:"status"`
	Version     string            `json:"version"`
	Enforcement string            `json:"enforcement"`
	Store       StoreHealth       `json:"store"`
	Services    map[string]string `json:"services"`
}

// StoreHealth says which engine holds the state, and where.
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
	reply(w, http.StatusOK, h)
}

// reset empties all state.
func (s *Server) reset(w http.ResponseWriter, r *http.Request) {
	if err := s.cfg.Store.Reset(r.Context()); err != nil {
		s.cfg.Log.Error("reset", "error", err)
		reply(w, http.StatusInternalServerError, map[string]string{"message": "Reset failed; the log says why."})
		return
	}
	s.cfg.Log.Info("reset: all state is gone")
	reply(w, http.StatusOK, map[string]string{"status": "ok"})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
