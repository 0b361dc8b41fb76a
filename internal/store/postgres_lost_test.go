package store_test

import (
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/pgtest"
)

// cuttingProxy passes bytes between clients and a server, until it is told to cut the
// connection at the client's next message: before the server has it, or after.
type cuttingProxy struct {
	address string
	cut     atomic.Int32
}

const (
	cutNothing = iota
	cutBefore
	cutAfter
)

// shortDir is a temporary directory whose name is short enough for a socket in it, which that
// of t.TempDir, with the name of the test, need not be.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "writ")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func newCuttingProxy(t *testing.T, address string) *cuttingProxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	server, dir := filepath.Join(query.Get("host"), ".s.PGSQL.5432"), shortDir(t)
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	p := &cuttingProxy{address: u.String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client, server)
		}
	}()
	return p
}

func (p *cuttingProxy) serve(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("unix", address)
	if err != nil {
		return
	}
	defer server.Close()
	var silent atomic.Bool // towards the client
	go func() {
		defer client.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err != nil || silent.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		cut := p.cut.Swap(cutNothing) // the next connection is whole
		silent.Store(cut != cutNothing)
		if cut == cutBefore {
			return
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if cut == cutAfter {
			time.Sleep(200 * time.Millisecond) // the server works on it
			return
		}
	}
}

// TestUnknownOutcome loses the connection in the message that has the commit. It may have
// taken place: the Update says so, and does not run again.
func TestUnknownOutcome(t *testing.T) {
	address := pgtest.Address(t)
	truth := closeAtEnd(t, openPostgres(t, address))
	proxy := newCuttingProxy(t, address)
	s := closeAtEnd(t, openPostgres(t, proxy.address))
	for _, c := range []struct {
		name   string
		cut    int32
		stored bool
	}{{"before", cutBefore, false}, {"after", cutAfter, true}} {
		t.Run(c.name, func(t *testing.T) {
			// So that its statements are prepared, and one message has all.
			if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutPolicy(store.Policy{ARN: "warm"}) }); err != nil {
				t.Fatal(err)
			}
			runs := 0
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				runs++
				proxy.cut.Store(c.cut)
				return tx.PutPolicy(store.Policy{ARN: c.name})
			})
			if !errors.Is(err, store.ErrUnknownOutcome) || runs != 1 {
				t.Errorf("%v after %d runs", err, runs)
			}
			err = truth.View(t.Context(), func(tx *store.Tx) error {
				list, err := tx.Policies(c.name)
				if got := len(list) > 0; err == nil && got != c.stored {
					t.Errorf("stored: %t", got)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			// The next one has a new connection.
			if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutPolicy(store.Policy{ARN: "next"}) }); err != nil {
				t.Error(err)
			}
		})
	}
	// A View, and an Update that has not begun to commit, run again.
	for name, run := range map[string]func(func(*store.Tx) error) error{
		"view":   func(fn func(*store.Tx) error) error { return s.View(t.Context(), fn) },
		"update": func(fn func(*store.Tx) error) error { return s.Update(t.Context(), fn) },
	} {
		runs := 0
		err := run(func(tx *store.Tx) error {
			if runs++; runs == 1 {
				proxy.cut.Store(cutAfter)
			}
			_, err := tx.Policies("next")
			return err
		})
		if err != nil || runs < 2 {
			t.Errorf("%s: %v after %d runs", name, err, runs)
		}
	}
}
