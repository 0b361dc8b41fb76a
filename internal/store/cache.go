package store

import "sync"

// What the rows and the policies in the cache may take up, in bytes.
const (
	cachedRowBytes    = 16 << 20
	cachedPolicyBytes = 96 << 20
)

// cache holds, between transactions, the rows that requests read again and again
// and few write: callers with the policies that apply to them, the resources that
// are asked for, and the policies on those. It holds copies of committed rows, and
// what one row was decoded into; never a decision. Without it a request costs twice to
// four times as much: docs/design/0009-measured-optimizations.md.
//
// One process owns the database, so it is notified of every commit. An entry has the
// number of commits at which it was read. It is dropped before a commit that writes
// its row; that commit may put there what it wrote, with its own number. So an entry
// was not written since its number, and is what any transaction reads that began at
// that number or later. While a commit is under way it is unknown what a new
// snapshot holds: then nothing is read from the cache and nothing put into it.
type cache struct {
	mu         sync.RWMutex
	rows       sizedMap[cacheRow]
	policies   sizedMap[cachePolicies]
	derived    map[string]derivedValue // by key; dropped before every commit
	committing bool
}

// derivedValue is what a View made of what it read.
type derivedValue struct {
	value   any
	commits uint64
}

// sizedMap is a map by ARN that holds a number of bytes at most.
type sizedMap[T interface{ size() int }] struct {
	items map[string]T
	size  int // bytes, about
}

// put adds or replaces an item, and drops others until it fits.
func (b *sizedMap[T]) put(arn string, item T, most int) {
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

func (b *sizedMap[T]) drop(arn string) {
	if item, ok := b.items[arn]; ok {
		b.size -= item.size()
		delete(b.items, arn)
	}
}

type cacheRow struct {
	resourceRead
	commits uint64
	value   any // what Cached made of it; nil if nobody asked yet
}

// size is about what it takes up, in bytes: its value as much as its data.
func (r cacheRow) size() int { return 600 + 2*len(r.resource.Data) }

// cachePolicies is the policies on an ARN.
type cachePolicies struct {
	list    []Policy
	commits uint64
}

// size is about what it takes up, in bytes.
func (l cachePolicies) size() int {
	n := 200 // of the map, the slice and the key
	for _, p := range l.list {
		n += 200 + len(p.Document)
	}
	return n
}

// size is about what the cache takes up, in bytes.
func (c *cache) size() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.rows.size + c.policies.size
}

// row returns the row at an ARN for a transaction that began at a number of commits.
func (c *cache) row(arn string, commits uint64) (cacheRow, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	row, ok := c.rows.items[arn]
	if !ok || c.committing || row.commits > commits {
		return cacheRow{}, false
	}
	return row, true
}

// putRow adds what a transaction read, unless there were commits since it began.
func (c *cache) putRow(arn string, row cacheRow, now func() uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.committing || row.commits != now() {
		return
	}
	c.rows.put(arn, row, cachedRowBytes)
}

// policiesOf returns the policies on an ARN for a transaction that began at a number
// of commits.
func (c *cache) policiesOf(arn string, commits uint64) ([]Policy, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	l, ok := c.policies.items[arn]
	if !ok || c.committing || l.commits > commits {
		return nil, false
	}
	return l.list, true
}

// putPolicies adds what a transaction read, unless there were commits since it began.
func (c *cache) putPolicies(arn string, l cachePolicies, now func() uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.committing || l.commits != now() {
		return
	}
	c.policies.put(arn, l, cachedPolicyBytes)
}

// derivedAs returns what was derived under a key, for a transaction that began at a
// number of commits.
func (c *cache) derivedAs(key string, commits uint64) (any, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	d, ok := c.derived[key]
	return d.value, ok && !c.committing && d.commits <= commits
}

// putDerived adds what a transaction derived, unless there were commits since it began.
func (c *cache) putDerived(key string, d derivedValue, now func() uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.committing || d.commits != now() {
		return
	}
	if c.derived == nil {
		c.derived = map[string]derivedValue{}
	}
	c.derived[key] = d
}

// beginCommit drops what a commit will change, and closes the cache.
func (c *cache) beginCommit(w writeSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committing = true
	c.derived = nil
	if w.all {
		c.clear()
	}
	for arn := range w.rows {
		c.rows.drop(arn)
	}
	for arn := range w.policies {
		c.policies.drop(arn)
	}
}

// endCommit opens the cache again, after the commit was counted, and adds what the
// commit is known to have written. The outcome of a commit that failed is unknown,
// so after one the cache is empty.
func (c *cache) endCommit(w writeSet, commits uint64, failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committing = false
	if failed {
		c.clear()
		return
	}
	for arn, list := range w.policyValues {
		c.policies.put(arn, cachePolicies{list, commits}, cachedPolicyBytes)
	}
	for arn, row := range w.rowValues {
		row.commits = commits
		c.rows.put(arn, row, cachedRowBytes)
	}
}

