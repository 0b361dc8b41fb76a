package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Resource is one row that an ARN addresses. The parts of the ARN are given
// beside it, since the store parses none.
type Resource struct {
	ARN     string
	Service string // as in the ARN: "ssm"
	Type    string // the owning service's word for it: "parameter"
	Account string // the owner; 12 digits
	Region  string // "" for what has none
	Name    string // the owning service's name for it, for people
	Data    []byte // the owning service's JSON

	CreatedAt, UpdatedAt time.Time
}

// Resource reads the resource at an ARN; ErrNotFound if there is none.
func (tx *Tx) Resource(arn string) (Resource, error) {
	if err := tx.ready(); err != nil {
		return Resource{}, fmt.Errorf("read %s: %w", arn, err)
	}
	read, ok := tx.resources[arn]
	if !ok {
		r := Resource{ARN: arn}
		var created, updated int64
		err := tx.one(
			[]any{&r.Service, &r.Type, &r.Account, &r.Region, &r.Name, &r.Data, &created, &updated},
			`SELECT service, type, account, region, name, data, created_at, updated_at FROM resources WHERE arn = $1`,
			arn)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Resource{}, fmt.Errorf("read %s: %w", arn, err)
		}
		r.CreatedAt, r.UpdatedAt = instant(created), instant(updated)
		read = readResource{r, err == nil}
		tx.remember(arn, read)
	}
	if !read.found {
		return Resource{}, fmt.Errorf("read %s: %w", arn, ErrNotFound)
	}
	r := read.resource
	r.Data = bytes.Clone(r.Data) // the caller may write into its own
	return r, nil
}

// remember notes what reading an ARN gave.
func (tx *Tx) remember(arn string, read readResource) {
	if tx.resources == nil {
		tx.resources = make(map[string]readResource)
	}
	tx.resources[arn] = read
}

// forget drops what was read at an ARN that is about to be written; an error if it
// may not be.
func (tx *Tx) forget(arn string) error {
	if err := tx.mayWrite(); err != nil {
		return err
	}
	delete(tx.resources, arn)
	tx.conn.written.rows.add(arn)
	delete(tx.conn.written.knownRows, arn)
	return nil
}

// InsertResource adds a resource; ErrExists if its ARN is taken.
func (tx *Tx) InsertResource(r Resource) error {
	if err := tx.forget(r.ARN); err != nil {
		return fmt.Errorf("insert %s: %w", r.ARN, err)
	}
	n, err := tx.exec(
		`INSERT INTO resources (arn, service, type, account, region, name, data, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (arn) DO NOTHING`,
		r.ARN, r.Service, r.Type, r.Account, r.Region, r.Name, string(r.Data), micros(r.CreatedAt), micros(r.UpdatedAt))
	if err == nil && n == 0 {
		err = ErrExists
	}
	if err != nil {
		return fmt.Errorf("insert %s: %w", r.ARN, err)
	}
	return nil
}

// UpdateResource replaces all of a resource but its CreatedAt; ErrNotFound if
// there is none at its ARN.
func (tx *Tx) UpdateResource(r Resource) error {
	if err := tx.forget(r.ARN); err != nil {
		return fmt.Errorf("update %s: %w", r.ARN, err)
	}
	replaced, err := tx.replace(r)
	if replaced {
		return nil
	}
	if err == nil {
		err = tx.execOne(
			`UPDATE resources SET service = $1, type = $2, account = $3, region = $4, name = $5, data = $6, updated_at = $7 WHERE arn = $8`,
			r.Service, r.Type, r.Account, r.Region, r.Name, string(r.Data), micros(r.UpdatedAt), r.ARN)
	}
	if err != nil {
		return fmt.Errorf("update %s: %w", r.ARN, err)
	}
	return nil
}

// replace updates a resource that stays where lists find it, as nearly all do: an
// index whose columns a statement names is written anew, whether or not they
// change. It reports whether there was one.
func (tx *Tx) replace(r Resource) (bool, error) {
	n, err := tx.exec(
		`UPDATE resources SET name = $1, data = $2, updated_at = $3
		WHERE arn = $4 AND service = $5 AND type = $6 AND account = $7 AND region = $8`,
		r.Name, string(r.Data), micros(r.UpdatedAt), r.ARN, r.Service, r.Type, r.Account, r.Region)
	return n > 0, err
}

