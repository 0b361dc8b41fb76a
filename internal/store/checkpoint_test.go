package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
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

// openLog opens a store that steps in when its log is longer than tooLong.
func openLog(t *testing.T, tooLong int64, patience time.Duration) *Store {
	t.Helper()
	s := openTemporary(t)
	s.sqlite().log.tooLong, s.sqlite().log.patience = tooLong, patience
	return s
}

func TestLogIsBounded(t *testing.T) {
	s := openLog(t, maxLogSize, checkpointTimeout)
	fill(t, s, 30)
	if got := s.sqlite().log.file.size(); got == 0 || got > logSizeLimit+4<<20 {
		t.Errorf("the log has %d MiB", got>>20)
	}
}

// TestLogUnderOneView has a View that reads an old snapshot: it holds the log,
// and holds up nobody.
func TestLogUnderOneView(t *testing.T) {
	s := openLog(t, 4<<20, time.Millisecond)
	fill(t, s, 1)
	err := s.View(t.Context(), func(tx *Tx) error {
		if _, err := tx.Resource("arn/0"); err != nil {
			return err
		}
		fill(t, s, 10)
		if got := s.sqlite().log.file.size(); got < 10<<20 {
			t.Errorf("the log has %d MiB, and should have all of it", got>>20)
		}
		k := &checkpointer{file: s.sqlite().log.file, tooLong: 4 << 20, patience: time.Millisecond}
		if k.checkpoint(s.sqlite()); k.tried != s.sqlite().log.file.size() {
			t.Errorf("an attempt in vain is not remembered: %d", k.tried)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLogUnderManyViews has Views that overlap all the time: the log shrinks
// all the same, and they go on.
func TestLogUnderManyViews(t *testing.T) {
	s := openLog(t, 4<<20, 10*time.Second)
	fill(t, s, 1)
	var stop atomic.Bool
	var views sync.WaitGroup
	for range 2 * readers {
		views.Go(func() {
			for !stop.Load() {
				if err := s.View(t.Context(), func(tx *Tx) error { _, err := tx.Tags("arn/0"); return err }); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	fill(t, s, 12)
	stop.Store(true)
	views.Wait()
	if got := s.sqlite().log.file.size(); got > 10<<20 { // it is written over from its beginning
		t.Errorf("the log has %d MiB", got>>20)
	}
}

// TestLogIsWrittenOver has a View before each Update: what it leaves open does not
// keep the log from beginning anew.
func TestLogIsWrittenOver(t *testing.T) {
	s := openLog(t, maxLogSize, checkpointTimeout)
	most := int64(0)
	for i := range 40 {
		if err := s.View(t.Context(), func(tx *Tx) error { _, err := tx.Tags("arn/0"); return err }); err != nil {
			t.Fatal(err)
		}
		data := bytes.Repeat([]byte{'a' + byte(i%26)}, 1<<20)
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.PutResource(Resource{ARN: "arn/0", Data: data}) }); err != nil {
			t.Fatal(err)
		}
		most = max(most, s.sqlite().log.file.size())
	}
	if most > logSizeLimit+4<<20 {
		t.Errorf("the log had %d MiB", most>>20)
	}
}

// TestLogWithAStranger has another program read the database for a long time: the
// log grows, and nobody waits.
func TestLogWithAStranger(t *testing.T) {
	s := openLog(t, 4<<20, checkpointTimeout)
	fill(t, s, 1)
	db, err := sql.Open("sqlite", fileURI(filepath.Join(s.Path(), dbFile)))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	n := 0
	if err := tx.QueryRow(`SELECT count(*) FROM resources`).Scan(&n); err != nil || n != 1 {
		t.Fatalf("%d resources, %v", n, err)
	}
	began := time.Now()
	fill(t, s, 8)
	if took := time.Since(began); took > 4*time.Second { // busyTimeout is 5
		t.Errorf("eight Updates took %v", took)
	}
}
