package store

import (
	"errors"
	"maps"
	"testing"
)

// TestCachedTagsFollowWrites reads tags with Attached after each kind of write, from the
// database and from memory, and inside the Update that writes.
func TestCachedTagsFollowWrites(t *testing.T) {
	s := openTemporary(t)
	read := func(tx *Tx, want map[string]string) {
		t.Helper()
		resource, principal, err := tx.Attached("", "a", "other").Tags()
		if err != nil || !maps.Equal(resource, want) || len(principal) > 0 {
			t.Errorf("tags are %v and %v, %v; want %v and none", resource, principal, err, want)
		}
	}
	want := func(tags map[string]string) {
		t.Helper()
		for range 3 {
			if err := s.View(t.Context(), func(tx *Tx) error { read(tx, tags); return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	update := func(fn func(*Tx) error, tags map[string]string) {
		t.Helper()
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := fn(tx); err != nil {
				return err
			}
			read(tx, tags)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want(tags)
	}
	set := func(key, value string) func(*Tx) error {
		return func(tx *Tx) error { return tx.SetTags("a", map[string]string{key: value}) }
	}
	want(nil)
	update(set("k", "1"), map[string]string{"k": "1"})
	update(set("l", "2"), map[string]string{"k": "1", "l": "2"})
	update(set("k", "3"), map[string]string{"k": "3", "l": "2"})
	update(func(tx *Tx) error { return tx.DeleteTags("a", []string{"k"}) }, map[string]string{"l": "2"})
	update(func(tx *Tx) error {
		return errors.Join(tx.PutResource(Resource{ARN: "a"}), tx.DeleteResource("a"))
	}, nil)
	update(set("k", "again"), map[string]string{"k": "again"})
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(nil)
}

// TestCachedTagsCostNoQuery reads the same tags twice: the second time needs no statement
// of its own.
func TestCachedTagsCostNoQuery(t *testing.T) {
	s := openTemporary(t)
	queries := func() uint64 {
		before := s.Statements().Queries
		err := s.View(t.Context(), func(tx *Tx) error {
			if _, err := tx.Resource("row"); !errors.Is(err, ErrNotFound) { // begins the snapshot
				return err
			}
			_, _, err := tx.Attached("", "a", "b").Tags()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return s.Statements().Queries - before
	}
	if first, second := queries(), queries(); first != 2 || second != 1 {
		t.Errorf("reading tags twice took %d and %d queries, want 2 and 1", first, second)
	}
}

// TestCachedTagsAreTheCallersOwn changes the tags that Tags returned.
func TestCachedTagsAreTheCallersOwn(t *testing.T) {
	s := openTemporary(t)
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetTags("a", map[string]string{"k": "right"}) }); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		err := s.View(t.Context(), func(tx *Tx) error {
			_, _, _ = tx.Attached("", "a", "").Tags()
			tags, err := tx.Tags("a")
			if tags["k"] != "right" {
				t.Errorf("tags are %v", tags)
			}
			tags["k"] = "wrong"
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
