package store

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Association is an association of a resource share with a resource, a principal or a
// source. It is unique in a share.
type Association struct {
	Share    string // ARN
	Kind     string // "RESOURCE", "PRINCIPAL" or "SOURCE"
	Entity   string // an ARN, an account or a service
	Consumer string // of a principal, for SharesByConsumer; else ""
	Account  string // the owner of the share; 12 digits
	Region   string // of the share
	Status   string // as package sharing names it
	Data     []byte // package sharing's JSON

	CreatedAt, UpdatedAt time.Time
}

// AssociationKey orders associations.
type AssociationKey struct{ Kind, Entity, Share string }

// Key is the position of the association in the order.
func (a Association) Key() AssociationKey { return AssociationKey{a.Kind, a.Entity, a.Share} }

// PutAssociation adds an association or replaces everything except CreatedAt of the one
// with its Share, Kind and Entity.
func (tx *Tx) PutAssociation(a Association) error {
	err := tx.write(
		`INSERT INTO share_associations (share, kind, entity, consumer, account, region, status, data, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (share, kind, entity) DO UPDATE SET consumer = excluded.consumer, account = excluded.account,
			region = excluded.region, status = excluded.status, data = excluded.data, updated_at = excluded.updated_at`,
		a.Share, a.Kind, a.Entity, a.Consumer, a.Account, a.Region, a.Status, string(a.Data), toMicros(a.CreatedAt), toMicros(a.UpdatedAt))
	if err != nil {
		return fmt.Errorf("associate %s with %s: %w", a.Entity, a.Share, err)
	}
	return nil
}

// DeleteAssociation removes an association; ErrNotFound if there is none.
func (tx *Tx) DeleteAssociation(share, kind, entity string) error {
	err := tx.execOne(`DELETE FROM share_associations WHERE share = $1 AND kind = $2 AND entity = $3`, share, kind, entity)
	if err != nil {
		return fmt.Errorf("disassociate %s from %s: %w", entity, share, err)
	}
	return nil
}

// DeleteAssociations removes all associations of a share.
func (tx *Tx) DeleteAssociations(share string) error {
	if err := tx.write(`DELETE FROM share_associations WHERE share = $1`, share); err != nil {
		return fmt.Errorf("disassociate all from %s: %w", share, err)
	}
	return nil
}

// AssociationQuery selects associations; an empty field selects all. Queries with a
// Share, with a Kind and an Entity, or with an Account and a Region use an index.
type AssociationQuery struct {
	Share, Kind, Entity string
	Account, Region     string
	After               AssociationKey // only associations that sort after it
}

// Associations yields the selected associations by Kind, Entity and Share, byte by byte.
// Like Resources it reads in pages while the caller iterates, and the caller may read and
// write in between. An error is yielded last.
func (tx *Tx) Associations(q AssociationQuery) iter.Seq2[Association, error] {
	return func(yield func(Association, error) bool) {
		for limit := firstPage; ; limit = min(2*limit, pageSize) {
			text, args, some := q.statement(limit)
			if !some {
				return
			}
			list, err := queryAll(tx, scanAssociation, text, args...)
			if err != nil {
				yield(Association{}, fmt.Errorf("list associations: %w", err))
				return
			}
			for _, a := range list {
				if !yield(a, nil) {
					return
				}
			}
			if len(list) < limit {
				return
			}
			q.After = list[len(list)-1].Key()
		}
	}
}

// firstPage is the number of rows in the first page of a list; each following page is
// twice as long, up to pageSize.
const firstPage = 32

// statement returns the query in SQL, with its arguments; false if it selects nothing.
// Only those columns of After are compared that other fields do not fix, because SQLite
// seeks by them.
func (q AssociationQuery) statement(limit int) (text string, args []any, some bool) {
	var where []string
	parameters := func(values ...string) string {
		var list []string
		for _, value := range values {
			args = append(args, value)
			list = append(list, "$"+strconv.Itoa(len(args)))
		}
		return strings.Join(list, ", ")
	}
	equal := func(column, value string) {
		if value != "" {
			where = append(where, column+" = "+parameters(value))
		}
	}
	equal("share", q.Share)
	if q.Share == "" { // a share has one owner: a condition on both would make SQLite choose a worse index
		equal("account", q.Account)
		equal("region", q.Region)
	}
	equal("kind", q.Kind)
	equal("entity", q.Entity)

	order, given, after := []string{"kind", "entity", "share"}, []string{q.Kind, q.Entity, q.Share}, []string{q.After.Kind, q.After.Entity, q.After.Share}
	for len(order) > 0 && given[0] != "" && given[0] == after[0] {
		order, given, after = order[1:], given[1:], after[1:]
	}
	switch {
	case len(order) == 0 || given[0] != "" && given[0] < after[0]:
		return "", nil, false
	case given[0] == "":
		where = append(where, "("+strings.Join(order, ", ")+") > ("+parameters(after...)+")")
	}
	args = append(args, limit)
	return `SELECT share, kind, entity, consumer, account, region, status, data, created_at, updated_at FROM share_associations WHERE ` +
		strings.Join(where, " AND ") + ` ORDER BY kind, entity, share LIMIT $` + strconv.Itoa(len(args)), args, true
}

func scanAssociation(from row) (a Association, err error) {
	var created, updated int64
	err = from.Scan(&a.Share, &a.Kind, &a.Entity, &a.Consumer, &a.Account, &a.Region, &a.Status, &a.Data, &created, &updated)
	a.CreatedAt, a.UpdatedAt = fromMicros(created), fromMicros(updated)
	return a, err
}

// SharesByConsumer returns the shares that have an association with a status and a
// consumer: at most limit ARNs, in order, that sort after the given one.
func (tx *Tx) SharesByConsumer(consumer, status, after string, limit int) ([]string, error) {
	list, err := queryAll(tx, scanText,
		`SELECT DISTINCT share FROM share_associations WHERE consumer = $1 AND status = $2 AND share > $3 ORDER BY share LIMIT $4`,
		consumer, status, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list shares with %s: %w", consumer, err)
	}
	return list, nil
}

func scanText(from row) (text string, err error) {
	err = from.Scan(&text)
	return text, err
}
