package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// groupSize limits the number of Updates in one commit: enough to make the cost of an
// fsync per Update small, and few enough that the first does not wait long for the last.
const groupSize = 256

// request is one pending Update.
type request struct {
	ctx  context.Context
	fn   func(*Tx) error
	err  error         // the result, to be read after done
	done chan struct{} // closed when the result is known

	state atomic.Int32 // waiting, then running or abandoned
}

const (
	waiting = iota
	running
	abandoned
)

// start claims the request for the writer; false if its caller has given up.
func (r *request) start() bool { return r.state.CompareAndSwap(waiting, running) }

// abandon withdraws the request; false if the writer has started it.
func (r *request) abandon() bool { return r.state.CompareAndSwap(waiting, abandoned) }

func (r *request) finish(err error) {
	r.err = err
	close(r.done)
}

// queue holds the Updates that wait for the writer, in order of arrival.
type queue struct {
	mu      sync.Mutex
	some    *sync.Cond // signals that waiting is not empty, the queue is closed, or flushing ended
	waiting []*request
	closed  bool

	flushing bool // a commit is being flushed
}

func newQueue() *queue {
	q := new(queue)
	q.some = sync.NewCond(&q.mu)
	return q
}

func (q *queue) push(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.waiting = append(q.waiting, r)
	q.some.Signal()
	return nil
}

// take waits for requests and appends up to n of them to the group, without those whose
// callers have given up; false once the queue is closed and empty.
func (q *queue) take(group []*request, n int) ([]*request, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.some.Wait()
	}
	if len(q.waiting) == 0 {
		return group, false
	}
	return q.dequeue(group, n), true
}

// takeMore is take without waiting, unless the last commit is being flushed: then the
// group cannot commit yet, and can wait for more requests.
func (q *queue) takeMore(group []*request, n int) []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for n > 0 && len(q.waiting) == 0 && q.flushing && !q.closed {
		q.some.Wait()
	}
	return q.dequeue(group, n)
}

// beginFlush records that a commit is being flushed, and endFlush that this has ended.
func (q *queue) beginFlush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.flushing = true
}

func (q *queue) endFlush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.flushing = false
	q.some.Broadcast()
}

// waitForFlush waits until no commit is being flushed.
func (q *queue) waitForFlush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.flushing {
		q.some.Wait()
	}
}

func (q *queue) dequeue(group []*request, n int) []*request {
	n = min(n, len(q.waiting))
	for _, r := range q.waiting[:n] {
		if r.start() {
			group = append(group, r)
		}
	}
	q.waiting = slices.Delete(q.waiting, 0, n)
	return group
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// close rejects further requests.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.some.Broadcast()
}

// runWriter is the writer: one goroutine at a time commits. While one commit is flushed,
// the next group runs, and new requests join it: so more Updates share a flush under
// load, and a single Update does not wait for others.
//
// It begins with the given group: the rest of one whose writer has ended.
func (s *sqlite) runWriter(group []*request) {
	for open := true; open; group, open = s.queue.take(nil, groupSize) {
		if len(group) == 0 {
			continue // it begins, or who waited has gone
		}
		s.runGroup(group)
		if s.log != nil {
			s.log.checkpoint(s)
		}
	}
	s.queue.waitForFlush()
	close(s.ended)
}

// runGroup commits a group and completes it. If a request failed after it wrote, all run
// again, with savepoints. A request that breaks the transaction is completed with its
// error and removed, and the others run again without it.
func (s *sqlite) runGroup(group []*request) {
	careful := false
	for len(group) > 0 {
		spoiler, wrote, err := s.commitGroup(&group, careful)
		switch {
		case err == errRerunGroup:
			careful = true
		case spoiler >= 0:
			s.queue.waitForFlush() // the data that it saw may be in a commit that is being flushed
			group[spoiler].finish(cmp.Or(s.flusher.failure(), err))
			group = slices.Delete(group, spoiler, spoiler+1)
		default:
			s.completeGroup(group, wrote, err)
			return
		}
	}
}

