package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writdev/writ/internal/store"
)

var errRefused = errors.New("refused")

func testUndone(t *testing.T, s *store.Store) {
	c := counter{"counter"}
	update(t, s, func(tx *store.Tx) error { return c.write(tx, 1) })
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		if err := c.write(tx, 2); err != nil {
			return err
		}
		if n, err := c.read(tx); n != 2 || err != nil {
			return fmt.Errorf("own write: %d, %v", n, err)
		}
		return errRefused
	})
	if err != errRefused {
		t.Errorf("update: %v, want the function's own error", err)
	}
	view(t, s, func(tx *store.Tx) error {
		n, err := c.read(tx)
		return errors.Join(err, equal("counter", n, 1))
	})
	if err := s.View(t.Context(), func(*store.Tx) error { return errRefused }); err != errRefused {
		t.Errorf("view: %v, want the function's own error", err)
	}
}

// testUndoneAlone queues many Updates behind one that holds the writer, so
// that they are committed together, if the engine does that.
func testUndoneAlone(t *testing.T, s *store.Store) {
	const callers = 40
	release := hold(t, s)
	var wg sync.WaitGroup
	outcome := make([]error, callers)
	for i := range callers {
		wg.Go(func() {
			outcome[i] = s.Update(t.Context(), func(tx *store.Tx) error {
				if i%4 == 3 {
					return errRefused // without a write
				}
				if err := (counter{fmt.Sprint("counter/", i)}).write(tx, i); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return errRefused
				case 2:
					panic(errRefused)
				}
				return nil
			})
		})
	}
	runtime.Gosched()
	release()
	wg.Wait()
	view(t, s, func(tx *store.Tx) error {
		for i, err := range outcome {
			_, read := (counter{fmt.Sprint("counter/", i)}).read(tx)
			switch {
			case i%4 == 0 && (err != nil || read != nil):
				t.Errorf("update %d: %v, then read: %v", i, err, read)
			case i%4 != 0 && (!errors.Is(err, errRefused) || !errors.Is(read, store.ErrNotFound)):
				t.Errorf("failed update %d: %v, then read: %v", i, err, read)
			}
		}
		return nil
	})
}

func testPanic(t *testing.T, s *store.Store) {
	c := counter{"counter"}
	for name, run := range map[string]func(context.Context, func(*store.Tx) error) error{"view": s.View, "update": s.Update} {
		err := run(t.Context(), func(tx *store.Tx) error {
			_ = c.write(tx, 1)
			panic("at the disco")
		})
		var p *store.PanicError
		if !errors.As(err, &p) || p.Value != "at the disco" || !strings.Contains(string(p.Stack), "testPanic") {
			t.Errorf("%s: %v, want a PanicError with value and stack", name, err)
		}
		if strings.Contains(err.Error(), "goroutine") {
			t.Errorf("%s: the stack is in the message: %v", name, err)
		}
		if err := run(t.Context(), func(*store.Tx) error { panic(errRefused) }); !errors.Is(err, errRefused) {
			t.Errorf("%s: %v does not unwrap to the error of the panic", name, err)
		}
	}
	view(t, s, func(tx *store.Tx) error {
		if _, err := c.read(tx); !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("what was written before the panic: %v", err)
		}
		return nil
	})
}

// testGoexit has functions that end their goroutine, as a FailNow in a user's
// test does.
func testGoexit(t *testing.T, s *store.Store) {
	release := hold(t, s)
	var wg sync.WaitGroup
	ended := errors.New("its goroutine ended")
	outcome := []error{ended, ended, ended} // as it stays where a function runs on its caller's
	for i := range outcome {
		wg.Go(func() {
			outcome[i] = s.Update(t.Context(), func(tx *store.Tx) error {
				if err := (counter{fmt.Sprint("counter/", i)}).write(tx, i); err != nil {
					return err
				}
				if i == 1 {
					runtime.Goexit()
				}
				return nil
			})
		})
	}
	runtime.Gosched()
	release()
	wg.Wait()
	if outcome[0] != nil || outcome[1] == nil || outcome[2] != nil {
		t.Errorf("outcomes %v, want that only the second failed", outcome)
	}
	for range 10 { // more than an engine has readers
		over := make(chan struct{})
		go func() {
			defer close(over)
			_ = s.View(t.Context(), func(tx *store.Tx) error {
				runtime.Goexit()
				return nil
			})
		}()
		<-over
	}
	view(t, s, func(tx *store.Tx) error {
		if _, err := (counter{"counter/1"}).read(tx); !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("what was written before the exit: %v", err)
		}
		_, err := (counter{"counter/2"}).read(tx)
		return err
	})
}

