package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
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
	// ErrIncompatible tells that the folder holds something that is not Writ data, or data of a newer Writ.
	ErrIncompatible = errors.New("the folder cannot be used")
	// ErrClosed tells that the store was closed.
	ErrClosed = errors.New("the store is closed")

	errReadOnly   = errors.New("write in a read-only transaction")
	errTxDone     = errors.New("transaction used after its function returned")
	errRerunGroup = errors.New("a request that wrote has failed: the group must run again") // never leaves the writer
	errGoexit     = errors.New("transaction function ended its goroutine")
)

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	engine  string
	path    string
	db      *sql.DB
	readers *pool
	writers *pool // equal to readers where the engine has a single connection
	queue   *queue
	cache   cache
	ended   chan struct{} // closed when the last writer has ended
	closing func() error  // Close, but for the second time

	attempts atomic.Uint64 // to commit, since the store was opened
	commits  atomic.Uint64 // that came of them

	queries, writes atomic.Uint64 // statements of transactions, since the store was opened

	// All nil in memory.
	flusher *flusher
	log     *checkpointer
	lock    *os.File
}

// Engine names the database engine: "sqlite".
func (s *Store) Engine() string { return s.engine }

// Path says where the state is: a folder, or ":memory:".
func (s *Store) Path() string { return s.path }

// View calls fn with a snapshot of the state that includes every Update that
// was acknowledged before. Views run in parallel with each other and with
// Updates. fn must neither start nor wait for another transaction.
//
// View returns fn's error, a [*PanicError] if fn panicked, the cause of ctx's
// end if that came before fn's turn or before one of its reads, or ErrClosed.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	seen, err := s.view(ctx, fn)
	if s.flusher == nil {
		return err
	}
	if lost := s.flusher.wait(seen); lost != nil {
		return lost
	}
	return err
}

// view is View before what it saw is durable. It tells how many attempts to
// commit that may be.
func (s *Store) view(ctx context.Context, fn func(*Tx) error) (seen uint64, err error) {
	c, err := s.readers.get(ctx)
	if err != nil {
		return 0, err
	}
	defer s.readers.put(c)
	tx := &Tx{ctx: ctx, store: s, conn: c, commits: s.commits.Load()}
	if tx.begun = c.snapshot && c.as == tx.commits; !tx.begun && c.snapshot {
		c.rollback()
	}
	defer func() {
		if tx.begun {
			seen = c.seen
		}
		if tx.begun && (tx.broken != nil || s.readers == s.writers) {
			c.rollback()
		}
	}()
	return 0, call(tx, fn)
}

// Update calls fn with a transaction that reads and writes as if no other ran
// at the same time. A nil result means that what fn wrote is durable. With any
// other result nothing of it was kept, with one exception: where the commit
// itself failed (a full or broken disk) the outcome may be known only after the
// next start.
//
// fn may run more than once, as it does whenever an Update beside it writes and then
// fails, so it must set what it gives out anew each time; it never runs again after
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
	r := &request{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := s.queue.push(r); err != nil {
		return err
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		if r.abandon() {
			return context.Cause(ctx)
		}
		<-r.done
		return r.err
	}
}

// Reset empties the store, in one transaction.
func (s *Store) Reset(ctx context.Context) error {
	return s.Update(ctx, func(tx *Tx) error {
		if err := tx.checkWritable(); err != nil {
			return err
		}
		tx.conn.written.all = true
		tx.conn.written.forgetValues()
		for _, text := range []string{
			`DELETE FROM resources`,
			`DELETE FROM policies`,
			`DELETE FROM tags`,
			`DELETE FROM dependencies`,
			`DELETE FROM client_tokens`,
			`DELETE FROM access_keys`,
			`DELETE FROM share_associations`,
			`DELETE FROM discoverable`,
		} {
			if _, err := tx.exec(text); err != nil {
				return fmt.Errorf("reset: %w", err)
			}
		}
		return nil
	})
}

// Statements are counts of SQL statements.
type Statements struct{ Queries, Writes uint64 }

// Statements returns how many statements transactions have run since the store was
// opened, not counting those that begin and end a transaction.
func (s *Store) Statements() Statements {
	return Statements{Queries: s.queries.Load(), Writes: s.writes.Load()}
}

// Close lets the transactions under way and the Updates already queued finish,
// then gives the folder free. Later calls return ErrClosed. Closing twice is
// the same as closing once.
func (s *Store) Close() error { return s.closing() }

func (s *Store) close() error {
	s.queue.close()
	<-s.ended
	var errs []error
	if s.log != nil {
		errs = append(errs, s.log.file.Close()) // before SQLite deletes the file
	}
	errs = append(errs, s.readers.close())
	if s.writers != s.readers {
		// Last, since the last connection folds the log into the database.
		errs = append(errs, s.writers.close())
	}
	errs = append(errs, s.db.Close())
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

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
