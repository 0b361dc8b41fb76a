package store

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Query selects resources. An empty field selects all, so the zero Query selects every
// resource. Queries with the first fields (Service, Type and Account) or with a Prefix
// use an index.
type Query struct {
	Service string
	Type    string
	Account string
	Region  string
	Prefix  string // of the ARN
	After   string // only ARNs that sort after it
	Limit   int    // maximum number; 0 is unlimited
}

// pageSize is the number of rows that Resources reads at a time.
const pageSize = 256

// Resources yields the selected resources ordered by ARN (byte by byte). It reads in
// pages while the caller iterates, and the caller may read and write with the same
// transaction in between: resources that it writes later in the order may or may not be
// yielded. An error is yielded last.
func (tx *Tx) Resources(q Query) iter.Seq2[Resource, error] {
	return func(yield func(Resource, error) bool) {
		left := q.Limit
		for page := q; ; {
			page.Limit = pageSize
			if q.Limit > 0 {
				page.Limit = min(left, pageSize)
			}
			text, args := page.statement()
			list, err := queryAll(tx, scanResource, text, args...)
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

// statement returns the query in SQL, with its arguments. There is one text per set of
// non-empty fields; each is prepared once.
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
	// One lower bound, not two: SQLite seeks by one and filters by the other.
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
	r.CreatedAt, r.UpdatedAt = fromMicros(created), fromMicros(updated)
	return r, err
}
