package store

import (
	"errors"
	"sync"
	"testing"
)

// keptName reads the name of a row as the gate would.
func keptName(tx *Tx, arn string) (string, error) {
	r, err := tx.KeptResource(arn)
	if errors.Is(err, ErrNotFound) {
		return "none", nil
	}
	return r.Name, err
}

func openKept(t *testing.T) *Store {
	t.Helper()
	s, err := OpenSQLite(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *Store) wantKept(t *testing.T, arn, want string) {
	t.Helper()
	err := s.View(t.Context(), func(tx *Tx) error {
		got, err := keptName(tx, arn)
		if err == nil && got != want {
			t.Errorf("%s is %s, want %s", arn, got, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestKeptFollowsWrites writes in every way there is; the next read sees it.
func TestKeptFollowsWrites(t *testing.T) {
	s := openKept(t)
	update := func(fn func(*Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	s.wantKept(t, "a", "none")
	update(func(tx *Tx) error { return tx.InsertResource(Resource{ARN: "a", Name: "inserted"}) })
	s.wantKept(t, "a", "inserted")
	update(func(tx *Tx) error { return tx.UpdateResource(Resource{ARN: "a", Name: "updated"}) })
	s.wantKept(t, "a", "updated")
	update(func(tx *Tx) error { return tx.PutResource(Resource{ARN: "a", Name: "put"}) })
	s.wantKept(t, "a", "put")
	update(func(tx *Tx) error { return tx.DeleteResource("a") })
	s.wantKept(t, "a", "none")
	update(func(tx *Tx) error { return tx.PutResource(Resource{ARN: "a", Name: "again"}) })
	s.wantKept(t, "a", "again")
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantKept(t, "a", "none")
}

// TestKeptInsideUpdate reads its own writes, and those of an Update before it
// in the same group, kept or not.
func TestKeptInsideUpdate(t *testing.T) {
	s := openKept(t)
	s.wantKept(t, "a", "none")
	err := s.Update(t.Context(), func(tx *Tx) error {
		if err := tx.PutResource(Resource{ARN: "a", Name: "mine"}); err != nil {
			return err
		}
		if got, err := keptName(tx, "a"); got != "mine" {
			t.Errorf("its own write reads %s, %v", got, err)
		}
		return errors.New("undo")
	})
	if err == nil || err.Error() != "undo" {
		t.Fatal(err)
	}
	s.wantKept(t, "a", "none")
}

// TestKeptIsOneSnapshot has two rows that are always written together, and many
// readers: none sees one of them newer than the other.
func TestKeptIsOneSnapshot(t *testing.T) {
	s := openKept(t)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := s.View(t.Context(), func(tx *Tx) error {
					a, err := keptName(tx, "a")
					if err != nil {
						return err
					}
					b, err := tx.Resource("b") // never from memory
					if errors.Is(err, ErrNotFound) {
						b.Name, err = "none", nil
					}
					if a != b.Name {
						t.Errorf("a is %s where b is %s", a, b.Name)
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 80 {
		name := string(rune('A' + i%26))
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.PutResource(Resource{ARN: "a", Name: name}); err != nil {
				return err
			}
			return tx.PutResource(Resource{ARN: "b", Name: name})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	readers.Wait()
}

// TestKeptNeedsASnapshot has a View whose connection has no snapshot yet when it
// reads a kept row, and an Update between that read and the next.
func TestKeptNeedsASnapshot(t *testing.T) {
	s := openKept(t)
	put := func(name string) error {
		return s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.PutResource(Resource{ARN: "a", Name: name}); err != nil {
				return err
			}
			return tx.PutResource(Resource{ARN: "b", Name: name})
		})
	}
	if err := put("old"); err != nil {
		t.Fatal(err)
	}
	s.wantKept(t, "a", "old")
	err := s.View(t.Context(), func(*Tx) error { // takes the connection with the snapshot
		return s.View(t.Context(), func(tx *Tx) error {
			a, err := keptName(tx, "a")
			if err != nil {
				return err
			}
			if err := put("new"); err != nil {
				return err
			}
			b, err := tx.Resource("b")
			if a != b.Name {
				t.Errorf("a is %s where b is %s", a, b.Name)
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestKeptValue makes a value of a row once, and again after the row was written;
// an Update that wrote it sees its own.
func TestKeptValue(t *testing.T) {
	s := openKept(t)
	made := 0
	value := func(tx *Tx) (*string, error) {
		return Kept(tx, "a", func(r Resource) (*string, error) { made++; return &r.Name, nil })
	}
	want := func(name string, times int) {
		t.Helper()
		err := s.View(t.Context(), func(tx *Tx) error {
			for range 2 {
				if got, err := value(tx); err != nil || *got != name {
					t.Errorf("got %v, %v; want %s", got, err, name)
				}
			}
			return nil
		})
		if err != nil || made != times {
			t.Errorf("%v; made %d times, want %d", err, made, times)
		}
	}
	put := func(name string) {
		t.Helper()
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.PutResource(Resource{ARN: "a", Name: name}); err != nil {
				return err
			}
			got, err := value(tx)
			if err == nil && *got != name {
				t.Errorf("an Update that wrote %s reads %s", name, *got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("one") // made 1
	want("one", 2)
	want("one", 2)
	put("two") // made 3
	want("two", 4)
}

// TestKeptIsBounded reads more rows than are kept.
func TestKeptIsBounded(t *testing.T) {
	s := openKept(t)
	for i := range keptRows + 100 {
		s.wantKept(t, "arn/"+string(rune(i+1000)), "none")
	}
	if n := len(s.kept.rows); n != keptRows {
		t.Errorf("%d rows are kept, want %d", n, keptRows)
	}
}
