package store

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// slowDisk makes every flush of the store wait for a word, and tells of each
// that begins.
func slowDisk(s *Store) (began chan struct{}, goOn chan error) {
	began, goOn = make(chan struct{}), make(chan error)
	s.sqlite().flusher.flush = func() error {
		began <- struct{}{}
		return <-goOn
	}
	return began, goOn
}

// later runs a function and tells when it has returned.
func later(fn func() error) chan error {
	done := make(chan error, 1)
	go func() { done <- fn() }()
	return done
}

// stays fails if done is told within a moment.
func stays(t *testing.T, what string, done chan error) {
	t.Helper()
	select {
	case err := <-done:
		t.Errorf("%s is answered (%v) before its commit is durable", what, err)
	case <-time.After(30 * time.Millisecond):
	}
}

// TestNobodyIsToldBeforeTheDisk holds a flush back: neither who wrote nor who
// read it is answered, while who could not see it is.
func TestNobodyIsToldBeforeTheDisk(t *testing.T) {
	s := openTemporary(t)
	if err := s.Update(t.Context(), put("old")); err != nil {
		t.Fatal(err)
	}
	read := func(arn string) func() error {
		return func() error {
			return s.View(t.Context(), func(tx *Tx) error { _, err := tx.Resource(arn); return err })
		}
	}
	began, goOn := slowDisk(s)

	// A View that has its snapshot from before.
	inside, leave := make(chan struct{}), make(chan struct{})
	before := later(func() error {
		return s.View(t.Context(), func(tx *Tx) error {
			if _, err := tx.Resource("old"); err != nil {
				return err
			}
			close(inside)
			<-leave
			if _, err := tx.Resource("new"); !errors.Is(err, ErrNotFound) {
				t.Errorf("an older snapshot has what was written since: %v", err)
			}
			return nil
		})
	})
	<-inside
	writer := later(func() error { return s.Update(t.Context(), put("new")) })
	<-began
	close(leave)
	if err := <-before; err != nil {
		t.Error(err)
	}
	reader := later(read("new"))
	refused := errors.New("refused")
	failing := later(func() error {
		return s.Update(t.Context(), func(tx *Tx) error {
			if _, err := tx.Resource("new"); err != nil {
				return err
			}
			return refused
		})
	})
	stays(t, "the Update", writer)
	stays(t, "a View that saw it", reader)
	stays(t, "an Update that saw it and failed", failing)
	goOn <- nil
	for _, done := range []chan error{writer, reader} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := <-failing; err != refused {
		t.Error(err)
	}
	if err := read("new")(); err != nil { // nothing more to flush
		t.Error(err)
	}
}

// TestFlushesAreShared has many Updates come while a flush is under way: they
// run, but do not commit, and share the next.
func TestFlushesAreShared(t *testing.T) {
	s := openTemporary(t)
	began, goOn := slowDisk(s)
	first := later(func() error { return s.Update(t.Context(), put("first")) })
	<-began
	var running atomic.Int32
	var others []chan error
	for i := range groupSize + 1 { // more than one group
		others = append(others, later(func() error {
			return s.Update(t.Context(), func(tx *Tx) error { running.Add(1); return put(strconv.Itoa(i))(tx) })
		}))
	}
	for running.Load() < groupSize {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(30 * time.Millisecond)
	if n := s.sqlite().commits.Load(); n != 1 {
		t.Errorf("%d commits while the first is not durable", n)
	}
	goOn <- nil
	if err := <-first; err != nil {
		t.Error(err)
	}
	for range 2 {
		<-began
		goOn <- nil
	}
	for _, done := range others {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestDiskFails: who was waiting gets the error, and so does everybody after
// that; opened anew, the store has what the disk has.
func TestDiskFails(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), put("kept")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("input/output error")
	flush := s.sqlite().flusher.flush
	s.sqlite().flusher.flush = func() error { return broken }
	if err := s.Update(t.Context(), put("a")); !errors.Is(err, broken) {
		t.Errorf("the Update: %v", err)
	}
	s.sqlite().flusher.flush = flush // which may well say that all is fine
	for range 2 {
		if err := s.Update(t.Context(), put("b")); !errors.Is(err, broken) {
			t.Errorf("a later Update: %v", err)
		}
		err := s.View(t.Context(), func(tx *Tx) error { _, err := tx.Resource("kept"); return err })
		if !errors.Is(err, broken) {
			t.Errorf("a later View: %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s, err = OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := stored(t, s, "kept", "b"); got != "kept" {
		t.Errorf("stored: %s", got)
	}
	if err := s.Update(t.Context(), put("b")); err != nil {
		t.Error(err)
	}
}

// TestNobodyIsToldOfWhatIsLost has Updates that write nothing see a commit whose
// flush fails, under way or over.
func TestNobodyIsToldOfWhatIsLost(t *testing.T) {
	s := openTemporary(t)
	broken, exists := errors.New("input/output error"), errors.New("exists")
	sees := func(tx *Tx) error {
		_, err := tx.Resource("a")
		return err
	}
	refuses := func(tx *Tx) error {
		if _, err := tx.Resource("a"); err == nil {
			return exists
		}
		return nil
	}
	began, goOn := slowDisk(s)
	writer := later(func() error { return s.Update(t.Context(), put("a")) })
	<-began
	var others []chan error
	for _, fn := range []func(*Tx) error{sees, refuses} {
		others = append(others, later(func() error { return s.Update(t.Context(), fn) }))
	}
	time.Sleep(10 * time.Millisecond) // for them to run meanwhile
	goOn <- broken
	for _, done := range append(others, writer) {
		if err := <-done; !errors.Is(err, broken) {
			t.Errorf("during the flush: %v", err)
		}
	}
	for _, fn := range []func(*Tx) error{sees, refuses, put("b")} {
		if err := s.Update(t.Context(), fn); !errors.Is(err, broken) {
			t.Errorf("after it: %v", err)
		}
	}
}

// TestSpoilerIsNotToldBeforeTheDisk has an Update that breaks its transaction give
// what is not durable yet as its reason.
func TestSpoilerIsNotToldBeforeTheDisk(t *testing.T) {
	s := openTemporary(t)
	began, goOn := slowDisk(s)
	writer := later(func() error { return s.Update(t.Context(), put("a")) })
	<-began
	spoiler := later(func() error {
		return s.Update(t.Context(), func(tx *Tx) error {
			_, err := tx.Resource("a")
			_, _ = tx.exec(`INSERT INTO nowhere (a) VALUES (1)`)
			return err
		})
	})
	stays(t, "a spoiler that saw it", spoiler)
	goOn <- nil
	if err := <-writer; err != nil {
		t.Error(err)
	}
	if !t.Failed() && <-spoiler == nil {
		t.Error("the spoiler passes")
	}
}

// TestLeftLogIsAdopted opens what a process has left that died between a commit and
// its flush: before anybody reads it, it is in the database and on the disk.
func TestLeftLogIsAdopted(t *testing.T) {
	s := openTemporary(t)
	s.sqlite().flusher.flush = func() error { return nil }
	if err := s.Update(t.Context(), put("a")); err != nil {
		t.Fatal(err)
	}
	left := t.TempDir()
	for _, name := range []string{dbFile, dbFile + "-wal"} {
		text, err := os.ReadFile(filepath.Join(s.Path(), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(left, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	next, err := OpenSQLite(left)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if n := next.sqlite().log.file.size(); n != 0 {
		t.Errorf("the log still has %d bytes", n)
	}
	if got := stored(t, next, "a"); got != "a" {
		t.Errorf("stored: %q", got)
	}
}
