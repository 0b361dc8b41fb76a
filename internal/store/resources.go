package store

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// Resource is one row with an ARN. The parts of the ARN are separate fields, because the
// store does not parse ARNs.
type Resource struct {
	ARN     string
	Service string // as in the ARN: "ssm"
	Type    string // the type, as the owning service names it: "parameter"
	Account string // the owner; 12 digits
	Region  string // "" for resources without a region
	Name    string // a name for readers, set by the owning service
	Data    []byte // the owning service's JSON

	CreatedAt, UpdatedAt time.Time
}

// invalidate drops the cached data of an ARN before a write; an error if the transaction
// cannot write.
func (tx *Tx) invalidate(arn string) error {
	if err := tx.checkWritable(); err != nil {
		return err
	}
	delete(tx.resources, arn)
	tx.session.forgetRow(arn)
	return nil
}

// InsertResource adds a resource; ErrExists if its ARN is taken.
func (tx *Tx) InsertResource(r Resource) error {
	before, read := tx.resources[r.ARN]
	if err := tx.invalidate(r.ARN); err != nil {
		return fmt.Errorf("insert %s: %w", r.ARN, err)
	}
	err := tx.writeOne(read && !before.found,
		`INSERT INTO resources (arn, service, type, account, region, name, data, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (arn) DO NOTHING`,
		r.ARN, r.Service, r.Type, r.Account, r.Region, r.Name, string(r.Data), toMicros(r.CreatedAt), toMicros(r.UpdatedAt))
	if errors.Is(err, ErrNotFound) { // it affected no row
		err = ErrExists
	}
	if err != nil {
		return fmt.Errorf("insert %s: %w", r.ARN, err)
	}
	return nil
}

// UpdateResource replaces everything of a resource except CreatedAt; ErrNotFound if there
// is none at its ARN.
func (tx *Tx) UpdateResource(r Resource) error {
	before := tx.resources[r.ARN]
	if err := tx.invalidate(r.ARN); err != nil {
		return fmt.Errorf("update %s: %w", r.ARN, err)
	}
	replaced, err := tx.replace(before, r)
	if replaced {
		return nil
	}
	if err == nil {
		err = tx.writeOne(before.found,
			`UPDATE resources SET service = $1, type = $2, account = $3, region = $4, name = $5, data = $6, updated_at = $7 WHERE arn = $8`,
			r.Service, r.Type, r.Account, r.Region, r.Name, string(r.Data), toMicros(r.UpdatedAt), r.ARN)
	}
	if err != nil {
		return fmt.Errorf("update %s: %w", r.ARN, err)
	}
	return nil
}

// replace updates a resource without its indexed columns, if they do not change, as in
// nearly all updates: an index is rewritten if a statement sets its columns, even to
// equal values. It reports whether the resource existed.
func (tx *Tx) replace(before resourceRead, r Resource) (bool, error) {
	err := tx.writeOne(before.found && before.resource.placedAs(r),
		`UPDATE resources SET name = $1, data = $2, updated_at = $3
		WHERE arn = $4 AND service = $5 AND type = $6 AND account = $7 AND region = $8`,
		r.Name, string(r.Data), toMicros(r.UpdatedAt), r.ARN, r.Service, r.Type, r.Account, r.Region)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// placedAs reports whether two resources have equal indexed columns.
func (r Resource) placedAs(o Resource) bool {
	return r.Service == o.Service && r.Type == o.Type && r.Account == o.Account && r.Region == o.Region
}

// PutResource adds a resource or replaces everything of it except CreatedAt.
func (tx *Tx) PutResource(r Resource) error {
	before := tx.resources[r.ARN]
	if err := tx.invalidate(r.ARN); err != nil {
		return fmt.Errorf("put %s: %w", r.ARN, err)
	}
	replaced, err := tx.replace(before, r)
	if replaced {
		return nil
	}
	if err == nil {
		err = tx.write(
			`INSERT INTO resources (arn, service, type, account, region, name, data, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (arn) DO UPDATE SET service = excluded.service, type = excluded.type, account = excluded.account,
			region = excluded.region, name = excluded.name, data = excluded.data, updated_at = excluded.updated_at`,
			r.ARN, r.Service, r.Type, r.Account, r.Region, r.Name, string(r.Data), toMicros(r.CreatedAt), toMicros(r.UpdatedAt))
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", r.ARN, err)
	}
	return nil
}

// UpdateCached is UpdateResource for a row that was read, of which only Data and UpdatedAt
// changed, and that will soon be read again with Cached: the caller passes the value that
// decode would return. Row and value are cached, so that the next Cached neither reads nor
// decodes. As with Cached, nobody may change the value.
func (tx *Tx) UpdateCached(r Resource, value any) error {
	before := tx.resources[r.ARN]
	if err := tx.invalidate(r.ARN); err != nil {
		return fmt.Errorf("update %s: %w", r.ARN, err)
	}
	r.Data = bytes.Clone(r.Data) // the caller may modify its own
	err := tx.writeOne(before.found, `UPDATE resources SET data = $1, updated_at = $2 WHERE arn = $3`, string(r.Data), toMicros(r.UpdatedAt), r.ARN)
	if err != nil {
		return fmt.Errorf("update %s: %w", r.ARN, err)
	}
	r.CreatedAt, r.UpdatedAt = fromMicros(toMicros(r.CreatedAt)), fromMicros(toMicros(r.UpdatedAt))
	tx.session.setRow(r.ARN, cacheRow{resourceRead: resourceRead{r, true}, value: value})
	return nil
}

// DeleteResource deletes a resource with its policies, its tags and its references to
// others; ErrNotFound if there is none. References of others to it remain: its service
// must check with ReferencedBy whether it may be deleted.
func (tx *Tx) DeleteResource(arn string) error {
	before := tx.resources[arn]
	if err := errors.Join(tx.invalidate(arn), tx.invalidatePolicies(arn), tx.invalidateTags(arn)); err != nil {
		return fmt.Errorf("delete %s: %w", arn, err)
	}
	if err := tx.writeOne(before.found, `DELETE FROM resources WHERE arn = $1`, arn); err != nil {
		return fmt.Errorf("delete %s: %w", arn, err)
	}
	for _, text := range []string{
		`DELETE FROM policies WHERE arn = $1`,
		`DELETE FROM tags WHERE arn = $1`,
		`DELETE FROM dependencies WHERE from_arn = $1`,
	} {
		if err := tx.write(text, arn); err != nil {
			return fmt.Errorf("delete %s: %w", arn, err)
		}
	}
	return nil
}

// LastChange returns when a resource was last created or changed; the zero time if there
// is none.
func (tx *Tx) LastChange() (time.Time, error) {
	list, err := queryAll(tx, func(r row) (us int64, err error) { return us, r.Scan(&us) }, `SELECT coalesce(max(updated_at), 0) FROM resources`)
	if err != nil || len(list) == 0 || list[0] == 0 {
		return time.Time{}, err
	}
	return fromMicros(list[0]), nil
}
