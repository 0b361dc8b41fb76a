package store

import (
	"errors"
	"sync"
)

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
	value   any // what Kept made of it; nil if nobody asked yet
}

// get returns the row at an ARN for a transaction that began after so many commits.
func (k *kept) get(arn string, commits uint64) (keptRow, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	row, ok := k.rows[arn]
	if !ok || k.committing || row.commits > commits {
		return keptRow{}, false
	}
	return row, true
}

// put keeps what a transaction read that began after so many commits, unless
// there are more by now.
func (k *kept) put(arn string, row keptRow, now func() uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.committing || row.commits != now() {
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
	k.rows[arn] = row
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

// Kept reads the resource at an ARN as what decode makes of it; ErrNotFound if
// there is none. It is for rows that nearly every request reads: row and value
// may come from memory, and are the same as if read now. Nobody may change what
// the value leads to, since others are reading it.
func Kept[T any](tx *Tx, arn string, decode func(Resource) (T, error)) (T, error) {
	var none T
	if err := tx.ready(); err != nil {
		return none, err
	}
	// Only with a snapshot of its own, or the rows that come from the database
	// later could be newer than this one. An Update must see what it wrote.
	shared := tx.begun && !tx.conn.wrote(arn)
	if shared {
		if row, ok := tx.store.kept.get(arn, tx.commits); ok {
			if !row.found {
				return none, ErrNotFound
			}
			if value, ok := row.value.(T); ok {
				return value, nil
			}
			tx.remember(arn, row.readResource)
		}
	}
	r, err := tx.Resource(arn)
	if err != nil {
		if errors.Is(err, ErrNotFound) && !tx.conn.wrote(arn) { // that there is none is kept, too
			tx.store.kept.put(arn, keptRow{tx.resources[arn], tx.commits, nil}, tx.store.commits.Load)
		}
		return none, err
	}
	value, err := decode(r)
	if err == nil && !tx.conn.wrote(arn) {
		tx.store.kept.put(arn, keptRow{tx.resources[arn], tx.commits, value}, tx.store.commits.Load)
	}
	return value, err
}

// KeptResource is Kept for the row itself.
func (tx *Tx) KeptResource(arn string) (Resource, error) {
	return Kept(tx, arn, func(r Resource) (Resource, error) { return r, nil })
}
