package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// flusher makes commits durable, outside the engine: while the log of one group is
// written to the disk, the next group already runs. At most one commit is not durable
// yet, and no client sees it before: an Update is answered after the flush of its commit,
// or of the last one before it if it wrote nothing, and a View after that of the last
// commit that it may have seen.
//
// Commits are counted by commit attempts.
type flusher struct {
	flush func() error // when it returns, everything committed before is durable

	mu      sync.Mutex
	changed *sync.Cond
	durable atomic.Uint64 // number of attempts that are durable or failed
	err     error         // why no further commit can be made durable
}

func newFlusher(flush func() error) *flusher {
	d := &flusher{flush: flush}
	d.changed = sync.NewCond(&d.mu)
	return d
}

// flushAttempts makes the first n attempts durable. After a failure the state of the disk
// is unknown, and a second flush could succeed without writing, because systems discard
// data that they failed to write: so the flusher fails from then on.
func (d *flusher) flushAttempts(n uint64) error {
	err := d.flush()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.err = fmt.Errorf("%w: %w", ErrDiskFailed, err)
	} else {
		d.durable.Store(n)
	}
	d.changed.Broadcast()
	return d.err
}

// skipAttempt records that the nth attempt committed nothing.
func (d *flusher) skipAttempt(n uint64) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.durable.Store(n)
	d.changed.Broadcast()
}

// wait returns when the first n attempts are durable, or never will be.
func (d *flusher) wait(n uint64) error {
	if d.durable.Load() >= n {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.durable.Load() < n && d.err == nil {
		d.changed.Wait()
	}
	return d.err
}

// failure is why the flusher failed; nil if it did not, or if there is none.
func (d *flusher) failure() error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// walFile is SQLite's write-ahead log, opened a second time to be flushed. SQLite keeps
// the file while it has a connection.
type walFile struct{ *os.File }

// openWAL opens the log of a database that has a connection.
func openWAL(path string) (walFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return walFile{}, err
	}
	syncDirectory(filepath.Dir(path)) // makes its name durable, too
	return walFile{file}, nil
}

func (l walFile) flush() error { return flushFile(l.File) }

// size returns the log's length; 0 if it is unknown. It uses seek instead of stat: since
// Linux 6.13 a file whose times were read gets a new one at the next write, which costs
// the next flush a second write to the disk.
func (l walFile) size() int64 {
	n, err := l.Seek(0, io.SeekEnd)
	if err != nil {
		return 0
	}
	return n
}
