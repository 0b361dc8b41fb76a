package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestKnownPolicies writes policies in groups, some after reading them and some
// in Updates that fail, and compares what memory says with the database.
func TestKnownPolicies(t *testing.T) {
	s := openTemporary(t)
	rapid.Check(t, func(r *rapid.T) {
		arn := rapid.SampledFrom([]string{"a", "b"})
		name := rapid.SampledFrom([]string{"", "1", "2"})
		source := rapid.SampledFrom([]string{SourceRAM, SourceUser})
		update := func() func(*Tx) error {
			var steps []func(*Tx) error
			for range rapid.IntRange(1, 4).Draw(r, "steps") {
				arn, name, source := arn.Draw(r, "arn"), name.Draw(r, "name"), source.Draw(r, "source")
				at := time.Unix(0, rapid.Int64Range(0, 1e18).Draw(r, "at"))
				text := rapid.StringMatching(`[a-z]{3}`).Draw(r, "text")
				switch rapid.IntRange(0, 6).Draw(r, "step") {
				case 0, 1:
					steps = append(steps, func(tx *Tx) error { _, err := tx.Policies(arn); return err })
				case 2, 3, 4:
					steps = append(steps, func(tx *Tx) error {
						return tx.PutPolicy(Policy{ARN: arn, Source: source, Name: name, Document: text, CreatedAt: at, UpdatedAt: at})
					})
				case 5:
					steps = append(steps, func(tx *Tx) error {
						if err := tx.DeletePolicy(arn, source, name); !errors.Is(err, ErrNotFound) {
							return err
						}
						return nil
					})
				case 6:
					steps = append(steps, func(*Tx) error { return errUndone })
				}
			}
			return func(tx *Tx) error {
				for _, step := range steps {
					if err := step(tx); err != nil {
						return err
					}
				}
				return sameInDatabase(tx)
			}
		}
		checkGroup(t, r, s, update, sameInDatabase)
	})
}

// errUndone is what some Updates of a group fail with.
var errUndone = errors.New("undone")

// checkGroup runs a few Updates as one group, and what compares memory with the
// database in two Views after them.
func checkGroup(t *testing.T, r *rapid.T, s *Store, update func() func(*Tx) error, same func(*Tx) error) {
	var group []func(*Tx) error
	for range rapid.IntRange(1, 3).Draw(r, "group") {
		group = append(group, update())
	}
	for _, err := range together(t, s, group...) {
		if err != nil && err != errUndone {
			r.Fatal(err)
		}
	}
	for range 2 {
		if err := s.View(t.Context(), same); err != nil {
			r.Fatal(err)
		}
	}
}

// sameInDatabase compares the policies that a transaction reads with the rows.
func sameInDatabase(tx *Tx) error {
	for _, arn := range []string{"a", "b"} {
		if _, err := tx.Resource("begin"); !errors.Is(err, ErrNotFound) { // so that a View has its snapshot
			return err
		}
		delete(tx.policies, arn)
		got, err := tx.Policies(arn)
		if err != nil {
			return err
		}
		want, err := queryAll(tx, func(r row) (Policy, error) {
			p := Policy{ARN: arn}
			var created, updated int64
			err := r.Scan(&p.Source, &p.Name, &p.Document, &p.Revision, &created, &updated)
			p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
			return p, err
		}, `SELECT source, name, document, revision, created_at, updated_at FROM policies WHERE arn = $1 ORDER BY source, name`, arn)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return errors.New(arn + ": " + diff)
		}
	}
	return nil
}

// TestKnownRows writes rows in groups, in every way there is and some in Updates
// that fail, and compares what memory says with the database.
func TestKnownRows(t *testing.T) {
	s := openTemporary(t)
	known := 0
	rapid.Check(t, func(r *rapid.T) {
		arn := rapid.SampledFrom([]string{"a", "b"})
		update := func() func(*Tx) error {
			var steps []func(*Tx) error
			for range rapid.IntRange(1, 4).Draw(r, "steps") {
				at := time.Unix(0, rapid.Int64Range(0, 1e18).Draw(r, "at"))
				row := Resource{ARN: arn.Draw(r, "arn"), Data: []byte(rapid.StringMatching(`[a-z]{3}`).Draw(r, "data")), CreatedAt: at, UpdatedAt: at}
				var step func(*Tx) error
				switch rapid.IntRange(0, 7).Draw(r, "step") {
				case 0:
					step = func(tx *Tx) error { _, err := cachedText(tx, row.ARN); return err }
				case 1, 2, 3:
					step = func(tx *Tx) error {
						before, err := tx.CachedResource(row.ARN)
						if err != nil {
							return err
						}
						known++
						before.Data, before.UpdatedAt = row.Data, row.UpdatedAt
						return tx.UpdateCached(before, string(row.Data))
					}
				case 4:
					step = func(tx *Tx) error { return tx.UpdateResource(row) }
				case 5:
					step = func(tx *Tx) error { return tx.PutResource(row) }
				case 6:
					step = func(tx *Tx) error { return tx.DeleteResource(row.ARN) }
				case 7:
					step = func(*Tx) error { return errUndone }
				}
				steps = append(steps, step)
			}
			return func(tx *Tx) error {
				for _, step := range steps {
					if err := step(tx); err != nil && !errors.Is(err, ErrNotFound) {
						return err
					}
				}
				return sameRows(tx)
			}
		}
		checkGroup(t, r, s, update, sameRows)
	})
	if known == 0 {
		t.Error("nothing was written through")
	}
}

// cachedText reads a row as the text of its data.
func cachedText(tx *Tx, arn string) (string, error) {
	return Cached(tx, arn, func(r Resource) (string, error) { return string(r.Data), nil })
}

// sameRows compares the rows that a transaction reads from memory, and what they
// decode to, with the database.
func sameRows(tx *Tx) error {
	for _, arn := range []string{"a", "b"} {
		delete(tx.resources, arn)
		want, none := tx.Resource(arn)
		if none != nil && !errors.Is(none, ErrNotFound) {
			return none
		}
		delete(tx.resources, arn)
		text, err := cachedText(tx, arn)
		if (err == nil) != (none == nil) || text != string(want.Data) {
			return fmt.Errorf("%s is %q (%v) in memory, and %q (%v)", arn, text, err, want.Data, none)
		}
		if row, ok := tx.session.row(arn); ok {
			if diff := cmp.Diff(want, row.resource); none == nil && diff != "" {
				return errors.New(arn + ": " + diff)
			}
		}
	}
	return nil
}