// writes and reads are the methods of a Tx.
var (
	writes = map[string]func(tx *store.Tx) error{
		"InsertResource":  func(tx *store.Tx) error { return tx.InsertResource(store.Resource{ARN: "new"}) },
		"UpdateResource":  func(tx *store.Tx) error { return tx.UpdateResource(store.Resource{ARN: "a"}) },
		"PutResource":     func(tx *store.Tx) error { return tx.PutResource(store.Resource{ARN: "a"}) },
		"DeleteResource":  func(tx *store.Tx) error { return tx.DeleteResource("a") },
		"PutPolicy":       func(tx *store.Tx) error { return tx.PutPolicy(store.Policy{ARN: "a"}) },
		"DeletePolicy":    func(tx *store.Tx) error { return tx.DeletePolicy("a", "user", "") },
		"SetTags":         func(tx *store.Tx) error { return tx.SetTags("a", map[string]string{"k": "v"}) },
		"DeleteTags":      func(tx *store.Tx) error { return tx.DeleteTags("a", []string{"k"}) },
		"SetReferences":   func(tx *store.Tx) error { return tx.SetReferences("a", []string{"b"}) },
		"PutToken":        func(tx *store.Tx) error { return tx.PutToken(store.Token{}) },
		"PutAccessKey":    func(tx *store.Tx) error { return tx.PutAccessKey(store.AccessKey{ID: "k"}) },
		"DeleteAccessKey": func(tx *store.Tx) error { return tx.DeleteAccessKey("k") },
	}
	reads = map[string]func(tx *store.Tx) error{
		"Resource":     func(tx *store.Tx) error { _, err := tx.Resource("a"); return err },
		"Resources":    func(tx *store.Tx) error { _, err := collect(tx, store.Query{}); return err },
		"Policies":     func(tx *store.Tx) error { _, err := tx.Policies("a"); return err },
		"Tags":         func(tx *store.Tx) error { _, err := tx.Tags("a"); return err },
		"ReferencedBy": func(tx *store.Tx) error { _, err := tx.ReferencedBy("a", 0); return err },
		"Token":        func(tx *store.Tx) error { _, err := tx.Token(store.TokenKey{}); return err },
		"AccessKey":    func(tx *store.Tx) error { _, err := tx.AccessKey("k"); return err },
		"AccessKeysOf": func(tx *store.Tx) error { _, err := tx.AccessKeys("a"); return err },
	}
)

// everyRow writes the rows that writes and reads speak of.
func everyRow(tx *store.Tx) error {
	return errors.Join(
		tx.InsertResource(store.Resource{ARN: "a"}),
		tx.PutPolicy(store.Policy{ARN: "a", Source: "user"}),
		tx.SetTags("a", map[string]string{"k": "v"}),
		tx.SetReferences("b", []string{"a"}),
		tx.PutToken(store.Token{}),
		tx.PutAccessKey(store.AccessKey{ID: "k", Principal: "a"}))
}

func testViewWrites(t *testing.T, s *store.Store) {
	update(t, s, everyRow)
	for name, write := range writes {
		if err := s.View(t.Context(), write); err == nil {
			t.Errorf("%s in a View succeeded", name)
		}
		// A function that makes light of it wrote nothing all the same.
		view(t, s, func(tx *store.Tx) error { _ = write(tx); return nil })
	}
	view(t, s, func(tx *store.Tx) error {
		for name, read := range reads {
			if err := read(tx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := tx.Resource("new")
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("inserted in a View: %v", err)
		}
		return nil
	})
}

func testUseAfter(t *testing.T, s *store.Store) {
	update(t, s, everyRow)
	for name, run := range map[string]func(context.Context, func(*store.Tx) error) error{"view": s.View, "update": s.Update} {
		var kept *store.Tx
		err := run(t.Context(), func(tx *store.Tx) error {
			kept = tx
			for _, read := range reads { // so that it remembers
				if err := read(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for method, use := range reads {
			if use(kept) == nil {
				t.Errorf("%s after the %s succeeded", method, name)
			}
		}
		for method, use := range writes {
			if use(kept) == nil {
				t.Errorf("%s after the %s succeeded", method, name)
			}
		}
	}
}

var errGone = errors.New("the client has gone")

func testCancelledBefore(t *testing.T, s *store.Store) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errGone)
	for name, run := range map[string]func(context.Context, func(*store.Tx) error) error{"view": s.View, "update": s.Update} {
		for range 20 { // it must not be a matter of luck
			ran := false
			err := run(ctx, func(*store.Tx) error { ran = true; return nil })
			if ran || !errors.Is(err, errGone) {
				t.Fatalf("%s: %v, ran %t", name, err, ran)
			}
		}
	}
}

// testCancelledInQueue: where Updates take turns, one that waits for its turn gives up
// with its context, and never runs.
func testCancelledInQueue(t *testing.T, s *store.Store) {
	release := hold(t, s)
	ctx, cancel := context.WithCancelCause(t.Context())
	over := make(chan error)
	ran := false
	go func() {
		over <- s.Update(ctx, func(*store.Tx) error { ran = true; return nil })
	}()
	runtime.Gosched()
	cancel(errGone)
	err := <-over // it does not wait for the writer
	release()
	update(t, s, func(*store.Tx) error { return nil }) // the queue is empty now
	switch {
	case ran && err == nil && s.Engine() != "sqlite": // it had no need to wait
	case ran || !errors.Is(err, errGone):
		t.Errorf("update: %v, ran %t", err, ran)
	}
}

func testCancelledInside(t *testing.T, s *store.Store) {
	c := counter{"counter"}
	update(t, s, func(tx *store.Tx) error { return c.write(tx, 1) })
	for name, run := range map[string]func(context.Context, func(*store.Tx) error) error{"view": s.View, "update": s.Update} {
		ctx, cancel := context.WithCancelCause(t.Context())
		err := run(ctx, func(tx *store.Tx) error {
			if name == "update" {
				if err := c.write(tx, 2); err != nil {
					return err
				}
			}
			cancel(errGone)
			_, err := c.read(tx)
			return err
		})
		if !errors.Is(err, errGone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	view(t, s, func(tx *store.Tx) error {
		n, err := c.read(tx)
		return errors.Join(err, equal("counter", n, 1))
	})

	// After its last statement it is too late: then the outcome counts, and
	// Update waits for it.
	ctx, cancel := context.WithCancelCause(t.Context())
	over := false
	err := s.Update(ctx, func(tx *store.Tx) error {
		err := c.write(tx, 3)
		cancel(errGone)
		time.Sleep(time.Millisecond)
		over = true
		return err
	})
	if err != nil || !over {
		t.Errorf("update: %v, over %t", err, over)
	}
	view(t, s, func(tx *store.Tx) error {
		n, err := c.read(tx)
		return errors.Join(err, equal("counter", n, 3))
	})
}
