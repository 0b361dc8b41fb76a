package store_test

import (
	"testing"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, t.TempDir()) })
}

func TestSQLiteInMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, ":memory:") })
}

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
