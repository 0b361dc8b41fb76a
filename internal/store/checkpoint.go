package store

import (
	"context"
	"time"
)

// The length of SQLite's write-ahead log, in bytes. SQLite copies the log back into the
// database regularly (wal_autocheckpoint), but it can restart the log only when no View
// reads from it. Where Views overlap all the time, that hardly ever happens, and the log
// would grow without bound; above maxLogSize the checkpointer waits for such a moment.
const (
	logSizeLimit = 16 << 20 // size kept for reuse (journal_size_limit)
	maxLogSize   = 32 << 20

	checkpointTimeout = 20 * time.Millisecond // many times the duration of a View
)

// checkpointer limits the length of the log of a database.
type checkpointer struct {
	file     walFile
	tooLong  int64         // length above which it acts
	patience time.Duration // how long to wait for Views to end
	tried    int64         // the log's length after the last attempt, if that failed
}

// checkpoint empties the log if it is too long: it copies what it can while Views run,
// blocks new ones, waits for the running ones and copies the rest, so that the next commit
// restarts the log. If a View takes longer than patience, it gives up until the log has
// grown by another logSizeLimit. It never waits for readers in other processes.
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
	// On an error the log stays as it is, which its size shows.
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
