package store

import (
	"bytes"
	"errors"
	"fmt"
)

// Resource reads the resource at an ARN; ErrNotFound if there is none.
func (tx *Tx) Resource(arn string) (Resource, error) {
	if err := tx.checkActive(); err != nil {
		return Resource{}, fmt.Errorf("read %s: %w", arn, err)
	}
	read, ok := tx.resources[arn]
	if !ok {
		r := Resource{ARN: arn}
		var created, updated int64
		err := tx.queryOne(
			[]any{&r.Service, &r.Type, &r.Account, &r.Region, &r.Name, &r.Data, &created, &updated},
			`SELECT service, type, account, region, name, data, created_at, updated_at FROM resources WHERE arn = $1`,
			arn)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Resource{}, fmt.Errorf("read %s: %w", arn, err)
		}
		r.CreatedAt, r.UpdatedAt = fromMicros(created), fromMicros(updated)
		read = resourceRead{r, err == nil}
		tx.recordRead(arn, read)
	}
	if !read.found {
		return Resource{}, fmt.Errorf("read %s: %w", arn, ErrNotFound)
	}
	r := read.resource
	r.Data = bytes.Clone(r.Data) // the caller may modify its copy
	return r, nil
}

// recordRead caches the result of reading an ARN.
func (tx *Tx) recordRead(arn string, read resourceRead) {
	if tx.resources == nil {
		tx.resources = make(map[string]resourceRead)
	}
	tx.resources[arn] = read
}

// Cached reads the resource at an ARN and decodes it; ErrNotFound if there is none. It is
// for rows that nearly every request reads: row and value may come from the cache, and
// equal those that reading now would return. The value is shared with other requests and
// must not be changed.
func Cached[T any](tx *Tx, arn string, decode func(Resource) (T, error)) (T, error) {
	entry, cached := tx.session.row(arn)
	return decoded(tx, arn, entry, cached, decode)
}

// decoded is Cached with the cache entry, if there is one.
func decoded[T any](tx *Tx, arn string, entry cacheRow, cached bool, decode func(Resource) (T, error)) (value T, err error) {
	if cached {
		if !entry.found {
			return value, ErrNotFound
		}
		if value, ok := entry.value.(T); ok {
			return value, nil
		}
		tx.recordRead(arn, entry.resourceRead)
	}
	r, err := tx.Resource(arn)
	if err == nil && !cached { // the read may have opened the snapshot of a View
		if entry, known := tx.session.row(arn); known && entry.found {
			if value, ok := entry.value.(T); ok {
				return value, nil
			}
		}
	}
	if err == nil {
		value, err = decode(r)
	}
	entry = cacheRow{resourceRead: tx.resources[arn]}
	switch {
	case err == nil:
		entry.value = value
	case !errors.Is(err, ErrNotFound) || entry.found:
		return value, err
	}
	tx.session.keepRow(arn, entry) // an ARN without a row is cached, too
	return value, err
}

// CachedResource is Cached for the row itself.
func (tx *Tx) CachedResource(arn string) (Resource, error) {
	return Cached(tx, arn, func(r Resource) (Resource, error) { return r, nil })
}

// Derived returns a value that build computes from rows that it reads in this
// transaction, or the value cached under the key if nothing was committed since. An
// engine that shares its database computes it each time, and so does an Update. The value
// is shared and must not be changed.
func Derived[T any](tx *Tx, key string, build func() (T, error)) (T, error) {
	if tx.session.opensWithRead() { // opens a snapshot, for which the cached value is valid
		if _, err := tx.Resource(key); err != nil && !errors.Is(err, ErrNotFound) {
			var none T
			return none, err
		}
	}
	if kept, ok := tx.session.derived(key); ok {
		if value, ok := kept.(T); ok {
			return value, nil
		}
	}
	value, err := build()
	if err == nil {
		tx.session.keepDerived(key, value)
	}
	return value, err
}

// Linked is the decoded form of a row that includes other rows: a role includes
// the managed policies attached to it.
type Linked interface {
	// Links returns the ARNs of the rows that this one includes.
	Links() []string
}

