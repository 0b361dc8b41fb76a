package store

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
)

// What the rows and the policies kept in memory may take up, in bytes.
const (
	keptRows     = 16 << 20
	keptPolicies = 96 << 20
)

// kept holds, between transactions, rows that requests read again and again and
// few write: who calls and what binds them, what they ask for and the policies
// on it. It is a copy of committed rows, never of anything derived from them.
//
// One process owns the database, so it knows of every commit. A row is kept as
// of a number of commits and thrown out before a commit that writes it, which may
// put there what it wrote, as of its own number; so a row that is there was not
// written since, and is what any transaction reads that began at that number or
// later. While a commit is under way nobody can tell what a new snapshot holds:
// then nothing is read here and nothing kept.
type kept struct {
	mu         sync.RWMutex
	rows       bounded[keptRow]
	policies   bounded[keptList]
	committing bool
}

// bounded holds what is kept of one kind, by ARN, up to a number of bytes.
type bounded[T interface{ size() int }] struct {
	items map[string]T
	size  int // bytes, about
}

// put keeps an item, and drops others until there is room for it.
func (b *bounded[T]) put(arn string, item T, most int) {
	if b.items == nil {
		b.items = make(map[string]T)
	}
	b.drop(arn)
	if item.size() > most {
		return
	}
	b.size += item.size()
	for old := range b.items {
		if b.size <= most {
			break
		}
		b.drop(old) // any one: map order is random
	}
	b.items[arn] = item
}

func (b *bounded[T]) drop(arn string) {
	if item, ok := b.items[arn]; ok {
		b.size -= item.size()
		delete(b.items, arn)
	}
}

type keptRow struct {
	readResource
	commits uint64
	value   any // what Cached made of it; nil if nobody asked yet
}

// size is about what it takes up, in bytes: its value as much as its data.
func (r keptRow) size() int { return 600 + 2*len(r.resource.Data) }

// keptList is the policies on an ARN.
type keptList struct {
	list    []Policy
	commits uint64
}

// size is about what it takes up, in bytes.
func (l keptList) size() int {
	n := 200 // of the map, the slice and the key
	for _, p := range l.list {
		n += 200 + len(p.Document)
	}
	return n
}

// policiesOf returns the policies on an ARN for a transaction that began after
// so many commits.
func (k *kept) policiesOf(arn string, commits uint64) ([]Policy, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	l, ok := k.policies.items[arn]
	if !ok || k.committing || l.commits > commits {
		return nil, false
	}
	return l.list, true
}

// putPolicies keeps what a transaction read that began after so many commits,
// unless there are more by now.
func (k *kept) putPolicies(arn string, l keptList, now func() uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.committing || l.commits != now() {
		return
	}
	k.policies.put(arn, l, keptPolicies)
}

// get returns the row at an ARN for a transaction that began after so many commits.
func (k *kept) get(arn string, commits uint64) (keptRow, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	row, ok := k.rows.items[arn]
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
	k.rows.put(arn, row, keptRows)
}

// begin throws out what a commit will change, and closes the rows to everybody.
func (k *kept) begin(w written) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.committing = true
	if w.all {
		k.clear()
	}
	for arn := range w.rows {
		k.rows.drop(arn)
	}
	for arn := range w.policies {
		k.policies.drop(arn)
	}
}

// end opens the rows again, after the commit was counted, with what it is known
// to have written; of one that failed nobody knows the outcome, so nothing is left
// to read.
func (k *kept) end(w written, commits uint64, failed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.committing = false
	if failed {
		k.clear()
		return
	}
	for arn, list := range w.knownPolicies {
		k.policies.put(arn, keptList{list, commits}, keptPolicies)
	}
	for arn, row := range w.knownRows {
		row.commits = commits
		k.rows.put(arn, row, keptRows)
	}
}

func (k *kept) clear() { k.rows, k.policies = bounded[keptRow]{}, bounded[keptList]{} }

// written is what a group of Updates wrote, whether or not it stayed.
type written struct {
	rows          arns                // of resources
	knownRows     map[string]keptRow  // what stands there now, where that is known
	policies      arns                // of what policies lie on
	knownPolicies map[string][]Policy // what lies there now, where that is known
	some          bool                // anything at all
	all           bool                // everything may be
}