// PutResource adds a resource or replaces all of it but its CreatedAt.
func (tx *Tx) PutResource(r Resource) error {
	if err := tx.forget(r.ARN); err != nil {
		return fmt.Errorf("put %s: %w", r.ARN, err)
	}
	replaced, err := tx.replace(r)
	if replaced {
		return nil
	}
	if err == nil {
		_, err = tx.exec(
			`INSERT INTO resources (arn, service, type, account, region, name, data, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (arn) DO UPDATE SET service = excluded.service, type = excluded.type, account = excluded.account,
			region = excluded.region, name = excluded.name, data = excluded.data, updated_at = excluded.updated_at`,
			r.ARN, r.Service, r.Type, r.Account, r.Region, r.Name, string(r.Data), micros(r.CreatedAt), micros(r.UpdatedAt))
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", r.ARN, err)
	}
	return nil
}

// DeleteResource removes a resource with its policies, its tags and its
// references to others; ErrNotFound if there is none. References of others to
// it stay: whether it may go while it is used is for its service to ask, with
// ReferencedBy.
func (tx *Tx) DeleteResource(arn string) error {
	if err := errors.Join(tx.forget(arn), tx.forgetPolicies(arn)); err != nil {
		return fmt.Errorf("delete %s: %w", arn, err)
	}
	if err := tx.execOne(`DELETE FROM resources WHERE arn = $1`, arn); err != nil {
		return fmt.Errorf("delete %s: %w", arn, err)
	}
	for _, text := range []string{
		`DELETE FROM policies WHERE arn = $1`,
		`DELETE FROM tags WHERE arn = $1`,
		`DELETE FROM dependencies WHERE from_arn = $1`,
	} {
		if _, err := tx.exec(text, arn); err != nil {
			return fmt.Errorf("delete %s: %w", arn, err)
		}
	}
	return nil
}

// Query selects resources. An empty field selects all, so the zero Query
// selects every resource there is. It is quick with the first fields given
// (Service, Type and Account) or with a Prefix.
type Query struct {
	Service string
	Type    string
	Account string
	Region  string
	Prefix  string // of the ARN
	After   string // only ARNs that sort after this one
	Limit   int    // at most so many; 0 means all
}

// pageSize is how many rows Resources reads at a time.
const pageSize = 256

// Resources yields the selected resources in the order of their ARNs (byte by
// byte). It reads as far as the caller walks, and between two rows the caller
// may read and write with the same transaction: what it writes further on in
// the order may or may not be met. An error is yielded last.
func (tx *Tx) Resources(q Query) iter.Seq2[Resource, error] {
	return func(yield func(Resource, error) bool) {
		left := q.Limit
		for page := q; ; {
			page.Limit = pageSize
			if q.Limit > 0 {
				page.Limit = min(left, pageSize)
			}
			text, args := page.statement()
			list, err := all(tx, scanResource, text, args...)
			if err != nil {
				yield(Resource{}, fmt.Errorf("list resources: %w", err))
				return
			}
			for _, r := range list {
				if !yield(r, nil) {
					return
				}
			}
			left -= len(list)
			if len(list) < page.Limit || q.Limit > 0 && left == 0 {
				return
			}
			page.After = list[len(list)-1].ARN
		}
	}
}

// lastRune sorts after every character of an ARN.
const lastRune = "\U0010FFFF"

// statement returns the query in SQL, with its arguments. There are as many
// texts as there are sets of fields to ask for, each is prepared once.
func (q Query) statement() (text string, args []any) {
	var where strings.Builder
	add := func(condition, value string) {
		args = append(args, value)
		where.WriteString(condition + " $" + strconv.Itoa(len(args)) + " AND ")
	}
	for _, column := range []struct{ name, value string }{
		{"service", q.Service}, {"type", q.Type}, {"account", q.Account}, {"region", q.Region},
	} {
		if column.value != "" {
			add(column.name+" =", column.value)
		}
	}
	// One lower bound, not two: SQLite seeks to one and filters by the other.
	if q.After >= q.Prefix && q.After != "" {
		add("arn >", q.After)
	} else {
		add("arn >=", q.Prefix)
	}
	args = append(args, q.Prefix+lastRune, q.Limit)
	n := len(args)
	return `SELECT arn, service, type, account, region, name, data, created_at, updated_at FROM resources WHERE ` +
		where.String() + `arn < $` + strconv.Itoa(n-1) + ` ORDER BY arn LIMIT $` + strconv.Itoa(n), args
}

func scanResource(from row) (r Resource, err error) {
	var created, updated int64
	err = from.Scan(&r.ARN, &r.Service, &r.Type, &r.Account, &r.Region, &r.Name, &r.Data, &created, &updated)
	r.CreatedAt, r.UpdatedAt = instant(created), instant(updated)
	return r, err
}
