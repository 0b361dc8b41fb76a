// Package writtest runs Writ inside a Go test: a server on a loopback port, empty at the
// start and removed at the end, and an aws.Config per account.
//
//	s := writtest.New(t)
//	alice := imagebuilder.NewFromConfig(s.Config("111122223333"))
//
// A test that fails logs why its requests were denied, and what would allow them.
package writtest

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/writdev/writ"
	"github.com/writdev/writ/internal/store/pgtest"
)

// Region is the region of the configurations that Config makes.
const Region = "us-east-1"

// Server is a Writ that listens on a loopback port.
type Server struct {
	// URL is the endpoint: "http://127.0.0.1:49152".
	URL string

	t    testing.TB
	writ *writ.Server
	name string // of the world; "" for the server's own state

	postgres bool // WRITTEST_DATA chose a database of PostgreSQL
}

// New starts a Writ that stores its state in memory and enforces policies.
func New(t testing.TB) *Server {
	t.Helper()
	return NewFromConfig(t, writ.Config{})
}

// NewFromConfig starts a Writ with a configuration. If the variable WRITTEST_DATA is
// "postgres", a configuration without Data uses its own PostgreSQL database, on a server
// that is started from the installed binaries.
func NewFromConfig(t testing.TB, cfg writ.Config) *Server {
	t.Helper()
	postgres := cfg.Data == "" && os.Getenv("WRITTEST_DATA") == "postgres"
	if postgres {
		cfg.Data, cfg.KeyFile = pgtest.Address(t), keyFile(t)
	}
	w, err := writ.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewUnstartedServer(w)
	h.Config.MaxHeaderBytes = writ.MaxHeaderBytes
	h.Start()
	t.Cleanup(func() {
		h.Close()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &Server{URL: h.URL, t: t, writ: w, postgres: postgres}
	t.Cleanup(s.logDenials)
	return s
}

// keyFile creates a sealing key.
func keyFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "writ.key")
	if err := os.WriteFile(path, []byte(rand.Text() + rand.Text())[:32], 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Config is the configuration of a client that is the root user of an account
// (12 digits), in Region.
func (s *Server) Config(account string) aws.Config {
	return s.ConfigFor(writ.AccessKey{ID: account, Secret: "test"})
}

// User creates an IAM user with one inline policy and returns the
// configuration of a client that is this user.
func (s *Server) User(account, name, policy string) aws.Config {
	s.t.Helper()
	key, err := s.writ.PutUser(context.Background(), writ.User{
		World: s.name, Account: account, Name: name, Policies: map[string]string{"inline": policy},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.ConfigFor(key)
}

// ConfigFor is the configuration of a client with the given credentials.
func (s *Server) ConfigFor(key writ.AccessKey) aws.Config {
	return s.configFor(aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret})
}

func (s *Server) configFor(credentials aws.Credentials) aws.Config {
	return aws.Config{
		Region:           Region,
		BaseEndpoint:     aws.String(s.URL),
		RetryMaxAttempts: 1,
		HTTPClient:       &http.Client{Transport: &http.Transport{}},
		Credentials:      aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil }),
	}
}