// LoadReachable reads the rows at the given ARNs and every row that they link to,
// directly or indirectly, and adds them to a map by ARN. An ARN without a row maps to
// nil. It is one store call for all rows that a decision needs.
//
// The values may come from the cache of committed rows; they are shared and must not be
// changed, and equal those that reading now would return. Rows that are not cached are
// read in one query along the recorded references (SetReferences). The links are
// authoritative: a row without a reference to it, as in a directory of an older version,
// is read by a query of its own.
func LoadReachable(tx *Tx, into map[string]Linked, decode func(Resource) (Linked, error), arns ...string) error {
	pending := append(make([]string, 0, 32), arns...)
	for len(pending) > 0 {
		arn := pending[len(pending)-1]
		if _, loaded := into[arn]; loaded {
			pending = pending[:len(pending)-1]
			continue
		}
		value, err := loadLinked(tx, arn, decode, pending)
		if err != nil {
			return err
		}
		pending = pending[:len(pending)-1]
		into[arn] = value
		if value != nil {
			pending = append(pending, value.Links()...)
		}
	}
	return nil
}

// loadLinked reads the row at an ARN, nil if there is none. Unless it is cached,
// the pending ARNs are read with it.
func loadLinked(tx *Tx, arn string, decode func(Resource) (Linked, error), pending []string) (Linked, error) {
	entry, cached := tx.session.row(arn)
	// Before its first read a View of SQLite has no snapshot and must not use the cache.
	// After one read it may, and probably need not read the rest.
	if _, read := tx.resources[arn]; !cached && !read && !tx.session.opensWithRead() {
		if err := tx.prefetch(pending); err != nil {
			return nil, err
		}
	}
	value, err := decoded(tx, arn, entry, cached, decode)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return value, err
}

// prefetchWidth limits the number of ARNs from which one prefetch starts.
const prefetchWidth = 16

// prefetch reads the rows at the last of the given ARNs, and all rows that references
// lead to from there, in one query; the transaction caches them.
//
// It does not follow references to users and roles: a role refers to the principals in
// its trust policy, but does not include them.
func (tx *Tx) prefetch(arns []string) error {
	arns = arns[max(0, len(arns)-prefetchWidth):]
	args := make([]any, prefetchWidth)
	for i := range args {
		args[i] = arns[min(i, len(arns)-1)]
	}
	rows, err := queryAll(tx, scanResource,
		`WITH RECURSIVE reachable (arn) AS (
			SELECT arn FROM resources
			WHERE arn IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
			UNION
			SELECT included.arn FROM reachable
			JOIN dependencies ON dependencies.from_arn = reachable.arn
			JOIN resources AS included ON included.arn = dependencies.to_arn
			WHERE included.type NOT IN ('user', 'role')
		)
		SELECT r.arn, r.service, r.type, r.account, r.region, r.name, r.data, r.created_at, r.updated_at
		FROM reachable JOIN resources AS r ON r.arn = reachable.arn`, args...)
	if err != nil {
		return fmt.Errorf("read %s and what it includes: %w", arns[len(arns)-1], err)
	}
	for _, arn := range arns {
		if _, read := tx.resources[arn]; !read {
			tx.recordRead(arn, resourceRead{resource: Resource{ARN: arn}})
		}
	}
	for _, r := range rows {
		tx.recordRead(r.ARN, resourceRead{r, true})
	}
	return nil
}

// queryAll reads every row of a query with scan. The result set is closed when it
// returns, so the caller may use the transaction while it iterates.
func queryAll[T any](tx *Tx, scan func(row) (T, error), text string, args ...any) ([]T, error) {
	var list []T
	var err error
	failed := tx.query(func(r row) bool {
		var v T
		v, err = scan(r)
		list = append(list, v)
		return err == nil
	}, text, args...)
	if failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, tx.engineError(err)
	}
	return list, nil
}

// query reads.
func (tx *Tx) query(each func(row) bool, text string, args ...any) error {
	if err := tx.checkActive(); err != nil {
		return err
	}
	tx.counts.queries.Add(1)
	return tx.engineError(tx.session.query(each, text, args...))
}
