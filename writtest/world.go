package writtest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/writdev/writ"
)

// World creates a separate world on the server for one test: empty, or a copy of another
// world or of "main". It is deleted when the test ends, so tests with their own worlds on
// one server can run in parallel.
func (s *Server) World(t testing.TB, from string) *Server {
	t.Helper()
	query := ""
	if from != "" {
		query = "?from=" + from
	}
	return s.makeWorld(t, query, "")
}

// WorldOf makes a world of a world file, for one test; file is its path. It is deleted when
// the test ends.
func (s *Server) WorldOf(t testing.TB, file string) *Server {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s.makeWorld(t, "", string(text))
}

// makeWorld makes a world with a name of its own.
func (s *Server) makeWorld(t testing.TB, query, file string) *Server {
	t.Helper()
	name := "t-" + strings.ToLower(rand.Text())
	target := s.root() + "/_writ/worlds/" + name
	control(t, "PUT", target+query, file, http.StatusCreated)
	t.Cleanup(func() { control(t, "DELETE", target, "", http.StatusNoContent) })
	world := &Server{URL: s.root() + "/_writ/w/" + name, name: name, t: t, writ: s.writ}
	t.Cleanup(world.logDenials)
	return world
}

// LoadWorld loads the text of a world file into the state, which must be empty: that of the
// world, or the server's main state.
func (s *Server) LoadWorld(text string) {
	s.t.Helper()
	w, err := writ.ParseWorld("world", []byte(text))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.writ.LoadInto(context.Background(), s.name, w); err != nil {
		s.t.Fatal(err)
	}
}

// As is the configuration of a client that is a principal of the state: a user, or a session
// of a role, by its ARN. No trust policy is asked.
func (s *Server) As(principal string) aws.Config {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"principal": principal})
	if err != nil {
		s.t.Fatal(err)
	}
	var c struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	if err := json.Unmarshal([]byte(control(s.t, "POST", s.URL+"/_writ/credentials", string(body), http.StatusOK)), &c); err != nil {
		s.t.Fatal(err)
	}
	return s.configFor(aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken})
}

// Name is the name of the world, which World can copy; "main" for the server's own state.
func (s *Server) Name() string { return cmp.Or(s.name, "main") }

// root is the URL of the server itself.
func (s *Server) root() string { return strings.TrimSuffix(s.URL, "/_writ/w/"+s.name) }

// Advance moves the clock of the server ahead. Signatures are verified against the real
// time.
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

// moveClock moves the clock. A test that does so is skipped where WRITTEST_DATA chose
// PostgreSQL.
func (s *Server) moveClock(move map[string]any) {
	s.t.Helper()
	if s.postgres {
		s.t.Skip("servers that share a database keep the real time, and this test moves the clock")
	}
	body, err := json.Marshal(move)
	if err != nil {
		s.t.Fatal(err)
	}
	control(s.t, "POST", s.URL+"/_writ/clock", string(body), http.StatusOK)
}

// control sends a request to a control path and returns the body of the answer.
func control(t testing.TB, method, target, body string, want int) string {
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
	return text.String()
}
