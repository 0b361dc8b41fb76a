package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/writdev/writ/internal/store"
)

// testIsolation keeps two rows equal, with Updates that write them one after
// the other and Views that look.
func testIsolation(t *testing.T, s *store.Store) {
	left, right := counter{"left"}, counter{"right"}
	set := func(n int) func(tx *store.Tx) error {
		return func(tx *store.Tx) error { return errors.Join(left.write(tx, n), right.write(tx, n)) }
	}
	update(t, s, set(0))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			last := 0
			for {
				err := s.View(t.Context(), func(tx *store.Tx) error {
					l, err1 := left.read(tx)
					runtime.Gosched()
					r, err2 := right.read(tx)
					if err := errors.Join(err1, err2); err != nil {
						return err
					}
					if l != r || l < last {
						return fmt.Errorf("left %d, right %d, before %d", l, r, last)
					}
					last = l
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for n := range 150 {
		update(t, s, set(n+1))
		if n%3 == 0 {
			err := s.Update(t.Context(), func(tx *store.Tx) error { return errors.Join(left.write(tx, -1), errRefused) })
			if !errors.Is(err, errRefused) {
				t.Error(err)
			}
		}
	}
	close(stop)
	readers.Wait()
}

// testSnapshot walks a list over several pages while others delete from it.
func testSnapshot(t *testing.T, s *store.Store) {
	const rows = 700
	update(t, s, func(tx *store.Tx) error {
		for i := range rows {
			if err := tx.InsertResource(store.Resource{ARN: fmt.Sprintf("row/%04d", i), Service: "test"}); err != nil {
				return err
			}
		}
		return nil
	})
	deleted := make(chan error, 1)
	view(t, s, func(tx *store.Tx) error {
		n := 0
		for _, err := range tx.Resources(store.Query{Service: "test"}) {
			if err != nil {
				return err
			}
			if n++; n == 1 {
				go func() {
					deleted <- s.Update(t.Context(), func(tx *store.Tx) error {
						for i := range rows {
							if err := tx.DeleteResource(fmt.Sprintf("row/%04d", i)); err != nil {
								return err
							}
						}
						return nil
					})
				}()
			}
			runtime.Gosched()
		}
		return equal("rows in the snapshot", n, rows)
	})
	if err := <-deleted; err != nil {
		t.Error(err)
	}
	view(t, s, func(tx *store.Tx) error {
		left, err := collect(tx, store.Query{})
		return errors.Join(err, equal("rows left", len(left), 0))
	})
}

func testIncrements(t *testing.T, s *store.Store) {
	const callers, each = 8, 25
	c := counter{"counter"}
	update(t, s, func(tx *store.Tx) error { return c.write(tx, 0) })
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range each {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					n, err := c.read(tx)
					if err != nil {
						return err
					}
					return c.write(tx, n+1)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	view(t, s, func(tx *store.Tx) error {
		n, err := c.read(tx)
		return errors.Join(err, equal("counter", n, callers*each))
	})
}

func testReset(t *testing.T, s *store.Store) {
	update(t, s, everyRow)
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	view(t, s, func(tx *store.Tx) error {
		for _, name := range []string{"Resource", "Token", "AccessKey"} {
			if err := reads[name](tx); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		list, err1 := collect(tx, store.Query{})
		policies, err2 := tx.Policies("a")
		tags, err3 := tx.Tags("a")
		references, err4 := tx.ReferencedBy("a", 0)
		keys, err5 := tx.AccessKeys("a")
		return errors.Join(err1, err2, err3, err4, err5,
			equal("rows", []int{len(list), len(policies), len(tags), len(references), len(keys)}, []int{0, 0, 0, 0, 0}))
	})
	update(t, s, everyRow)
}

func testClose(t *testing.T, s *store.Store) {
	// What is in the queue when the store closes is done or refused, not lost.
	release := hold(t, s)
	c := counter{"counter"}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if err := s.Update(context.Background(), func(tx *store.Tx) error { return c.write(tx, 1) }); err != nil && !errors.Is(err, store.ErrClosed) {
				t.Error(err)
			}
		})
	}
	closed := make(chan error, 2)
	for range 2 {
		go func() { closed <- s.Close() }()
	}
	runtime.Gosched()
	release()
	wg.Wait()
	for range 2 {
		if err := <-closed; err != nil {
			t.Error(err)
		}
	}
	for name, run := range map[string]func(context.Context, func(*store.Tx) error) error{"view": s.View, "update": s.Update} {
		if err := run(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}
