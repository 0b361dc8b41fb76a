package store

import (
	"fmt"
	"iter"
	"math"
)

// SetReferences replaces the references of the resource at from. Neither end needs to
// exist.
func (tx *Tx) SetReferences(from string, to []string) error {
	if err := tx.write(`DELETE FROM dependencies WHERE from_arn = $1`, from); err != nil {
		return fmt.Errorf("set references of %s: %w", from, err)
	}
	for _, arn := range to {
		err := tx.write(
			`INSERT INTO dependencies (from_arn, to_arn) VALUES ($1, $2) ON CONFLICT (from_arn, to_arn) DO NOTHING`,
			from, arn)
		if err != nil {
			return fmt.Errorf("set references of %s: %w", from, err)
		}
	}
	return nil
}

// ReferencedBy returns the ARNs that refer to an ARN, in order, at most limit of them; 0
// is unlimited.
func (tx *Tx) ReferencedBy(to string, limit int) ([]string, error) {
	if limit <= 0 {
		limit = math.MaxInt
	}
	list, err := queryAll(tx, func(r row) (arn string, err error) {
		err = r.Scan(&arn)
		return arn, err
	}, `SELECT from_arn FROM dependencies WHERE to_arn = $1 ORDER BY from_arn LIMIT $2`, to, limit)
	if err != nil {
		return nil, fmt.Errorf("read references to %s: %w", to, err)
	}
	return list, nil
}

// Referrers yields the ARNs that refer to an ARN and sort after the given one, in order.
// It reads in pages while the caller iterates. An error is yielded last.
func (tx *Tx) Referrers(to, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for limit := firstPage; ; limit = min(2*limit, pageSize) {
			list, err := queryAll(tx, scanText,
				`SELECT from_arn FROM dependencies WHERE to_arn = $1 AND from_arn > $2 ORDER BY from_arn LIMIT $3`, to, after, limit)
			if err != nil {
				yield("", fmt.Errorf("read references to %s: %w", to, err))
				return
			}
			for _, arn := range list {
				if !yield(arn, nil) {
					return
				}
			}
			if len(list) < limit {
				return
			}
			after = list[len(list)-1]
		}
	}
}
