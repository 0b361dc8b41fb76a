package store

import "sync"

// keptRows bounds the rows kept in memory: some MB of typical ones.
const keptRows = 4096

// kept holds, between transactions, rows that every request reads and few
// write: who calls and what binds them. It is a copy of committed rows, never
// of anything derived from them.
//
// One process owns the database, so it knows of every commit. A row is kept as
// of a number of commits and thrown out before a commit that writes it; so a
// row that is there was not written since, and is what any transaction reads
// that began at that number or later. While a commit is under way nobody can
// tell what a new snapshot holds: then nothing is read here and nothing kept.
type kept struct {
	mu         sync.RWMutex
	rows       map[string]keptRow
	committing bool
}

type keptRow struct {
	readResource
	commits uint64
}

// get returns the row at an ARN for a transaction that began after so many commits.
func (k *kept) get(arn string, commits uint64) (readResource, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	row, ok := k.rows[arn]
	if !ok || k.committing || row.commits > commits {
		return readResource{}, false
	}
	return row.readResource, true
}

// put keeps what a transaction read that began after so many commits, unless
// there are more by now.
func (k *kept) put(arn string, read readResource, commits uint64, now func() uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.committing || commits != now() {
		return
	}
	if k.rows == nil {
		k.rows = make(map[string]keptRow)
	}
	for old := range k.rows {
		if len(k.rows) < keptRows {
			break
		}
		delete(k.rows, old) // any one: map order is random
	}
	k.rows[arn] = keptRow{read, commits}
}

// begin throws out what a commit will change, and closes the rows to everybody.
func (k *kept) begin(w written) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.committing = true
	if w.all {
		clear(k.rows)
	}
	for arn := range w.arns {
		delete(k.rows, arn)
	}
}

// end opens the rows again, after the commit was counted; of one that failed
// nobody knows the outcome, so nothing is left to read.
func (k *kept) end(failed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.committing = false
	if failed {
		clear(k.rows)
	}
}

// written is what a group of Updates wrote, whether or not it stayed.
type written struct {
	arns map[string]bool // of resources
	all  bool            // everything may be
}

// KeptResource is Resource for a row that nearly every request reads. It may
// come from memory, and is the same.
func (tx *Tx) KeptResource(arn string) (Resource, error) {
	if err := tx.ready(); err != nil {
		return Resource{}, err
	}
	if _, known := tx.resources[arn]; known || tx.conn.wrote(arn) {
		return tx.Resource(arn)
	}
	// Only with a snapshot of its own, or the rows that come from the database
	// later could be newer than this one.
	if tx.begun {
		if read, ok := tx.store.kept.get(arn, tx.commits); ok {
			tx.remember(arn, read)
			return tx.Resource(arn)
		}
	}
	r, err := tx.Resource(arn)
	if tx.broken == nil { // that there is none is kept, too
		tx.store.kept.put(arn, tx.resources[arn], tx.commits, tx.store.commits.Load)
	}
	return r, err
}
