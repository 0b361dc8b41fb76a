package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// What frames the statements of a transaction.
const (
	beginRead    = `BEGIN`
	beginWrite   = `BEGIN IMMEDIATE`
	commit       = `COMMIT`
	rollback     = `ROLLBACK`
	savepoint    = `SAVEPOINT one`
	rollbackToIt = `ROLLBACK TO one`
	release      = `RELEASE one`
)

// conn is one connection, with each statement prepared on first use. It is
// pinned, so that database/sql has nothing to look for and nothing to reset.
//
// Statements run without the caller's context: the driver would start a
// goroutine per statement to watch it. A Tx asks its context before each one.
type conn struct {
	pinned     *sql.Conn
	statements map[string]*sql.Stmt
}

func (c *conn) prepare(text string) (*sql.Stmt, error) {
	if st, ok := c.statements[text]; ok {
		return st, nil
	}
	st, err := c.pinned.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	c.statements[text] = st
	return st, nil
}

func (c *conn) exec(text string, args ...any) (int64, error) {
	st, err := c.prepare(text)
	if err != nil {
		return 0, err
	}
	res, err := st.Exec(args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// script runs statements that are needed once, or that come several in a text.
func (c *conn) script(text string) error {
	_, err := c.pinned.ExecContext(context.Background(), text)
	return err
}

// number reads a single number.
func (c *conn) number(text string) (n int, err error) {
	err = c.pinned.QueryRowContext(context.Background(), text).Scan(&n)
	return n, err
}

// begin starts a transaction. When it cannot, it clears away what an earlier
// failure may have left open, so that the next one can.
func (c *conn) begin(text string) error {
	_, err := c.exec(text)
	if err != nil {
		c.rollback()
	}
	return err
}

// rollback ends the transaction, if one is open. Its error says that none is.
func (c *conn) rollback() { _, _ = c.exec(rollback) }

func (c *conn) close() error {
	var errs []error
	for _, st := range c.statements {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, c.pinned.Close())...)
}

// pool lends out up to size connections and opens each one when it is first
// needed. The one returned last goes out first: where there is little to do,
// few are ever open.
type pool struct {
	open   func() (*conn, error)
	tokens chan struct{} // one per connection lent out
	closed chan struct{}

	mu   sync.Mutex
	idle []*conn
}

func newPool(size int, open func() (*conn, error)) *pool {
	return &pool{open: open, tokens: make(chan struct{}, size), closed: make(chan struct{})}
}

// get lends a connection, waiting for one until ctx ends.
func (p *pool) get(ctx context.Context) (*conn, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	select {
	case p.tokens <- struct{}{}:
	case <-p.closed:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	c, err := p.open()
	if err != nil {
		<-p.tokens
		return nil, err
	}
	return c, nil
}

func (p *pool) put(c *conn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	<-p.tokens
}

// drain takes all connections, so that none is in use until refill is called;
// or none, if ctx ends before.
func (p *pool) drain(ctx context.Context) (refill func(), err error) {
	taken := 0
	refill = func() {
		for range taken {
			<-p.tokens
		}
	}
	for taken < cap(p.tokens) {
		select {
		case p.tokens <- struct{}{}:
			taken++
		case <-ctx.Done():
			refill()
			return nil, ctx.Err()
		}
	}
	return refill, nil
}

// close waits for every connection that is lent out, then closes them all. It
// is called once.
func (p *pool) close() error {
	close(p.closed)
	for range cap(p.tokens) {
		p.tokens <- struct{}{}
	}
	var errs []error
	for _, c := range p.idle {
		errs = append(errs, c.close())
	}
	return errors.Join(errs...)
}
