package store

import (
	"testing"
	"time"
)

// TestSecondCloseWaits closes twice at once: both return when the directory is free.
func TestSecondCloseWaits(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	inside, leave := make(chan struct{}), make(chan struct{})
	view := later(func() error {
		return s.View(t.Context(), func(tx *Tx) error { close(inside); <-leave; return nil })
	})
	<-inside
	first, second := later(s.Close), later(s.Close)
	time.Sleep(10 * time.Millisecond)
	select {
	case <-first:
		t.Error("the first returns while a View runs")
	case <-second:
		t.Error("the second returns while a View runs")
	default:
	}
	close(leave)
	for _, done := range []chan error{view, first, second} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	again, err := OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
