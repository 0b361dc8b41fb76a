package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

var (
	// ErrNotFound tells that the row asked for does not exist.
	ErrNotFound = errors.New("not found")
	// ErrExists tells that an insert met a row with the same key.
	ErrExists = errors.New("already exists")
	// ErrInUse tells that another open store, as a rule of another process, holds the folder.
	ErrInUse = errors.New("the folder is in use")
	// ErrIncompatible tells that a folder or a database holds something that is not Writ data, or data of another version.
	ErrIncompatible = errors.New("the state cannot be used")
	// ErrDamaged tells that a file of the state is not what was written into it.
	ErrDamaged = errors.New("the state is damaged")

	// ErrDiskFailed is returned by every Update after a write could not be flushed to the
	// disk, until the store is opened again.
	ErrDiskFailed = errors.New("the disk failed, and what was last written may be lost; start again")
	// ErrClosed tells that the store was closed.
	ErrClosed = errors.New("the store is closed")

	errReadOnly   = errors.New("write in a read-only transaction")
	errTxDone     = errors.New("transaction used after its function returned")
	errRerunGroup = errors.New("a request that wrote has failed: the group must run again") // never leaves the writer
	errGoexit     = errors.New("transaction function ended its goroutine")
)

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	engine engine
	counts *counts
}

// Engine names the database engine: "sqlite" or "postgresql".
func (s *Store) Engine() string { return s.engine.name() }

// Path says where the state is: a folder, ":memory:", or the address of a database
// without its password.
func (s *Store) Path() string { return s.engine.location() }

// Shared reports whether other processes may have the state open, too.
func (s *Store) Shared() bool { return s.engine.shared() }

// View calls fn with a snapshot of the state that includes every Update that
// was acknowledged before. Views run in parallel with each other and with
// Updates. fn must neither start nor wait for another transaction; like that of Update
// it may run more than once.
//
// View returns fn's error, a [*PanicError] if fn panicked, the cause of ctx's
// end if that came before fn's turn or before one of its reads, or ErrClosed.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	s.counts.views.Add(1)
	return s.engine.view(ctx, fn)
}

// Update calls fn with a transaction that reads and writes as if no other ran
// at the same time. A nil result means that what fn wrote is durable. With any
// other result nothing of it was kept, with one exception: where the commit
// itself failed (a full or broken disk) the outcome may be known only after the
// next start, and where the connection to a server was lost in it
// (ErrUnknownOutcome), by reading.
//
// fn may run more than once, as it does whenever an Update beside it writes and then
// fails, or one on another node was in its way, so it must set its results again each time; it never runs again after
// Update has returned. It runs while other Updates wait, so it should only compute,
// and it must neither start nor wait for another transaction.
//
// Update returns fn's error, a [*PanicError] if fn panicked, the cause of ctx's
// end if that came before fn's turn or before one of its statements, or
// ErrClosed.
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

	// Of an engine behind a network: how often a transaction waited for it, and how
	// often one ran again.
	RoundTrips, Retries uint64
}

// Transactions are counts of transactions, however often each ran.
type Transactions struct{ Views, Updates uint64 }

// Load is what a store is doing now.
type Load struct {
	Waiting     int // transactions that wait for their turn
	Connections int // that run a transaction
	KeptBytes   int // in memory between transactions, about
}

// Statements returns how many statements transactions have run since the store was
// opened, not counting those that begin and end a transaction.
func (s *Store) Statements() Statements {
	c := s.counts
	return Statements{Queries: c.queries.Load(), Writes: c.writes.Load(), RoundTrips: c.roundTrips.Load(), Retries: c.retries.Load()}
}

// Transactions returns how many transactions there were since the store was opened.
func (s *Store) Transactions() Transactions {
	return Transactions{Views: s.counts.views.Load(), Updates: s.counts.updates.Load()}
}

// Load returns what the store is doing now.
func (s *Store) Load() Load { return s.engine.load() }

// counts counts transactions and their statements, and knows when timers may be due.
type counts struct {
	views, updates, queries, writes, roundTrips, retries atomic.Uint64

	timers timerBound
}

// Ready tells why the store cannot be used now, or nil.
func (s *Store) Ready(ctx context.Context) error { return s.engine.ready(ctx) }

// Close lets the transactions under way and the Updates already queued finish,
// then gives the folder free. Later calls return ErrClosed. Closing twice is
// the same as closing once.
func (s *Store) Close() error { return s.engine.close() }

// PanicError is what View and Update return when their function panicked.
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

// call runs fn on tx and ends tx, however fn ends. Of fn's error and a failure
// of the engine that fn kept to itself, it returns the one there is.
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
