package store

import (
	"errors"
	"testing"
)

// TestDerived: what was derived is used until something is committed, by Views only.
func TestDerived(t *testing.T) {
	s := openTemporary(t)
	built := 0
	derive := func(tx *Tx) error {
		_, err := Derived(tx, "count", func() (int, error) {
			built++
			_, err := tx.Resource("a")
			if errors.Is(err, ErrNotFound) {
				err = nil
			}
			return built, err
		})
		return err
	}
	for _, step := range []struct {
		name string
		run  func() error
		want int // how often it was built by then
	}{
		{"the first View", func() error { return s.View(t.Context(), derive) }, 1},
		{"the next View", func() error { return s.View(t.Context(), derive) }, 1},
		{"an Update that reads", func() error { return s.Update(t.Context(), derive) }, 2},
		{"a View after it", func() error { return s.View(t.Context(), derive) }, 2},
		{"a write", func() error {
			return s.Update(t.Context(), func(tx *Tx) error { return tx.InsertResource(Resource{ARN: "b"}) })
		}, 2},
		{"a View after the write", func() error { return s.View(t.Context(), derive) }, 3},
		{"the next one", func() error { return s.View(t.Context(), derive) }, 3},
		{"a View with another type", func() error {
			return s.View(t.Context(), func(tx *Tx) error {
				_, err := Derived(tx, "count", func() (string, error) { built++; return "", nil })
				return err
			})
		}, 4},
	} {
		if err := step.run(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if built != step.want {
			t.Errorf("after %s it was built %d times, want %d", step.name, built, step.want)
		}
	}
}

// TestDerivedDuringCommit: what a View derived while a commit went on is not kept.
func TestDerivedDuringCommit(t *testing.T) {
	s := openTemporary(t)
	value := func() (got string) {
		err := s.View(t.Context(), func(tx *Tx) (err error) {
			got, err = Derived(tx, "name", func() (string, error) {
				name, err := cachedName(tx, "a")
				if name == "none" {
					err = errors.Join(err, s.Update(t.Context(), func(tx *Tx) error { return tx.InsertResource(Resource{ARN: "a", Name: "written"}) }))
				}
				return name, err
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := value(); got != "none" {
		t.Errorf("the View that saw no row derived %q", got)
	}
	if got := value(); got != "written" {
		t.Errorf("after the commit %q is derived", got)
	}
}
