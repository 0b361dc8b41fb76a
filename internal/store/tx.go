package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Tx is one transaction. Only the function that received it may use it, in its goroutine:
// after the function has returned, every method fails.
//
// A Tx caches the resources and policies that it has read, so that the gate and the
// handler can read the same ARN for the price of one read. A write through the Tx removes
// or replaces the cached data that it changes.
type Tx struct {
	ctx      context.Context
	session  session
	counts   *counts
	writable bool
	writes   int   // number of write statements so far
	done     bool  // fn has returned
	broken   error // the engine failed: the transaction cannot go on

	firstTimer int64 // the earliest timer that was set, in unix microseconds; 0 for none

	resources map[string]resourceRead
	policies  map[string][]Policy
}

// resourceRead is the result of reading an ARN: a resource, or none.
type resourceRead struct {
	resource Resource
	found    bool
}

// queryOne reads the single row of a query into dest; ErrNotFound if there is none.
func (tx *Tx) queryOne(dest []any, text string, args ...any) error {
	err := ErrNotFound
	failed := tx.query(func(r row) bool {
		err = r.Scan(dest...)
		return false
	}, text, args...)
	if failed != nil {
		return failed
	}
	if errors.Is(err, ErrNotFound) {
		return err
	}
	return tx.engineError(err)
}

// exec writes, and returns the number of affected rows.
func (tx *Tx) exec(text string, args ...any) (int64, error) {
	if err := tx.checkWritable(); err != nil {
		return 0, err
	}
	tx.writes++
	tx.counts.writes.Add(1)
	n, err := tx.session.exec(text, args...)
	return n, tx.engineError(err)
}

// write is exec without the number of rows. Its error may be returned as late as by the
// commit.
func (tx *Tx) write(text string, args ...any) error {
	if err := tx.checkWritable(); err != nil {
		return err
	}
	tx.writes++
	tx.counts.writes.Add(1)
	return tx.engineError(tx.session.write(text, args...))
}

// execOne is exec for a statement that must affect a row: ErrNotFound if it did not.
func (tx *Tx) execOne(text string, args ...any) error {
	n, err := tx.exec(text, args...)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// writeOne is execOne, but does not wait for the result if the transaction has read that
// the row exists: then the statement affects it, or the transaction fails.
func (tx *Tx) writeOne(known bool, text string, args ...any) error {
	if known {
		return tx.write(text, args...)
	}
	return tx.execOne(text, args...)
}

// checkWritable returns an error if nothing may be written now. Every write calls it
// first, before it changes the session's memory.
func (tx *Tx) checkWritable() error {
	if err := tx.checkActive(); err != nil {
		return err
	}
	if !tx.writable {
		return errReadOnly
	}
	return nil
}

// checkActive returns an error if no statement may run now.
func (tx *Tx) checkActive() error {
	switch {
	case tx.done:
		return errTxDone
	case tx.broken != nil:
		return tx.broken
	case tx.ctx.Err() != nil:
		return context.Cause(tx.ctx)
	}
	return nil
}

// engineError records that the engine failed. After some failures SQLite has rolled back
// the whole transaction, so nothing may run in it any more, even if fn ignores the error.
func (tx *Tx) engineError(err error) error {
	if err != nil {
		tx.broken = fmt.Errorf("database: %w", err)
		return tx.broken
	}
	return nil
}

// toMicros and fromMicros convert between a time and its column.
func toMicros(t time.Time) int64    { return t.UnixMicro() }
func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
