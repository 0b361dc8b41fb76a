package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

var (
	// ErrNotFound: the requested row does not exist.
	ErrNotFound = errors.New("not found")
	// ErrExists: a row with the same key exists.
	ErrExists = errors.New("already exists")
	// ErrInUse: another store, usually in another process, has the directory open.
	ErrInUse = errors.New("the directory is in use")
	// ErrIncompatible: the content of a directory or database is not Writ's, or of another version.
	ErrIncompatible = errors.New("the state cannot be used")
	// ErrDamaged: a file of the state is damaged.
	ErrDamaged = errors.New("the state is damaged")

	// ErrDiskFailed is returned by every Update after a write could not be flushed to the
	// disk, until the store is opened again.
	ErrDiskFailed = errors.New("the disk failed and the last writes may be lost; restart the server")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("the store is closed")

	errReadOnly   = errors.New("write in a read-only transaction")
	errTxDone     = errors.New("transaction used after its function returned")
	errRerunGroup = errors.New("a request that wrote has failed: the group must run again") // never leaves the writer
	errGoexit     = errors.New("transaction function ended its goroutine")
)

// Store is an open database, safe for concurrent use.
type Store struct {
	engine engine
	counts *counts
}

// Engine names the database engine: "sqlite" or "postgresql".
func (s *Store) Engine() string { return s.engine.name() }

// Path is the location of the state: a directory, ":memory:", or the address of a
// database without its password.
func (s *Store) Path() string { return s.engine.location() }

// Shared reports whether other processes may have the state open, too.
func (s *Store) Shared() bool { return s.engine.shared() }

// View calls fn with a snapshot of the state that includes every Update that was
// acknowledged before. Views run in parallel with each other and with Updates. fn must
// neither start nor wait for another transaction; as in Update it may run more than once.
//
// View returns fn's error, a [*PanicError] if fn panicked, the cause of ctx's end if that
// came before fn ran or before one of its reads, or ErrClosed.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	s.counts.views.Add(1)
	return s.engine.view(ctx, fn)
}

// Update calls fn with a transaction that reads and writes as if no other ran at the same
// time. A nil result means that the writes of fn are durable. With any other result none
// of them was kept, with one exception: if the commit itself failed (a full or broken
// disk), the outcome may be known only after the next start, and if the connection to a
// server was lost during it (ErrUnknownOutcome), only by reading.
//
// fn may run more than once, for example if a concurrent Update writes and then fails, or after a conflict with
// another node, so it must set its results again each time; it never runs after Update has returned. Other Updates
// wait while it runs, so it should only compute, and it must neither start nor wait for another transaction.
//
// Update returns fn's error, a [*PanicError] if fn panicked, the cause of ctx's end if
// that came before fn ran or before one of its statements, or ErrClosed.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.counts.updates.Add(1)
	var firstTimer int64
	err := s.engine.update(ctx, func(tx *Tx) error {
		err := fn(tx)
		firstTimer = tx.firstTimer
		return err
	})
	if err == nil && firstTimer != 0 {
		s.counts.timers.set(firstTimer)
	}
	return err
}

// LimitCache bounds what is cached between transactions, in bytes: DefaultCacheBytes unless
// it is called. An engine that caches nothing ignores it. It is called before the first
// transaction.
func (s *Store) LimitCache(bytes int) error {
	if engine, ok := s.engine.(*sqlite); ok {
		return engine.limitCache(bytes)
	}
	return nil
}

// Reset empties the store, in one transaction.
func (s *Store) Reset(ctx context.Context) error {
	return s.Update(ctx, func(tx *Tx) error {
		if err := tx.checkWritable(); err != nil {
			return err
		}
		tx.session.forgetAll()
		for _, text := range []string{
			`DELETE FROM resources`,
			`DELETE FROM policies`,
			`DELETE FROM tags`,
			`DELETE FROM dependencies`,
			`DELETE FROM client_tokens`,
			`DELETE FROM timers`,
			`DELETE FROM access_keys`,
			`DELETE FROM share_associations`,
			`DELETE FROM discoverable`,
		} {
			if err := tx.write(text); err != nil {
				return fmt.Errorf("reset: %w", err)
			}
		}
		return nil
	})
}

// Statements are counts of SQL statements.
type Statements struct {
	Queries, Writes uint64

	// For an engine on a server: the number of round trips, and of transactions that ran
	// again.
	RoundTrips, Retries uint64
}

// Transactions are counts of transactions, however often each ran.
type Transactions struct{ Views, Updates uint64 }

// Load is the current load of a store.
type Load struct {
	Waiting     int // transactions that wait for their turn
	Connections int // connections that run a transaction
	KeptBytes   int // approximate size of the data cached between transactions
}

// Statements returns the number of statements in transactions since the store was opened,
// without those that begin and end a transaction.
func (s *Store) Statements() Statements {
	c := s.counts
	return Statements{Queries: c.queries.Load(), Writes: c.writes.Load(), RoundTrips: c.roundTrips.Load(), Retries: c.retries.Load()}
}

// Transactions returns the number of transactions since the store was opened.
func (s *Store) Transactions() Transactions {
	return Transactions{Views: s.counts.views.Load(), Updates: s.counts.updates.Load()}
}

// Load returns the current load.
func (s *Store) Load() Load { return s.engine.load() }

// counts counts transactions and their statements, and knows when timers may be due.
type counts struct {
	views, updates, queries, writes, roundTrips, retries atomic.Uint64

	timers timerBound
}

// Ready returns an error if the store cannot be used now.
func (s *Store) Ready(ctx context.Context) error { return s.engine.ready(ctx) }

// Close waits for running transactions and queued Updates, then releases the directory.
// Later calls return ErrClosed. Closing twice has no further effect.
func (s *Store) Close() error { return s.engine.close() }

// PanicError is returned by View and Update when their function panicked.
type PanicError struct {
	Value any    // the value of the panic
	Stack []byte // as of runtime/debug.Stack, for the log
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic in transaction: %v", e.Value) }

// Unwrap returns the panic's value if that was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// call runs fn on tx and ends tx, also if fn panics. It returns fn's error, or a failure
// of the engine that fn did not return.
func call(tx *Tx, fn func(*Tx) error) (err error) {
	defer func() {
		tx.done = true
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.broken
}
