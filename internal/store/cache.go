package store

import "sync"

// DefaultCacheBytes is the default size of the cache, in bytes. Each kind of entry has a
// share of it.
const (
	DefaultCacheBytes = cachedRowBytes + cachedPolicyBytes + cachedTagBytes

	cachedRowBytes    = 4 << 20
	cachedPolicyBytes = 48 << 20
	cachedTagBytes    = 1 << 20
)

// cache holds, between transactions, data that requests read often and rarely write: the
// rows of callers and requested resources, and the policies and tags on those. It holds
// copies of committed rows and their decoded values, never a decision. Without it a
// request costs two to four times as much: docs/design/0009-measured-optimizations.md.
//
// One process owns the database, so it is notified of every commit. An entry has the
// number of commits at which it was read. It is removed before a commit that writes its
// row; that commit may add the new value with its own number. So the row of an entry was
// not written since its number, and any transaction that began at that number or later
// would read the same. During a commit it is unknown what a new snapshot contains: then
// the cache is neither read nor filled.
type cache struct {
	mu         sync.RWMutex
	rows       cacheTable[cacheRow]
	policies   packedPolicies
	tags       cacheTable[cacheTags]
	derived    map[string]cacheEntry[any] // by key; dropped before every commit
	committing bool
}

func newCache() cache {
	return cache{
		rows:     cacheTable[cacheRow]{most: cachedRowBytes},
		policies: newPackedPolicies(cachedPolicyBytes),
		tags:     cacheTable[cacheTags]{most: cachedTagBytes},
	}
}

// limit sets the maximum size of the cache, in bytes.
func (c *cache) limit(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	share := func(most int) int { return int(int64(most) * int64(bytes) / DefaultCacheBytes) }
	c.rows.limit(share(cachedRowBytes))
	c.policies.limit(share(cachedPolicyBytes))
	c.tags.limit(share(cachedTagBytes))
}

// entryTable holds the entries of one kind by ARN.
type entryTable[T any] interface {
	get(arn string) (cacheEntry[T], bool)
	put(arn string, entry cacheEntry[T])
	drop(arn string)
}

// cacheTable is an entryTable that is limited in bytes.
type cacheTable[T sized] struct {
	entries    map[string]cacheEntry[T]
	size, most int // bytes, approximately
}

type cacheEntry[T any] struct {
	value   T
	commits uint64 // number of commits when it was read or written
}

// sized is a value with an approximate size in bytes.
type sized interface{ size() int }

func (t *cacheTable[T]) get(arn string) (cacheEntry[T], bool) {
	entry, ok := t.entries[arn]
	return entry, ok
}

// put adds or replaces an entry, and removes others until it fits.
func (t *cacheTable[T]) put(arn string, entry cacheEntry[T]) {
	if t.entries == nil {
		t.entries = make(map[string]cacheEntry[T])
	}
	t.drop(arn)
	size := entry.value.size()
	if size > t.most {
		return
	}
	t.makeRoom(size)
	t.size += size
	t.entries[arn] = entry
}

// makeRoom removes entries until a number of bytes fits.
func (t *cacheTable[T]) makeRoom(size int) {
	for old := range t.entries {
		if t.size+size <= t.most {
			break
		}
		t.drop(old) // any one: map order is random
	}
}

func (t *cacheTable[T]) limit(most int) {
	t.most = most
	t.makeRoom(0)
}

func (t *cacheTable[T]) drop(arn string) {
	if entry, ok := t.entries[arn]; ok {
		t.size -= entry.value.size()
		delete(t.entries, arn)
	}
}

func (t *cacheTable[T]) clear() { t.entries, t.size = nil, 0 }

// dropWritten removes the entries that a commit will write.
func dropWritten[T any](t entryTable[T], w *writes[T]) {
	for arn := range w.arns {
		t.drop(arn)
	}
}

// putWritten adds the values that a commit has written.
func putWritten[T any](t entryTable[T], w *writes[T], commits uint64) {
	for arn, value := range w.values {
		t.put(arn, cacheEntry[T]{value, commits})
	}
}

// cacheRow is the row at an ARN.
type cacheRow struct {
	resourceRead
	value any // the result of decoding in Cached; nil if not decoded yet
}

// size counts the decoded value as large as the data.
func (r cacheRow) size() int { return 600 + 2*len(r.resource.Data) }

// cachePolicies is the policies on an ARN.
type cachePolicies []Policy

// cacheTags is the tags on an ARN.
type cacheTags map[string]string

func (t cacheTags) size() int {
	n := 250 // of both maps and the key
	for key, value := range t {
		n += 50 + len(key) + len(value)
	}
	return n
}

// size is the approximate size of the cache, in bytes.
func (c *cache) size() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.rows.size + c.policies.size() + c.tags.size
}

// lookup returns the entry of a table for an ARN, for a transaction that began at a
// number of commits.
func lookup[T any](c *cache, t entryTable[T], arn string, commits uint64) (value T, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	entry, ok := t.get(arn)
	if !ok || c.committing || entry.commits > commits {
		return value, false
	}
	return entry.value, true
}

