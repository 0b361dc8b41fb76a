package store

import (
	"context"
	"os"
)

// The length of SQLite's write-ahead log, in bytes. SQLite by itself copies the
// log back into the database every so often (wal_autocheckpoint), but it can
// begin the log anew only at a moment when no View reads from it. Where Views
// overlap all the time there is hardly such a moment, and the log would grow
// without bound; so past logTooLong we make one.
const (
	logKept    = 16 << 20 // what is left for reuse (journal_size_limit)
	logTooLong = 32 << 20
)

// logKeeper keeps the log of a database short.
type logKeeper struct {
	path  string // of the log
	tried int64  // its length after the last attempt that was in vain; else 0
}

// tend empties the log if it has become too long. It gives Views some time to
// end, in which Updates wait; if one lasts longer it leaves it at that, until
// the log has grown by another logKept.
func (k *logKeeper) tend(s *Store) {
	switch size := k.size(); {
	case size <= logTooLong:
		k.tried = 0
		return
	case size < k.tried+logKept:
		return
	}
	c, err := s.writers.get(context.Background())
	if err != nil {
		return
	}
	defer s.writers.put(c)
	// Errors tell that the log stays as it is, which the size tells as well.
	_ = c.script(`PRAGMA busy_timeout = 20; PRAGMA wal_checkpoint(TRUNCATE)`)
	_ = c.script(busyTimeout)
	k.tried = k.size()
}

// size returns the length of the log's file; 0 if there is none.
func (k *logKeeper) size() int64 {
	info, err := os.Stat(k.path)
	if err != nil {
		return 0
	}
	return info.Size()
}
