package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Images opens states in memory from images, any number of them, and limits their memory:
// a state that is not used is suspended when others need the room. A suspended state has no
// connection, only an image of its last commit, whose unchanged pages it shares with the
// image that it was opened from. Its next transaction opens a connection again. Neither
// clients nor the contents of the state can tell the difference.
type Images struct {
	most int // bytes of open connections

	mu    sync.Mutex
	open  []*openState // the states with a connection
	bytes int          // of these

	transactions atomic.Uint64 // of all states, for the order in which they were used
	buffers      sync.Pool     // of *[]byte, for databases; SQLite copies them
}

// openState is a state with a connection.
type openState struct {
	state *sqlite
	bytes int
	used  uint64 // when it was last used, as of the last look
}

// NewImages returns an Images whose open connections take up about most bytes. A
// connection in use is not closed, so they can be more for a while.
func NewImages(most int) *Images { return &Images{most: most} }

// imageSettings are the settings of a connection to a state that was opened from an
// image: there can be many, so each has a small page cache.
var imageSettings = slices.Concat(commonSettings, []string{`PRAGMA cache_size = -256`}) // KiB

// connectionBytes is the memory of a connection besides its database: page cache, schema,
// prepared statements.
const connectionBytes = 400 << 10

// Open returns a state in memory with the content of an image. Later writes do not affect
// the image or the state it came from. The connection is opened by the first transaction.
func (i *Images) Open(image *Image) *Store {
	s := &sqlite{path: inMemory, queue: newQueue(), cache: newCache(), ended: make(chan struct{}), images: i}
	s.last.Store(&lastImage{image: image})
	s.closing = sync.OnceValue(s.closeAll)
	s.writers = newPool(1, s.resume)
	s.readers = s.writers
	go s.runWriter(nil)
	return &Store{s, &s.counts}
}

// resume opens the connection of a suspended state.
func (s *sqlite) resume(context.Context) (*conn, error) {
	image := s.last.Load().image // nothing was committed since it was taken
	s.images.hold(s, image.Size())
	buffer, _ := s.images.buffers.Get().(*[]byte)
	if buffer == nil {
		buffer = new([]byte)
	}
	defer s.images.buffers.Put(buffer)
	*buffer = image.appendTo((*buffer)[:0])
	c, err := openDatabase(*buffer)
	if err != nil {
		s.images.release(s)
		return nil, fmt.Errorf("open an image of a state: %w", err)
	}
	return c, nil
}

// openDatabase opens a connection to a database of its own in memory.
func openDatabase(database []byte) (*conn, error) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		return nil, err
	}
	c, err := openConn(db, nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	c.owned = db
	err = c.pinned.Raw(func(dc any) error {
		return dc.(interface{ Deserialize([]byte) error }).Deserialize(database)
	})
	for _, setting := range imageSettings {
		err = errors.Join(err, c.execScript(setting))
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// suspend closes the connection of a state; false if it is in use, or the state cannot be
// read.
func (s *sqlite) suspend() bool {
	c, ok := s.writers.tryIdle()
	if !ok {
		return false
	}
	if _, err := s.takeImage(c); err != nil {
		s.writers.put(c)
		return false
	}
	s.cache.empty()
	s.writers.drop(c)
	return true
}

// noteSize tells Images the size of its state after a commit.
func (s *sqlite) noteSize(c *conn) {
	if s.images == nil {
		return
	}
	_ = c.query(func(r row) bool { // an error comes again at the next statement
		if pages, ok := r[0].(int64); ok {
			s.images.hold(s, int(pages)*imagePage)
		}
		return false
	}, `PRAGMA page_count`)
}

// hold records that an open state has a database of a number of bytes, and suspends others
// if there is no room for it. The caller has the connection of the state.
func (i *Images) hold(s *sqlite, bytes int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	at := slices.IndexFunc(i.open, func(o *openState) bool { return o.state == s })
	if at < 0 {
		at = len(i.open)
		i.open = append(i.open, &openState{state: s})
	}
	o := i.open[at]
	i.bytes += bytes + connectionBytes - o.bytes
	o.bytes = bytes + connectionBytes
	i.suspendUnused()
}

// suspendUnused suspends states until the others fit: those that were not used for the
// longest time first.
func (i *Images) suspendUnused() {
	if i.bytes <= i.most {
		return
	}
	for _, o := range i.open {
		o.used = o.state.used.Load()
	}
	slices.SortFunc(i.open, func(a, b *openState) int { return cmp.Compare(a.used, b.used) })
	i.open = slices.DeleteFunc(i.open, func(o *openState) bool {
		if i.bytes <= i.most || !o.state.suspend() {
			return false
		}
		i.bytes -= o.bytes
		return true
	})
}

// touch records that a state is used.
func (i *Images) touch(s *sqlite) {
	if i != nil {
		s.used.Store(i.transactions.Add(1))
	}
}

// release records that a state is not open any more.
func (i *Images) release(s *sqlite) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.open = slices.DeleteFunc(i.open, func(o *openState) bool {
		if o.state == s {
			i.bytes -= o.bytes
		}
		return o.state == s
	})
}