// completeGroup finishes the requests of a group. A group that wrote is finished when its
// commit is durable, without waiting here.
func (s *sqlite) completeGroup(group []*request, wrote bool, err error) {
	finish := func(err error) {
		for _, r := range group {
			if err != nil {
				r.err = err
			}
			r.finish(r.err)
		}
	}
	if !wrote || err != nil || s.flusher == nil {
		finish(err)
		return
	}
	s.queue.beginFlush()
	go func() {
		finish(s.flusher.flushAttempts(s.attempts.Load())) // no other attempt starts before this ends
		s.queue.endFlush()
	}()
}

// commitGroup runs a group in one transaction, lets others join it, and stores each
// request's result in its err. It returns whether the group wrote and the error of the
// commit, with a spoiler of -1. If a request breaks the transaction, it returns that
// request's index and error; if one fails after it wrote, and careful is false,
// errRerunGroup. In both cases nothing was kept. careful creates a savepoint for each
// request that writes.
//
// Failed requests are also answered only after the commit: the data that they saw, which
// is the reason of their errors, is committed with it.
func (s *sqlite) commitGroup(group *[]*request, careful bool) (spoiler int, wrote bool, err error) {
	c, err := s.writers.get(context.Background())
	if err != nil {
		return -1, false, err
	}
	defer s.writers.put(c)
	s.images.touch(s)
	if err := c.begin(beginWrite); err != nil {
		return -1, false, fmt.Errorf("begin: %w", err)
	}
	c.written = writeSet{}
	at, ours := 0, true
	defer func() {
		// runtime.Goexit in an fn ends this goroutine, so another must become the writer;
		// it waits until the connection is returned. The deferred functions of fn have
		// run.
		if ours {
			c.rollback()
			(*group)[at].finish(errGoexit)
			go s.runWriter(slices.Delete(*group, at, at+1))
		}
	}()
	for ; at < len(*group); at++ {
		if err := s.runRequest(c, (*group)[at], careful); err != nil {
			ours = false
			c.rollback()
			return at, false, err
		}
		if at == len(*group)-1 {
			*group = s.queue.takeMore(*group, groupSize-len(*group))
		}
	}
	ours = false
	s.queue.waitForFlush()
	if err := s.flusher.failure(); err != nil { // otherwise the data that the group saw is durable now
		c.rollback()
		return -1, false, err
	}
	if !c.written.some {
		c.rollback()
		return -1, false, nil
	}
	return -1, true, s.commitWritten(c)
}

// commitWritten commits what a group wrote. It is not durable yet.
func (s *sqlite) commitWritten(c *conn) error {
	if s.readers != s.writers {
		s.closeSnapshots() // so that SQLite can restart the log
	}
	attempt := s.attempts.Add(1)
	s.cache.beginCommit(c.written)
	if _, err := c.exec(commit); err != nil {
		c.rollback()
		s.cache.endCommit(writeSet{}, 0, true)
		s.flusher.skipAttempt(attempt)
		return fmt.Errorf("commit: %w", err)
	}
	// Before any request is completed, so that its client reads the new data.
	s.cache.endCommit(c.written, s.commits.Add(1), false)
	s.noteSize(c)
	return nil
}

// runRequest runs one request of a group and, if careful is set and the request fails,
// rolls back only its writes. It returns why the transaction of the whole group cannot
// continue: errRerunGroup, or the error of this request; nil if it can.
func (s *sqlite) runRequest(c *conn, r *request, careful bool) error {
	tx := s.newTx(r.ctx, c)
	tx.writable, tx.careful, tx.begun = true, careful, true
	r.err = call(&tx.Tx, r.fn)
	switch {
	case tx.broken != nil: // SQLite may have rolled back the transaction
		return r.err
	case !tx.wrote:
		return nil
	case !careful && r.err != nil:
		return errRerunGroup
	case !careful:
		return nil
	}
	if r.err != nil {
		if _, err := c.exec(rollbackToSavepoint); err != nil {
			return r.err
		}
		c.written.forgetValues() // some may have been rolled back
	}
	if _, err := c.exec(releaseSavepoint); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}
