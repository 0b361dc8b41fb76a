package writtest

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// World makes a world of its own beside the server's state, for one test: empty, or a copy
// of what from names, another world or "main". It is deleted when the test ends, so that
// tests that use worlds of one server can run in parallel.
func (s *Server) World(t testing.TB, from string) *Server {
	t.Helper()
	name := "t-" + strings.ToLower(rand.Text())
	target := s.root() + "/_writ/worlds/" + name
	if from != "" {
		target += "?from=" + from
	}
	control(t, "PUT", target, "", http.StatusCreated)
	t.Cleanup(func() { control(t, "DELETE", s.root()+"/_writ/worlds/"+name, "", http.StatusNoContent) })
	return &Server{URL: s.root() + "/_writ/w/" + name, name: name, t: t, writ: s.writ}
}

// Name is the name of the world, which World can copy; "main" for the server's own state.
func (s *Server) Name() string { return cmp.Or(s.name, "main") }

// root is the URL of the server itself.
func (s *Server) root() string { return strings.TrimSuffix(s.URL, "/_writ/w/"+s.name) }

// Advance moves the clock of the server ahead. Signatures keep the real time.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	s.moveClock(map[string]any{"advance": d.String()})
}

// SetClock sets the clock of the server, and freezes it there until RunClock.
func (s *Server) SetClock(at time.Time) {
	s.t.Helper()
	s.moveClock(map[string]any{"set": at, "freeze": true})
}

// RunClock lets a frozen clock run.
func (s *Server) RunClock() {
	s.t.Helper()
	s.moveClock(map[string]any{"run": true})
}

func (s *Server) moveClock(move map[string]any) {
	s.t.Helper()
	body, err := json.Marshal(move)
	if err != nil {
		s.t.Fatal(err)
	}
	control(s.t, "POST", s.URL+"/_writ/clock", string(body), http.StatusOK)
}

// control sends a request to a control path.
func control(t testing.TB, method, target, body string, want int) {
	t.Helper()
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != want {
		t.Fatalf("%s %s: %d %s", method, target, resp.StatusCode, text.String())
	}
}
