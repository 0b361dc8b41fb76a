// Package storetest is the conformance suite of package store: what any engine
// must pass before Writ runs on it. It looks only at what the store promises,
// never at how an engine keeps the promise; what is special to an engine is
// tested beside its opener.
//
// An engine's test calls [Run]. Start reading there; rows.go, shares.go and values.go
// have the rows, transactions.go what a transaction is, concurrency.go many of them at
// once. histories.go checks concurrent histories for linearizability, and
// model.go compares random runs with a model made of maps.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/store"
)

// Run runs the suite. open returns a new, empty store; Run closes it.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s *store.Store)
	}{
		{"resources", testResources},
		{"query", testQuery},
		{"policies", testPolicies},
		{"tags", testTags},
		{"references", testReferences},
		{"tokens", testTokens},
		{"access keys", testAccessKeys},
		{"associations", testAssociations},
		{"shares with a consumer", testSharesWith},
		{"discoverable", testDiscoverable},
		{"deleting a resource", testDeleteResource},
		{"text and instants", testValues},
		{"remembered reads", testRemembered},

		{"a failed update is undone", testUndone},
		{"a failed update is undone alone", testUndoneAlone},
		{"a panic is an error", testPanic},
		{"a function may end its goroutine", testGoexit},
		{"a view does not write", testViewWrites},
		{"a transaction ends with its function", testUseAfter},
		{"cancelled before", testCancelledBefore},
		{"cancelled in the queue", testCancelledInQueue},
		{"cancelled inside", testCancelledInside},
		{"a view sees no half update", testIsolation},
		{"a view holds its snapshot", testSnapshot},
		{"increments are not lost", testIncrements},
		{"reset", testReset},
		{"close", testClose},

		{"linearizable", testLinearizable},
		{"model", testModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.test(t, s)
		})
	}
}

// update runs fn and fails the test unless it succeeds.
func update(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// view runs fn and fails the test unless it succeeds.
func view(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatalf("view: %v", err)
	}
}

// equal compares inside a transaction, where a test must not end its goroutine.
func equal(what string, got, want any) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("%s (-want +got):\n%s", what, diff)
	}
	return nil
}

// at is an instant n microseconds into the suite's time.
func at(n int) time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, n*1000, time.UTC)
}

// parameter is a resource to test with; version goes into its data.
func parameter(account, region, name string, version int) store.Resource {
	return store.Resource{
		ARN:     fmt.Sprintf("arn:aws:ssm:%s:%s:parameter/%s", region, account, name),
		Service: "ssm", Type: "parameter", Account: account, Region: region, Name: "/" + name,
		Data:      fmt.Appendf(nil, `{"Version":%d}`, version),
		CreatedAt: at(1), UpdatedAt: at(version),
	}
}

const (
	alice = "111122223333"
	bob   = "444455556666"
	here  = "eu-central-1"
	there = "us-east-1"
)

// counter reads and writes a number, kept as a resource's data.
type counter struct{ arn string }

func (c counter) read(tx *store.Tx) (n int, err error) {
	r, err := tx.Resource(c.arn)
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(string(r.Data), &n)
	return n, err
}

func (c counter) write(tx *store.Tx, n int) error {
	return tx.PutResource(store.Resource{ARN: c.arn, Service: "test", Type: "counter", Data: fmt.Append(nil, n)})
}

// hold starts an Update that keeps the writer busy until release is called,
// and returns once it runs.
func hold(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	began, end, over := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		over <- s.Update(context.Background(), func(*store.Tx) error {
			select {
			case <-began: // it runs a second time
			default:
				close(began)
			}
			<-end
			return nil
		})
	}()
	<-began
	return func() {
		t.Helper()
		close(end)
		if err := <-over; err != nil {
			t.Errorf("the update that held the writer: %v", err)
		}
	}
}
