package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math"
)

// ErrMoved is returned for a state into which a Move was started and not finished.
var ErrMoved = errors.New("a move into this state is not finished; run the same writ move again")

// moveARN is the row that marks a state into which another is being moved. Its data is a
// moveMark.
const moveARN = "writ:move"

// moveMark is the progress of a copy: all tables before one, and the rows of that table
// up to a key.
type moveMark struct {
	Table int
	After []string
	Rows  int64
}

// moveBatch is the number of rows that one transaction of a Move copies.
const moveBatch = 1000

// CheckMoved returns ErrMoved if a move into the state is not finished.
func CheckMoved(tx *Tx) error {
	_, err := tx.Resource(moveARN)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err == nil:
		return ErrMoved
	}
	return err
}

// Move copies a state into an empty one, and compares the two. After an interruption the
// next Move continues. progress is called after each batch. No other process may write to
// either state meanwhile.
func Move(ctx context.Context, from, to *Store, progress func(done, total int64)) error {
	if err := from.View(ctx, CheckMoved); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	mark, err := beginMove(ctx, to)
	if err != nil {
		return err
	}
	total, err := from.countRows(ctx)
	if err != nil {
		return err
	}
	for mark.Table < len(tables) {
		if mark, err = moveRows(ctx, from, to, mark); err != nil {
			return err
		}
		progress(mark.Rows, total)
	}
	if err := compareStates(ctx, from, to); err != nil {
		return err
	}
	return to.Update(ctx, func(tx *Tx) error { return tx.DeleteResource(moveARN) })
}

// beginMove reads the progress of an earlier Move, or records the start of one.
func beginMove(ctx context.Context, to *Store) (mark moveMark, err error) {
	err = to.Update(ctx, func(tx *Tx) error {
		mark = moveMark{After: make([]string, len(tables[0].key))}
		r, err := tx.Resource(moveARN)
		if err == nil {
			return json.Unmarshal(r.Data, &mark)
		}
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		for _, t := range tables {
			rows, err := t.read(tx, make([]string, len(t.key)), 1)
			if err != nil {
				return err
			}
			if len(rows) > 0 {
				return fmt.Errorf("the target is not empty: it has %s", t.name)
			}
		}
		return mark.put(tx)
	})
	return mark, err
}

func (m moveMark) put(tx *Tx) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return tx.PutResource(Resource{ARN: moveARN, Service: "writ", Type: "move", Data: data})
}

// moveRows copies one batch.
func moveRows(ctx context.Context, from, to *Store, mark moveMark) (moveMark, error) {
	t := tables[mark.Table]
	var rows []row
	err := from.View(ctx, func(tx *Tx) (err error) {
		rows, err = t.read(tx, mark.After, moveBatch)
		return err
	})
	if err != nil {
		return mark, fmt.Errorf("read %s: %w", t.name, err)
	}
	next := mark
	next.Rows += int64(len(rows))
	if len(rows) < moveBatch {
		next.Table++
		if next.Table < len(tables) {
			next.After = make([]string, len(tables[next.Table].key))
		}
	} else {
		next.After = t.keyOf(rows[len(rows)-1])
	}
	err = to.Update(ctx, func(tx *Tx) error {
		if err := tx.checkWritable(); err != nil {
			return err
		}
		tx.session.forgetAll()
		clear(tx.resources)
		clear(tx.policies)
		for _, r := range rows {
			values := make([]any, len(r))
			for i, v := range r {
				values[i] = v
			}
			if err := tx.write(t.insert(), values...); err != nil {
				return err
			}
		}
		return next.put(tx)
	})
	if err != nil {
		return mark, fmt.Errorf("write %s: %w", t.name, err)
	}
	return next, nil
}

// read reads the rows after a key, at most limit, without the mark of a move.
func (t table) read(tx *Tx, after []string, limit int) (rows []row, err error) {
	return queryAll(tx, func(r row) (row, error) { return append(row(nil), r...), nil }, t.page(), append(toAny(after), limit)...)
}

// keyOf is the key of a row.
func (t table) keyOf(r row) []string {
	key := make([]string, len(t.key))
	for i := range key {
		key[i] = r[i].(string)
	}
	return key
}

// countRows counts the rows of all tables.
func (s *Store) countRows(ctx context.Context) (total int64, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		total = 0
		for _, t := range tables {
			var n int64
			if err := tx.queryOne([]any{&n}, `SELECT COUNT(*) FROM `+t.name); err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	return total, err
}

// compareStates reads both states from beginning to end.
func compareStates(ctx context.Context, a, b *Store) error {
	for _, t := range tables {
		x, err := a.digest(ctx, t)
		if err != nil {
			return err
		}
		y, err := b.digest(ctx, t)
		if err != nil {
			return err
		}
		if x != y {
			return fmt.Errorf("table %s differs: one of the states was written during the move; empty the target and start again", t.name)
		}
	}
	return nil
}

// digest is a hash of all rows of a table, in order.
func (s *Store) digest(ctx context.Context, t table) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	after := make([]string, len(t.key))
	for n := math.MaxInt; n > 0; {
		var rows []row
		err := s.View(ctx, func(tx *Tx) (err error) {
			rows, err = t.read(tx, after, moveBatch)
			return err
		})
		if err != nil {
			return sum, err
		}
		for _, r := range rows {
			if r[0] != moveARN {
				hashRow(h, r)
			}
			after = t.keyOf(r)
		}
		n = len(rows)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

func hashRow(h hash.Hash, r row) {
	for _, value := range r {
		text := fmt.Sprint(value)
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
}
