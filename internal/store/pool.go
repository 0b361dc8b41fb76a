package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// pool lends up to size connections and opens each when it is first needed. The one
// returned last is lent first, so that few are open under little load.
type pool[C closer] struct {
	open   func(context.Context) (C, error)
	tokens chan struct{} // one per lent connection
	closed chan struct{}

	waiting atomic.Int64 // callers waiting for a connection

	mu   sync.Mutex
	idle []C
}

type closer interface{ close() error }

func newPool[C closer](size int, open func(context.Context) (C, error)) *pool[C] {
	return &pool[C]{open: open, tokens: make(chan struct{}, size), closed: make(chan struct{})}
}

// get lends a connection, waiting for one until ctx ends.
func (p *pool[C]) get(ctx context.Context) (c C, err error) {
	if ctx.Err() != nil {
		return c, context.Cause(ctx)
	}
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	select {
	case p.tokens <- struct{}{}:
	case <-p.closed:
		return c, ErrClosed
	case <-ctx.Done():
		return c, context.Cause(ctx)
	}
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c = p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	c, err = p.open(ctx)
	if err != nil {
		<-p.tokens
	}
	return c, err
}

// tryIdle lends an open connection that is not in use; false if there is none now.
func (p *pool[C]) tryIdle() (c C, ok bool) {
	select {
	case p.tokens <- struct{}{}:
	default:
		return c, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		<-p.tokens
		return c, false
	}
	c = p.idle[n-1]
	p.idle = p.idle[:n-1]
	return c, true
}

func (p *pool[C]) put(c C) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	<-p.tokens
}

// acquireAll takes all connections, so that none is in use until refill is called; it
// takes none if ctx ends before.
func (p *pool[C]) acquireAll(ctx context.Context) (refill func(), err error) {
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

// eachIdle calls fn with every connection that is not lent.
func (p *pool[C]) eachIdle(fn func(C)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		fn(c)
	}
}

// drop closes a lent connection and the idle ones: if it is broken, these have usually lost
// the same server.
func (p *pool[C]) drop(c C) {
	p.mu.Lock()
	dropped := append(p.idle, c)
	p.idle = nil
	p.mu.Unlock()
	<-p.tokens
	for _, c := range dropped {
		_ = c.close() // nothing is left to do with it
	}
}

// close waits for all lent connections, then closes all. It is called once.
func (p *pool[C]) close() error {
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
