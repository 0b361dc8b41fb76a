package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnknownOutcome is returned when the connection was lost during a commit: it is
// unknown whether it took place, except by reading the stored data.
var ErrUnknownOutcome = errors.New("the connection was lost during the commit, which may have taken place or not")

// A transaction is repeated after a conflict with another one, or if the server became
// unavailable before its commit: for a limited time, after random waits that grow up to a
// limit.
const (
	longestTry   = 10 * time.Second // after it the client can decide better than we can
	shortestWait = time.Millisecond
	longestWait  = 100 * time.Millisecond
)

// sharedRuns is the number of concurrent runs of an Update. After them it runs alone on
// its node: otherwise many conflicting Updates could make each other fail indefinitely.
const sharedRuns = 3

// run runs fn in transactions until one succeeds or fails finally.
func (p *postgres) run(ctx context.Context, fn func(*Tx) error, writable bool) error {
	start, wait := time.Now(), shortestWait
	for runs := 1; ; runs++ {
		release := p.turn(writable, runs > sharedRuns)
		again, err := p.runOnce(ctx, fn, writable, release)
		if !again || time.Since(start) > longestTry {
			return err
		}
		p.counts.retries.Add(1)
		select {
		case <-time.After(rand.N(wait)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		wait = min(2*wait, longestWait)
	}
}

// turn waits for the turn of an Update, alone or concurrent with others. Views do not
// wait.
func (p *postgres) turn(writable, alone bool) (release func()) {
	switch {
	case !writable:
		return func() {}
	case alone:
		p.turns.Lock()
		return p.turns.Unlock
	}
	p.turns.RLock()
	return p.turns.RUnlock
}

// runOnce runs fn in a transaction. It reports whether fn should run again, because the
// transaction was rolled back. It calls release at its end.
func (p *postgres) runOnce(ctx context.Context, fn func(*Tx) error, writable bool, release func()) (again bool, err error) {
	defer release()
	c, err := p.pool.get(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err != nil:
		return isPassing(err), err
	}
	tx := newPgTx(ctx, c, writable)
	clean := false // the connection has no transaction
	defer func() {
		if clean {
			p.pool.put(c)
		} else { // also if fn ended its goroutine
			p.pool.drop(c)
		}
	}()
	err = call(&tx.Tx, fn)
	if tx.broken != nil {
		clean = c.rollback()
		return isPassing(tx.broken), err
	}
	unknown, failed := tx.commit(err == nil)
	switch {
	case failed == nil:
		clean = true
		return false, err
	case unknown:
		return false, fmt.Errorf("%w: %w", ErrUnknownOutcome, failed)
	}
	clean = c.rollback()
	return isPassing(failed), fmt.Errorf("commit: %w", failed)
}

// rollback ends the transaction that may be open on the server. It reports whether the
// connection can be used again.
func (c *pgConn) rollback() bool {
	if c.server.IsClosed() {
		return false
	}
	if c.server.TxStatus() != 'I' {
		if _, err := c.send(pgStatement{text: rollback}); err != nil {
			return false
		}
	}
	return c.server.TxStatus() == 'I'
}

// isRefusal reports whether an error of the server proves that a transaction was not
// committed. A server that shuts down while it waits for its replicas also returns an
// error, after the commit.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func isRefusal(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch e.Code[:2] {
	case "08", "57", "58", "XX": // connection, operator intervention, system error, internal error
		return false
	}
	return e.SeverityUnlocalized == "ERROR" && e.Code != "40003" // statement completion unknown
}

// isPassing reports whether the error of a transaction that was not committed may not
// recur in the next run: a conflict, or a server that is unavailable or read-only.
func isPassing(err error) bool {
	if errors.Is(err, ErrClosed) || errors.Is(err, context.Canceled) {
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "40001", "40P01", // serialization failure, deadlock
			"25006",                   // read-only transaction: the server was demoted
			"53300",                   // too many connections
			"57P01", "57P02", "57P03": // shutdown, crash, starting up
			return true
		}
		return e.Code[:2] == "08"
	}
	_, unconnected := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[*net.OpError](err)
	return unconnected || network && !errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}
