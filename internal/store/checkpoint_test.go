package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// fill writes n MiB to a few resources, never what is there already: SQLite
// would not write that.
func fill(t *testing.T, s *Store, n int) {
	t.Helper()
	for i := range n {
		data := bytes.Repeat([]byte{'a' + byte(i%26)}, 1<<20)
		err := s.Update(t.Context(), func(tx *Tx) error {
			return tx.PutResource(Resource{ARN: fmt.Sprint("arn/", i%5), Data: data})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// The log is tended after the answer: one more answer, and it has been.
	if err := s.Update(t.Context(), func(*Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestLogIsBounded(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	length := func() int64 {
		return (&logKeeper{path: filepath.Join(dir, "writ.db-wal")}).size()
	}
	fill(t, s, 50)
	if got := length(); got == 0 || got > logKept+4<<20 {
		t.Errorf("with nobody reading the log has %d MiB", got>>20)
	}

	// A View that reads an old snapshot holds the log, and holds up nobody.
	err = s.View(t.Context(), func(tx *Tx) error {
		if _, err := tx.Resource("arn/0"); err != nil {
			return err
		}
		fill(t, s, 50)
		if got := length(); got < logTooLong {
			t.Errorf("under a View the log has %d MiB, and should have all of it", got>>20)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	// Views that overlap without end let it shrink all the same.
	stop, over := make(chan struct{}), make(chan error, 1)
	go func() { over <- overlap(t, s, stop) }()
	fill(t, s, 50)
	close(stop)
	if err := <-over; err != nil {
		t.Error(err)
	}
	if got := length(); got > logTooLong+4<<20 {
		t.Errorf("after overlapping Views the log has %d MiB", got>>20)
	}
}

// overlap runs Views, each of which begins while the one before still runs.
func overlap(t *testing.T, s *Store, stop <-chan struct{}) error {
	last := make(chan error, 1)
	last <- nil
	release := func() {}
	defer func() { release() }()
	for {
		select {
		case <-stop:
			release()
			release = func() {}
			return <-last
		default:
		}
		began, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- s.View(t.Context(), func(tx *Tx) error {
				_, err := tx.Resource("arn/0")
				close(began)
				<-end
				return err
			})
		}()
		<-began
		time.Sleep(2 * time.Millisecond) // long beside the moment between a commit and SQLite's own attempt
		release()
		if err := <-last; err != nil {
			close(end)
			<-ended
			return err
		}
		release, last = func() { close(end) }, ended
	}
}
