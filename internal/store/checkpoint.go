package store

import (
	"context"
	"time"
)

// The length of SQLite's write-ahead log, in bytes. SQLite by itself copies the
// log back into the database every so often (wal_autocheckpoint), but it can
// begin the log anew only at a moment when no View reads from it. Where Views
// overlap all the time there is hardly such a moment, and the log would grow
// without bound; so past logTooLong we make one.
const (
	logSizeAfterCheckpoint = 16 << 20 // what is left for reuse (journal_size_limit)
	logTooLong             = 32 << 20

	logPatience = 20 * time.Millisecond // many times what a View takes
)

// logKeeper keeps the log of a database short.
type logKeeper struct {
	file     logFile
	tooLong  int64         // step in when it is longer
	patience time.Duration // how long to wait for Views to end
	tried    int64         // the log's length after the last attempt, if that was in vain
}

// tend empties the log if it has become too long: it copies what it can while
// Views go on, lets no new one begin, waits for those that run, and copies the
// rest, so that the next commit begins the log anew. If one lasts longer than its
// patience it leaves it at that, until the log has grown by another logSizeAfterCheckpoint. It never
// waits for readers of another process.
func (k *logKeeper) tend(s *Store) {
	switch size := k.file.size(); {
	case size <= k.tooLong:
		k.tried = 0
		return
	case k.tried > 0 && size < k.tried+logSizeAfterCheckpoint:
		return
	}
	s.queue.settle()
	c, err := s.writers.get(context.Background())
	if err != nil {
		return
	}
	defer s.writers.put(c)
	// Their errors tell that the log stays as it is, which its size tells too.
	_ = c.script(`PRAGMA wal_checkpoint(PASSIVE)`)
	ctx, cancel := context.WithTimeout(context.Background(), k.patience)
	defer cancel()
	if refill, err := s.readers.drain(ctx); err == nil {
		s.readers.refresh()
		_ = c.script(`PRAGMA wal_checkpoint(PASSIVE)`)
		refill()
	}
	k.tried = k.file.size()
}