func (c *cache) clear() {
	c.rows, c.policies, c.derived = sizedMap[cacheRow]{}, sizedMap[cachePolicies]{}, nil
}

// writeSet is what a group of Updates wrote, whether or not it was rolled back.
type writeSet struct {
	rows         arns                // of resources
	rowValues    map[string]cacheRow // the rows after the write, where they are known
	policies     arns                // of what policies are attached to
	policyValues map[string][]Policy // the policies after the write, where they are known
	some         bool                // anything at all
	all          bool                // any row may be
}

type arns map[string]bool

func (a *arns) add(arn string) {
	if *a == nil {
		*a = arns{}
	}
	(*a)[arn] = true
}

// forgetRow notes that the row at an ARN is about to be written.
func (w *writeSet) forgetRow(arn string) {
	w.rows.add(arn)
	delete(w.rowValues, arn)
}

// forgetPolicies notes that the policies on an ARN are about to be written.
func (w *writeSet) forgetPolicies(arn string) {
	w.policies.add(arn)
	delete(w.policyValues, arn)
}

// forgetAll notes that any row is about to be written.
func (w *writeSet) forgetAll() {
	w.all = true
	w.forgetValues()
}

// setRow notes the row at an ARN as it is after a write.
func (w *writeSet) setRow(arn string, row cacheRow) {
	if w.rowValues == nil {
		w.rowValues = make(map[string]cacheRow)
	}
	w.rowValues[arn] = row
}

// setPolicies notes the policies on an ARN as they are after a write.
func (w *writeSet) setPolicies(arn string, list []Policy) {
	if w.policyValues == nil {
		w.policyValues = make(map[string][]Policy)
	}
	w.policyValues[arn] = list
}

// forgetValues drops the values, after some writes were rolled back.
func (w *writeSet) forgetValues() {
	clear(w.rowValues)
	clear(w.policyValues)
}

func (w *writeSet) row(arn string) bool        { return w.all || w.rows[arn] }
func (w *writeSet) policiesOf(arn string) bool { return w.all || w.policies[arn] }

// row is the entry of the cache for an ARN, if this transaction may use it.
func (s *sqliteSession) row(arn string) (row cacheRow, ok bool) {
	switch written := s.conn.written.row(arn); {
	case s.mayUseCache(written):
		row, ok = s.engine.cache.row(arn, s.commits)
	case written && s.writable:
		row, ok = s.conn.written.rowValues[arn]
	}
	return row, ok
}

// policiesOf are the policies on an ARN in the cache, if this transaction may use them.
func (s *sqliteSession) policiesOf(arn string) (list []Policy, ok bool) {
	switch written := s.conn.written.policiesOf(arn); {
	case s.mayUseCache(written):
		list, ok = s.engine.cache.policiesOf(arn, s.commits)
	case written && s.writable:
		list, ok = s.conn.written.policyValues[arn]
	}
	return list, ok
}

// mayUseCache reports whether this transaction may use an entry of the cache for a
// row that its group has written or not. It must have a snapshot of its own, or the
// rows that come from the database later could be newer than the entry; and an
// Update must see what it wrote.
func (s *sqliteSession) mayUseCache(written bool) bool {
	return s.begun && !written && !s.done && s.broken == nil
}

func (s *sqliteSession) keepRow(arn string, row cacheRow) {
	if s.conn.written.row(arn) {
		return
	}
	row.commits = s.commits
	s.engine.cache.putRow(arn, row, s.engine.commits.Load)
}

func (s *sqliteSession) keepPolicies(arn string, list []Policy) {
	if !s.conn.written.policiesOf(arn) {
		s.engine.cache.putPolicies(arn, cachePolicies{list, s.commits}, s.engine.commits.Load)
	}
}

func (s *sqliteSession) derived(key string) (any, bool) {
	if s.writable || !s.mayUseCache(false) {
		return nil, false
	}
	return s.engine.cache.derivedAs(key, s.commits)
}

func (s *sqliteSession) keepDerived(key string, value any) {
	if !s.writable && s.mayUseCache(false) {
		s.engine.cache.putDerived(key, derivedValue{value, s.commits}, s.engine.commits.Load)
	}
}

func (s *sqliteSession) forgetRow(arn string)            { s.conn.written.forgetRow(arn) }
func (s *sqliteSession) forgetPolicies(arn string)       { s.conn.written.forgetPolicies(arn) }
func (s *sqliteSession) forgetAll()                      { s.conn.written.forgetAll() }
func (s *sqliteSession) setRow(arn string, row cacheRow) { s.conn.written.setRow(arn, row) }
func (s *sqliteSession) setPolicies(arn string, list []Policy) {
	s.conn.written.setPolicies(arn, list)
}