// keep adds a value that a transaction read, unless there were commits since it began.
func keep[T any](c *cache, t entryTable[T], arn string, entry cacheEntry[T], now func() uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.committing && entry.commits == now() {
		t.put(arn, entry)
	}
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
func (c *cache) putDerived(key string, d cacheEntry[any], now func() uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.committing || d.commits != now() {
		return
	}
	if c.derived == nil {
		c.derived = map[string]cacheEntry[any]{}
	}
	c.derived[key] = d
}

// beginCommit removes the entries that a commit will change, and disables the cache.
func (c *cache) beginCommit(w writeSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committing = true
	c.derived = nil
	if w.all {
		c.clear()
	}
	dropWritten(&c.rows, &w.rows)
	dropWritten(&c.policies, &w.policies)
	dropWritten(&c.tags, &w.tags)
}

// endCommit enables the cache again, after the commit was counted, and adds the values
// that the commit has written. The outcome of a failed commit is unknown, so it empties
// the cache.
func (c *cache) endCommit(w writeSet, commits uint64, failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committing = false
	if failed {
		c.clear()
		return
	}
	putWritten(&c.rows, &w.rows, commits)
	putWritten(&c.policies, &w.policies, commits)
	putWritten(&c.tags, &w.tags, commits)
}

// empty removes all entries.
func (c *cache) empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
}

func (c *cache) clear() {
	c.rows.clear()
	c.policies.clear()
	c.tags.clear()
	c.derived = nil
}

// The methods below return data that a SQLite transaction need not read: from the cache,
// and from the writes of its own group.

func (s *sqliteSession) row(arn string) (cacheRow, bool) {
	return find(s, &s.engine.cache.rows, &s.conn.written.rows, arn)
}

func (s *sqliteSession) policiesOf(arn string) ([]Policy, bool) {
	list, ok := find(s, &s.engine.cache.policies, &s.conn.written.policies, arn)
	return list, ok
}

func (s *sqliteSession) tagsOf(arn string) (map[string]string, bool) {
	tags, ok := find(s, &s.engine.cache.tags, &s.conn.written.tags, arn)
	return tags, ok
}

// find returns the known value of an ARN, if this transaction may use it.
func find[T any](s *sqliteSession, t entryTable[T], w *writes[T], arn string) (value T, ok bool) {
	switch written := s.conn.written.all || w.arns[arn]; {
	case s.mayUseCache(written):
		value, ok = lookup(&s.engine.cache, t, arn, s.commits)
	case written && s.writable:
		value, ok = w.values[arn]
	}
	return value, ok
}

// mayUseCache reports whether this transaction may use a cache entry for a row that its
// group has written or not. It must have a snapshot, or rows that it reads later could be
// newer than the entry; and an Update must see its own writes.
func (s *sqliteSession) mayUseCache(written bool) bool {
	return s.begun && !written && !s.done && s.broken == nil
}

func (s *sqliteSession) keepRow(arn string, row cacheRow) {
	remember(s, &s.engine.cache.rows, &s.conn.written.rows, arn, row)
}

func (s *sqliteSession) keepPolicies(arn string, list []Policy) {
	remember(s, &s.engine.cache.policies, &s.conn.written.policies, arn, list)
}

func (s *sqliteSession) keepTags(arn string, tags map[string]string) {
	remember(s, &s.engine.cache.tags, &s.conn.written.tags, arn, tags)
}

// remember caches a value that was read, unless the group has written it, because that is
// not committed.
func remember[T any](s *sqliteSession, t entryTable[T], w *writes[T], arn string, value T) {
	if s.conn.written.all || w.arns[arn] {
		return
	}
	keep(&s.engine.cache, t, arn, cacheEntry[T]{value, s.commits}, s.engine.commits.Load)
}

func (s *sqliteSession) derived(key string) (any, bool) {
	if s.writable || !s.mayUseCache(false) {
		return nil, false
	}
	return s.engine.cache.derivedAs(key, s.commits)
}

func (s *sqliteSession) keepDerived(key string, value any) {
	if !s.writable && s.mayUseCache(false) {
		s.engine.cache.putDerived(key, cacheEntry[any]{value, s.commits}, s.engine.commits.Load)
	}
}

func (s *sqliteSession) forgetRow(arn string)            { s.conn.written.rows.forget(arn) }
func (s *sqliteSession) forgetPolicies(arn string)       { s.conn.written.policies.forget(arn) }
func (s *sqliteSession) forgetTags(arn string)           { s.conn.written.tags.forget(arn) }
func (s *sqliteSession) forgetAll()                      { s.conn.written.forgetAll() }
func (s *sqliteSession) setRow(arn string, row cacheRow) { s.conn.written.rows.set(arn, row) }
func (s *sqliteSession) setPolicies(arn string, list []Policy) {
	s.conn.written.policies.set(arn, list)
}
