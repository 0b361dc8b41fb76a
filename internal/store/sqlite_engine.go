package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
)

// sqlite is the engine SQLite: a database that only this process has open.
type sqlite struct {
	path    string
	db      *sql.DB // nil for a state of an image, whose connections have one each
	readers *pool[*conn]
	writers *pool[*conn] // equal to readers in memory, where there is a single connection
	queue   *queue
	cache   cache
	pages   atomic.Int64 // by what cachePages sets the pages of new connections
	counts  counts
	ended   chan struct{} // closed when the last writer has ended
	closing func() error  // closeAll, but for the second time

	attempts atomic.Uint64 // commit attempts since the store was opened
	commits  atomic.Uint64 // successful commits

	damage atomic.Pointer[error] // the last damage that a request found; nil for none

	used   atomic.Uint64             // when images was last told of a transaction
	images *Images                   // opened the state from an image; nil for any other state
	last   atomic.Pointer[lastImage] // nil without images

	// All nil for a state in memory.
	flusher *flusher
	log     *checkpointer
	lock    *os.File
}

func (s *sqlite) name() string     { return "sqlite" }
func (s *sqlite) location() string { return s.path }
func (s *sqlite) shared() bool     { return false }
func (s *sqlite) close() error     { return s.closing() }

// view runs a View, and waits until the data that it saw is durable.
func (s *sqlite) view(ctx context.Context, fn func(*Tx) error) error {
	seen, err := s.read(ctx, fn)
	if s.flusher == nil {
		return err
	}
	if lost := s.flusher.wait(seen); lost != nil {
		return lost
	}
	return err
}

// read runs a View. It returns the number of commit attempts that it may have seen.
func (s *sqlite) read(ctx context.Context, fn func(*Tx) error) (seen uint64, err error) {
	c, err := s.readers.get(ctx)
	if err != nil {
		return 0, err
	}
	defer s.readers.put(c)
	s.images.touch(s)
	c.written = writeSet{} // the only connection in memory is the writer's; what it wrote is committed
	tx := s.newTx(ctx, c)
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
	return 0, call(&tx.Tx, fn)
}

// update queues an Update for the writer.
func (s *sqlite) update(ctx context.Context, fn func(*Tx) error) error {
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

// ready reads a row, and checks the flusher.
func (s *sqlite) ready(ctx context.Context) error {
	err := s.view(ctx, func(tx *Tx) error {
		_, err := queryAll(tx, scanText, `SELECT arn FROM resources LIMIT 1`)
		return err
	})
	if damage := s.damage.Load(); damage != nil {
		err = *damage
	}
	return cmp.Or(s.flusher.failure(), err)
}

// limitCache bounds the cache, and in proportion the pages that SQLite caches.
func (s *sqlite) limitCache(bytes int) error {
	s.cache.limit(bytes)
	s.pages.Store(int64(bytes))
	var errs []error
	set := func(p *pool[*conn], pages int) {
		p.eachIdle(func(c *conn) { errs = append(errs, c.execScript(cachePages(pages, bytes))) })
	}
	set(s.writers, writerPages)
	if s.readers != s.writers {
		set(s.readers, readerPages)
	}
	return errors.Join(errs...)
}

func (s *sqlite) load() Load {
	connections := len(s.writers.tokens)
	if s.readers != s.writers {
		connections += len(s.readers.tokens)
	}
	return Load{Waiting: s.queue.length(), Connections: connections, KeptBytes: s.cache.size()}
}

// noteDamage converts an error about a damaged file to ErrDamaged, and remembers it.
func (s *sqlite) noteDamage(err error) error {
	if err == nil || !isDamage(err) {
		return err
	}
	err = fmt.Errorf("%w: run writ verify %s for details and restore a backup: %w", ErrDamaged, s.path, err)
	s.damage.Store(&err)
	return err
}

func (s *sqlite) closeAll() error {
	s.queue.close()
	<-s.ended
	var errs []error
	if s.log != nil {
		errs = append(errs, s.log.file.Close()) // before SQLite deletes the file
	}
	errs = append(errs, s.readers.close())
	if s.writers != s.readers {
		// Last, because the last connection copies the log into the database.
		errs = append(errs, s.writers.close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.images != nil {
		s.images.release(s)
	}
	s.cache.empty()
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// closeSnapshots closes the snapshots that idle readers keep open: they are outdated, and
// would keep the log from restarting.
func (s *sqlite) closeSnapshots() {
	s.readers.eachIdle(func(c *conn) {
		if c.snapshot {
			c.rollback()
		}
	})
}
