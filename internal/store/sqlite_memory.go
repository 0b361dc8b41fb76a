package store

// What a transaction of SQLite knows without reading it: the cache, and what its own
// group has written.

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

// find returns what is known of an ARN, if this transaction may use it.
func find[T sized](s *sqliteSession, t *cacheTable[T], w *writes[T], arn string) (value T, ok bool) {
	switch written := s.conn.written.all || w.arns[arn]; {
	case s.mayUseCache(written):
		value, ok = lookup(&s.engine.cache, t, arn, s.commits)
	case written && s.writable:
		value, ok = w.values[arn]
	}
	return value, ok
}

// mayUseCache reports whether this transaction may use an entry of the cache for a
// row that its group has written or not. It must have a snapshot of its own, or the
// rows that come from the database later could be newer than the entry; and an
// Update must see what it wrote.
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

// remember keeps what was read of an ARN, unless the group has written it: that is not
// committed.
func remember[T sized](s *sqliteSession, t *cacheTable[T], w *writes[T], arn string, value T) {
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