type arns map[string]bool

func (a *arns) add(arn string) {
	if *a == nil {
		*a = arns{}
	}
	(*a)[arn] = true
}

// knowRow notes the row at an ARN as it is after a write.
func (w *written) knowRow(arn string, row keptRow) {
	if w.knownRows == nil {
		w.knownRows = make(map[string]keptRow)
	}
	w.knownRows[arn] = row
}

// unknow drops what is known of any row or list, after some of it was undone.
func (w *written) unknow() {
	clear(w.knownRows)
	clear(w.knownPolicies)
}

// knowPolicies notes the policies on an ARN as they are after a write.
func (w *written) knowPolicies(arn string, list []Policy) {
	if w.knownPolicies == nil {
		w.knownPolicies = make(map[string][]Policy)
	}
	w.knownPolicies[arn] = list
}

func (w *written) row(arn string) bool        { return w.all || w.rows[arn] }
func (w *written) policiesOf(arn string) bool { return w.all || w.policies[arn] }

// Cached reads the resource at an ARN as what decode makes of it; ErrNotFound if
// there is none. It is for rows that nearly every request reads: row and value
// may come from memory, and are the same as if read now. Nobody may change what
// the value leads to, since others are reading it.
func Cached[T any](tx *Tx, arn string, decode func(Resource) (T, error)) (T, error) {
	var none T
	if err := tx.ready(); err != nil {
		return none, err
	}
	if row, ok := tx.rowInMemory(arn); ok {
		if !row.found {
			return none, ErrNotFound
		}
		if value, ok := row.value.(T); ok {
			return value, nil
		}
		tx.remember(arn, row.readResource)
	}
	r, err := tx.Resource(arn)
	if err != nil {
		if errors.Is(err, ErrNotFound) && !tx.conn.written.row(arn) { // that there is none is kept, too
			tx.store.kept.put(arn, keptRow{tx.resources[arn], tx.commits, nil}, tx.store.commits.Load)
		}
		return none, err
	}
	value, err := decode(r)
	if err == nil && !tx.conn.written.row(arn) {
		tx.store.kept.put(arn, keptRow{tx.resources[arn], tx.commits, value}, tx.store.commits.Load)
	}
	return value, err
}

// rowInMemory is the row at an ARN as memory has it, for this transaction.
func (tx *Tx) rowInMemory(arn string) (row keptRow, ok bool) {
	switch mine := tx.conn.written.row(arn); {
	case tx.mayRead(mine):
		row, ok = tx.store.kept.get(arn, tx.commits)
	case mine && tx.writable:
		row, ok = tx.conn.written.knownRows[arn]
	}
	return row, ok
}

// UpdateCached is UpdateResource for a row that was read, of which nothing but Data and
// UpdatedAt is new, and that will soon be read again with Cached: the caller gives the
// value that decode would make of it. Row and value stay in memory, so that the next
// Cached needs neither to read nor to decode. As with Cached, nobody may change what the
// value leads to.
func (tx *Tx) UpdateCached(r Resource, value any) error {
	if err := tx.forget(r.ARN); err != nil {
		return fmt.Errorf("update %s: %w", r.ARN, err)
	}
	r.Data = bytes.Clone(r.Data) // the caller may go on writing into its own
	err := tx.execOne(`UPDATE resources SET data = $1, updated_at = $2 WHERE arn = $3`, string(r.Data), micros(r.UpdatedAt), r.ARN)
	if err != nil {
		return fmt.Errorf("update %s: %w", r.ARN, err)
	}
	r.CreatedAt, r.UpdatedAt = instant(micros(r.CreatedAt)), instant(micros(r.UpdatedAt))
	tx.conn.written.knowRow(r.ARN, keptRow{readResource: readResource{r, true}, value: value})
	return nil
}

// mayRead reports whether this transaction may read what memory keeps between
// transactions, of what its group has written or not. It must have a snapshot of its
// own, or the rows that come from the database later could be newer than this one;
// and an Update must see what it wrote.
func (tx *Tx) mayRead(written bool) bool { return tx.begun && !written }

// CachedResource is Cached for the row itself.
func (tx *Tx) CachedResource(arn string) (Resource, error) {
	return Cached(tx, arn, func(r Resource) (Resource, error) { return r, nil })
}
