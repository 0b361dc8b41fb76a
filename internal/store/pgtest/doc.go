// Package pgtest gives tests a PostgreSQL server: one that the package starts from the
// installed binaries (Debian: postgresql), with everything in a temporary directory, and
// that is gone with the test process, however that ends.
//
// The variable WRITTEST_POSTGRES says otherwise: "required" makes it a failure that no
// binaries are installed, where tests are skipped else; an address, "postgres://...",
// is that of a server to use in place of a new one.
package pgtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/writdev/writ/internal/store"
)

// Address returns the address of an empty state of Writ: a schema of its own, which is
// dropped when the test ends.
func Address(t testing.TB) string {
	t.Helper()
	address := Empty(t)
	if err := store.Migrate(t.Context(), address, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	return address
}

// Empty is Address without the tables.
func Empty(t testing.TB) string {
	t.Helper()
	server := Server(t)
	name := "t" + strings.ToLower(rand.Text()[:16])
	Exec(t, server, `CREATE SCHEMA `+name)
	t.Cleanup(func() { Exec(t, server, `DROP SCHEMA `+name+` CASCADE`) })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
	return u.String()
}

// Exec runs statements on a server.
func Exec(t testing.TB, address, text string) {
	t.Helper()
	ctx := context.Background() // also after the test
	c, err := pgconn.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if err := c.Exec(ctx, text).Close(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// The server of this process, started when it is first asked for.
var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Server returns the address of the server that all tests of the process share.
func Server(t testing.TB) string {
	t.Helper()
	setting := os.Getenv("WRITTEST_POSTGRES")
	if strings.HasPrefix(setting, "postgres") {
		return setting
	}
	shared.once.Do(func() { shared.cluster, shared.err = start() })
	needServer(t, shared.err)
	return shared.cluster.Address
}

// Installed reports whether a test can have a server, or has to fail without one.
func Installed() bool {
	_, err := binaries()
	return err == nil || os.Getenv("WRITTEST_POSTGRES") != ""
}

// Start starts a server for one test, which may crash it.
func Start(t testing.TB) *Cluster {
	t.Helper()
	c, err := start()
	needServer(t, err)
	t.Cleanup(c.stop)
	return c
}

// needServer skips the test if no server is installed, or fails it.
func needServer(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case err == errNotInstalled && os.Getenv("WRITTEST_POSTGRES") == "":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}
