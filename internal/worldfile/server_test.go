package worldfile

import (
	"context"
	"log/slog"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
)

// tester is what a test and a property have in common.
type tester interface {
	Helper()
	Context() context.Context
	Cleanup(func())
	Fatal(...any)
	Fatalf(string, ...any)
}

// emptyServer is a server with nothing in its state.
func emptyServer(t tester) *server.Server {
	t.Helper()
	state, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { state.Close() })
	return serverOf(t, state)
}

// serverOf returns a server of a state.
func serverOf(t tester, state *store.Store) *server.Server {
	t.Helper()
	sealer, err := keys.NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Config{
		Store: state, Directory: &identity.Directory{Sandbox: true, Sealer: sealer}, Gate: &authz.Gate{},
		Services: server.Services(operation.Instant), Log: slog.New(slog.DiscardHandler), Now: time.Now, Issuers: &federation.Issuers{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
