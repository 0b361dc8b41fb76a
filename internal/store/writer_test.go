package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// groupOf makes requests as the writer would take them together.
func groupOf(t *testing.T, fns ...func(tx *Tx) error) []*request {
	var group []*request
	for _, fn := range fns {
		group = append(group, &request{ctx: t.Context(), fn: fn, done: make(chan struct{})})
	}
	return group
}

// together runs functions as one group and returns their outcomes.
func together(t *testing.T, s *Store, fns ...func(tx *Tx) error) []error {
	t.Helper()
	group := groupOf(t, fns...)
	s.sqlite().queue.mu.Lock()
	s.sqlite().queue.waiting = append(s.sqlite().queue.waiting, group...)
	s.sqlite().queue.some.Signal()
	s.sqlite().queue.mu.Unlock()
	var outcome []error
	for _, r := range group {
		<-r.done
		outcome = append(outcome, r.err)
	}
	return outcome
}

func put(arn string) func(tx *Tx) error {
	return func(tx *Tx) error { return tx.PutResource(Resource{ARN: arn}) }
}

// stored tells which of the ARNs have a resource.
func stored(t *testing.T, s *Store, arns ...string) string {
	t.Helper()
	var found []string
	err := s.View(t.Context(), func(tx *Tx) error {
		for _, arn := range arns {
			if _, err := tx.Resource(arn); err == nil {
				found = append(found, arn)
			} else if !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(found, " ")
}

func TestGroupUndoesOneAlone(t *testing.T) {
	s := openMemory(t)
	refused := errors.New("refused")
	saw := ""
	outcome := together(t, s,
		put("a"),
		func(tx *Tx) error { return errors.Join(put("b")(tx), refused) },
		func(tx *Tx) error {
			for _, arn := range []string{"a", "b"} {
				if _, err := tx.Resource(arn); err == nil {
					saw += arn
				}
			}
			return put("c")(tx)
		},
		func(tx *Tx) error { panic("d") })
	if outcome[0] != nil || !errors.Is(outcome[1], refused) || outcome[2] != nil || outcome[3] == nil {
		t.Errorf("outcomes: %v", outcome)
	}
	if saw != "a" {
		t.Errorf("the third saw %q of those before it", saw)
	}
	if got := stored(t, s, "a", "b", "c"); got != "a c" {
		t.Errorf("stored: %s", got)
	}
}

// TestGroupRunsTwice has many Updates that write and fail: the group runs once more
// for all of them, not once for each.
func TestGroupRunsTwice(t *testing.T) {
	s := openMemory(t)
	runs := 0
	refused := errors.New("refused")
	var fns []func(*Tx) error
	var want []string
	for i := range 20 {
		arn := fmt.Sprint(i)
		if i%2 == 0 {
			want = append(want, arn)
		}
		fns = append(fns, func(tx *Tx) error {
			runs++
			if err := put(arn)(tx); err != nil || i%2 == 0 {
				return err
			}
			return refused
		})
	}
	for i, err := range together(t, s, fns...) {
		if i%2 == 0 && err != nil || i%2 == 1 && err != refused {
			t.Errorf("outcome %d: %v", i, err)
		}
	}
	// Twenty, after the two that it takes to meet the first that fails.
	if runs != 22 {
		t.Errorf("%d runs", runs)
	}
	if got := stored(t, s, want...); got != strings.Join(want, " ") {
		t.Errorf("stored: %s", got)
	}
	if got := stored(t, s, "1", "3", "19"); got != "" {
		t.Errorf("stored: %s", got)
	}
}

// TestSpoiler has an Update that the engine fails in, and that even makes light
// of it. It fails alone; the others run again, without it.
func TestSpoiler(t *testing.T) {
	for name, spoil := range map[string]func(tx *Tx) error{
		"before a write": func(tx *Tx) error { _, _ = tx.exec(`INSERT INTO nowhere (a) VALUES (1)`); return nil },
		"after a write": func(tx *Tx) error {
			return errors.Join(put("b")(tx), func() error { _, err := tx.exec(`INSERT INTO nowhere (a) VALUES (1)`); return err }())
		},
		"in a read": func(tx *Tx) error { _ = tx.queryOne(nil, `SELECT a FROM nowhere`); return nil },
		// As the engine does on a full disk: it ends the transaction by itself.
		"with the transaction": func(tx *Tx) error {
			err := put("x")(tx)
			tx.sqlite().conn.rollback()
			_ = tx.engineError(errors.New("the disk is full"))
			return errors.Join(err, put("b")(tx)) // would be kept, if it ran
		},
		"with its savepoint": func(tx *Tx) error {
			err := put("b")(tx)
			tx.sqlite().conn.rollback()
			return errors.Join(err, errors.New("refused"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := openMemory(t)
			runs := 0
			outcome := together(t, s, func(tx *Tx) error { runs++; return put("a")(tx) }, spoil, put("c"))
			if outcome[0] != nil || outcome[1] == nil || outcome[2] != nil {
				t.Errorf("outcomes: %v", outcome)
			}
			want := 2
			if name == "with its savepoint" { // which it is given only when it has failed without
				want = 3
			}
			if runs != want {
				t.Errorf("the first ran %d times, want %d", runs, want)
			}
			if got := stored(t, s, "a", "b", "c"); got != "a c" {
				t.Errorf("stored: %s", got)
			}
		})
	}
}

// silent is a context that has ended and tells it only to who asks, so that it
// does not matter whether the writer or the caller is faster.
type silent struct{ context.Context }

func (silent) Done() <-chan struct{} { return nil }

func TestEndedContextIsNotQueued(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := openMemory(t).Update(silent{ctx}, func(*Tx) error { t.Error("it ran"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestLeftOpen has a connection on which a transaction was left open, whyever.
func TestLeftOpen(t *testing.T) {
	s := openMemory(t)
	c, err := s.sqlite().writers.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = c.execScript(`BEGIN; DELETE FROM resources`)
	s.sqlite().writers.put(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), put("a")); err == nil {
		t.Error("an update joined the transaction")
	}
	if err := s.Update(t.Context(), put("b")); err != nil {
		t.Errorf("the next update: %v", err)
	}
	if got := stored(t, s, "a", "b"); got != "b" {
		t.Errorf("stored: %s", got)
	}
}

// TestCommitFails has a constraint that only the commit checks.
func TestCommitFails(t *testing.T) {
	s := openMemory(t)
	c, err := s.sqlite().writers.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = c.execScript(`PRAGMA foreign_keys = ON;
		CREATE TABLE parent (id TEXT PRIMARY KEY);
		CREATE TABLE child (id TEXT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`)
	s.sqlite().writers.put(c)
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	outcome := together(t, s, put("a"),
		func(tx *Tx) error { _, err := tx.exec(`INSERT INTO child (id) VALUES ('orphan')`); return err },
		func(tx *Tx) error { return refused })
	for i, err := range outcome {
		if err == nil || !strings.Contains(err.Error(), "commit") {
			t.Errorf("outcome %d: %v, want that of the commit", i, err)
		}
	}
	if got := stored(t, s, "a"); got != "" {
		t.Errorf("stored: %s", got)
	}
	if err := s.Update(t.Context(), put("b")); err != nil {
		t.Errorf("the next update: %v", err)
	}
}

// TestRememberedReadsCostNothing changes rows behind a transaction's back.
func TestRememberedReadsCostNothing(t *testing.T) {
	s := openMemory(t)
	err := s.Update(t.Context(), func(tx *Tx) error {
		if err := errors.Join(put("a")(tx), tx.PutPolicy(Policy{ARN: "a"})); err != nil {
			return err
		}
		for range 2 {
			policies, err := tx.Policies("a")
			if err != nil || len(policies) != 1 {
				return fmt.Errorf("policies: %v, %v", policies, err)
			}
			if _, err := tx.Resource("a"); err != nil {
				return err
			}
			if _, err := tx.Resource("b"); !errors.Is(err, ErrNotFound) {
				return fmt.Errorf("absent resource: %v", err)
			}
			if err := tx.sqlite().conn.execScript(`DELETE FROM resources; DELETE FROM policies; INSERT INTO resources
				(arn, service, type, account, region, name, data, created_at, updated_at) VALUES ('b', '', '', '', '', '', '', 0, 0)`); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
