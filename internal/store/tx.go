package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Tx is one transaction. It belongs to the function it was given to and to that
// function's goroutine: once the function has returned, every method fails.
//
// A Tx caches the resources and policies it has read, so that the gate in
// front of a handler and the handler itself may ask for the same ARN at the
// price of one read. A write through the Tx drops what it changes from the cache, unless
// it knows what there is then.
type Tx struct {
	ctx      context.Context
	session  session
	counts   *counts
	writable bool
	writes   int   // statements that write, so far
	done     bool  // fn has returned
	broken   error // the engine failed: the transaction cannot go on

	firstTimer int64 // the earliest timer that was set, in unix microseconds; 0 for none

	resources map[string]resourceRead
	policies  map[string][]Policy
}

// resourceRead is what reading an ARN gave: a resource, or none.
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

// exec writes, and returns how many rows the statement touched.
func (tx *Tx) exec(text string, args ...any) (int64, error) {
	if err := tx.checkWritable(); err != nil {
		return 0, err
	}
	tx.writes++
	tx.counts.writes.Add(1)
	n, err := tx.session.exec(text, args...)
	return n, tx.engineError(err)
}

// write is exec for a statement whose number of rows nobody asks for. Its failure may
// be told as late as by the commit.
func (tx *Tx) write(text string, args ...any) error {
	if err := tx.checkWritable(); err != nil {
		return err
	}
	tx.writes++
	tx.counts.writes.Add(1)
	return tx.engineError(tx.session.write(text, args...))
}

// execOne is exec for a statement that must touch a row: ErrNotFound if it did not.
func (tx *Tx) execOne(text string, args ...any) error {
	n, err := tx.exec(text, args...)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// writeOne is execOne, but waits for no answer if the transaction knows from what it has
// read that the statement touches a row: then it does, or the transaction fails.
func (tx *Tx) writeOne(known bool, text string, args ...any) error {
	if known {
		return tx.write(text, args...)
	}
	return tx.execOne(text, args...)
}

// checkWritable tells why nothing may be written now, or nil. Whatever writes asks it
// first, before it touches what the session remembers.
func (tx *Tx) checkWritable() error {
	if err := tx.checkActive(); err != nil {
		return err
	}
	if !tx.writable {
		return errReadOnly
	}
	return nil
}

// checkActive tells why no statement may run now, or nil.
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

// engineError notes that the engine failed. After some failures SQLite has rolled the
// whole transaction back by itself, so whatever fn makes of the error, nothing
// may run in this transaction any more.
func (tx *Tx) engineError(err error) error {
	if err != nil {
		tx.broken = fmt.Errorf("database: %w", err)
		return tx.broken
	}
	return nil
}

// toMicros and instant are the two ways between a time and its column.
func toMicros(t time.Time) int64    { return t.UnixMicro() }
func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
