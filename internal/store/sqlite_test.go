package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, t.TempDir()) })
}

func TestSQLiteInMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, ":memory:") })
}

// TestSQLiteSuspended runs the suite on a state that another one suspends all the time.
func TestSQLiteSuspended(t *testing.T) {
	empty := open(t, ":memory:")
	image, err := empty.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, empty)
	storetest.Run(t, func(t *testing.T) *store.Store {
		images := store.NewImages(0)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for t.Context().Err() == nil {
				other := images.Open(image)
				if err := errors.Join(other.Ready(context.Background()), other.Close()); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Millisecond)
			}
		}()
		t.Cleanup(func() { <-ended })
		return images.Open(image)
	})
}

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
