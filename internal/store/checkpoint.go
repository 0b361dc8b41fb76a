package store

import (
	"context"
	"time"
)

// The length of SQLite's write-ahead log, in bytes. SQLite by itself copies the
// log back into the database every so often (wal_autocheckpoint), but it can
// restart the log only at a moment when no View reads from it. Where Views
// overlap all the time there is hardly such a moment, and the log would grow
// without bound; so past maxLogSize we make one.
const (
	logSizeLimit = 16 << 20 // what is left for reuse (journal_size_limit)
	maxLogSize   = 32 << 20

	checkpointTimeout = 20 * time.Millisecond // many times what a View takes
)

// checkpointer keeps the log of a database short.
type checkpointer struct {
	file     walFile
	tooLong  int64         // step in when it is longer
	patience time.Duration // how long to wait for Views to end
	tried    int64         // the log's length after the last attempt, if that was in vain
}

// checkpoint empties the log if it has become too long: it copies what it can while
// Views go on, lets no new one begin, waits for those that run, and copies the
// rest, so that the next commit restarts the log. If one lasts longer than its
// patience it leaves it at that, until the log has grown by another logSizeLimit. It never
// waits for readers of another process.
func (k *checkpointer) checkpoint(s *sqlite) {
	switch size := k.file.size(); {
	case size <= k.tooLong:
		k.tried = 0
		return
	case k.tried > 0 && size < k.tried+logSizeLimit:
		return
	}
	s.queue.waitForFlush()
	c, err := s.writers.get(context.Background())
	if err != nil {
		return
	}
	defer s.writers.put(c)
	// Their errors tell that the log stays as it is, which its size tells too.
	_ = c.execScript(`PRAGMA wal_checkpoint(PASSIVE)`)
	ctx, cancel := context.WithTimeout(context.Background(), k.patience)
	defer cancel()
	if refill, err := s.readers.acquireAll(ctx); err == nil {
		s.closeSnapshots()
		_ = c.execScript(`PRAGMA wal_checkpoint(PASSIVE)`)
		refill()
	}
	k.tried = k.file.size()
}
