package store

import (
	"errors"
	"fmt"
)

// Linked is the decoded form of a row that includes other rows: a role includes
// the managed policies attached to it.
type Linked interface {
	// Links returns the ARNs of the rows that this one includes.
	Links() []string
}

// LoadReachable reads the rows at the given ARNs and every row that they lead to
// by their links, and puts them into a map by ARN. An ARN without a row maps to
// nil. It is one store call for all that a decision needs of these rows.
//
// The values may come from the cache of committed rows and are shared, so they
// must not be changed; they are the same as if read now. Rows that are not cached
// are read together, in one query along the recorded references (SetReferences).
// The links decide, though: a row that no reference leads to, as in a folder of an
// older version, is read by itself.
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

// loadLinked reads the row at an ARN, nil if there is none. Unless it is in memory,
// the pending ARNs are read with it.
func loadLinked(tx *Tx, arn string, decode func(Resource) (Linked, error), pending []string) (Linked, error) {
	if err := tx.ready(); err != nil {
		return nil, err
	}
	row, cached := tx.rowInMemory(arn)
	if cached && !row.found {
		return nil, nil
	}
	if value, ok := row.value.(Linked); ok {
		return value, nil
	}
	// Before its first read a View has no snapshot and must not use the cache.
	// After one read it may, and probably need not read the rest.
	if _, read := tx.resources[arn]; !cached && !read && tx.begun {
		if err := tx.prefetch(pending); err != nil {
			return nil, err
		}
	}
	value, err := Cached(tx, arn, decode)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return value, err
}

// prefetchWidth is how many ARNs one prefetch starts from, at most.
const prefetchWidth = 16

// prefetch reads the rows at the last of the given ARNs, and all that references
// lead to from there, in one query; the transaction remembers them.
//
// It does not follow a reference to a user or a role: a role refers to the
// principals that its trust policy names, and includes none of them.
func (tx *Tx) prefetch(arns []string) error {
	arns = arns[max(0, len(arns)-prefetchWidth):]
	args := make([]any, prefetchWidth)
	for i := range args {
		args[i] = arns[min(i, len(arns)-1)]
	}
	rows, err := all(tx, scanResource,
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
			tx.remember(arn, readResource{resource: Resource{ARN: arn}})
		}
	}
	for _, r := range rows {
		tx.remember(r.ARN, readResource{r, true})
	}
	return nil
}
