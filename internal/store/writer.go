package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// groupSize bounds how many Updates share a commit: enough that the price of an
// fsync vanishes, few enough that the first one does not wait long for the last.
const groupSize = 256

// request is one Update on its way.
type request struct {
	ctx  context.Context
	fn   func(*Tx) error
	err  error         // the outcome, to be read after done
	done chan struct{} // closed when the outcome is known

	state atomic.Int32 // waiting, then running or abandoned
}

const (
	waiting = iota
	running
	abandoned
)

// start claims the request for the writer; false if its caller has gone.
func (r *request) start() bool { return r.state.CompareAndSwap(waiting, running) }

// abandon takes the request back; false if the writer has begun with it.
func (r *request) abandon() bool { return r.state.CompareAndSwap(waiting, abandoned) }

func (r *request) finish(err error) {
	r.err = err
	close(r.done)
}

// queue holds the Updates that wait for the writer, first come first served.
type queue struct {
	mu      sync.Mutex
	some    *sync.Cond // waiting is not empty, or closed, or flushing is over
	waiting []*request
	closed  bool

	flushing bool // a commit is on its way to the disk
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

// take waits for requests and appends up to n of them to the group, without
// those whose callers have gone; false once the queue is closed and empty.
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

// takeMore is take without the wait, unless the last commit is on its way to the disk:
// then the group cannot commit yet, and has time for those who come.
func (q *queue) takeMore(group []*request, n int) []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for n > 0 && len(q.waiting) == 0 && q.flushing && !q.closed {
		q.some.Wait()
	}
	return q.dequeue(group, n)
}

// beginFlush notes that a commit is on its way to the disk, and flushed that it is over.
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

// waitForFlush waits until no commit is on its way to the disk.
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

// close lets no more requests in.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.some.Broadcast()
}

// runWriter is the writer: one goroutine at a time commits. While one commit is on its
// way to the disk the next group runs, and whoever arrives joins it: so the busier
// the store, the more Updates share a flush, and an Update that is alone waits for
// no one.
//
// It begins with the group given: what is left of one whose writer has ended.
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

// runGroup commits a group and answers it. Where a request that wrote failed, all run
// again, with savepoints. One that breaks the transaction of all is answered and
// left out, and the others run again without it.
func (s *sqlite) runGroup(group []*request) {
	careful := false
	for len(group) > 0 {
		spoiler, wrote, err := s.commitGroup(&group, careful)
		switch {
		case err == errRerunGroup:
			careful = true
		case spoiler >= 0:
			s.queue.waitForFlush() // what it saw may be on its way to the disk
			group[spoiler].finish(cmp.Or(s.flusher.failure(), err))
			group = slices.Delete(group, spoiler, spoiler+1)
		default:
			s.completeGroup(group, wrote, err)
			return
		}
	}
}

// completeGroup finishes a group. One that wrote is answered when that is durable, and
// nobody waits for it here.
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
		finish(s.flusher.flushAttempts(s.attempts.Load())) // there is no other attempt until this is over
		s.queue.endFlush()
	}()
}

// commitGroup runs a group in one transaction, lets others join it, and leaves each
// request's outcome in its err. It returns whether the group wrote and the error of
// the commit, with a spoiler of -1. If a request breaks the transaction, it returns
// that one's index and error; if one fails that wrote, and it was not to be careful,
// errUndo. In both cases nothing was kept. To be careful is to make a savepoint for
// each request that writes.
//
// Also the requests that failed are answered only after the commit: what they
// saw, and gave as their reason, became true with it.
func (s *sqlite) commitGroup(group *[]*request, careful bool) (spoiler int, wrote bool, err error) {
	c, err := s.writers.get(context.Background())
	if err != nil {
		return -1, false, err
	}
	defer s.writers.put(c)
	if err := c.begin(beginWrite); err != nil {
		return -1, false, fmt.Errorf("begin: %w", err)
	}
	c.written = writeSet{}
	at, ours := 0, true
	defer func() {
		// runtime.Goexit in an fn ends this goroutine, so that another must be the
		// writer; it waits until the connection is back. What fn deferred is over.
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
	if err := s.flusher.failure(); err != nil { // else what the group saw is durable from here on
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
	// Before anybody is answered, so that whoever was answered reads what is new.
	s.cache.endCommit(c.written, s.commits.Add(1), false)
	return nil
}

// runRequest runs one request of a group and, if that is careful and the request fails,
// undoes what it wrote and no more. It returns why the transaction of the whole group
// cannot go on: errUndo, or the error of this request; nil if it can.
func (s *sqlite) runRequest(c *conn, r *request, careful bool) error {
	tx := s.newTx(r.ctx, c)
	tx.writable, tx.careful, tx.begun = true, careful, true
	r.err = call(&tx.Tx, r.fn)
	switch {
	case tx.broken != nil: // SQLite may have rolled all back
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
		c.written.forgetValues() // some may be of what is undone
	}
	if _, err := c.exec(releaseSavepoint); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}
