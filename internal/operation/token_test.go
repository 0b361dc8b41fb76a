package operation_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// TestTokenLife: a client token is remembered for a day, and then as good as new.
func TestTokenLife(t *testing.T) {
	w := newWorld(t)
	type input struct{ Name string }
	made := 0
	once := func(after time.Duration, token, name string) (got int, err error) {
		err = w.as(alice, func(c *operation.Call) error {
			c.Now = c.Now.Add(after)
			out, err := operation.Once(c, "test:Make", token, &input{name}, func() (*int, error) {
				made++
				return new(made), nil
			})
			if err == nil {
				got = *out
			}
			return err
		})
		return got, err
	}
	const life = operation.TokenLife
	for _, step := range []struct {
		after time.Duration
		name  string
		want  int // 0 for ErrTokenMismatch
	}{
		{0, "a", 1}, {0, "a", 1}, {0, "b", 0}, {life - 1, "a", 1}, {life - 1, "b", 0},
		{life, "b", 2}, {life, "a", 0}, {2*life - 1, "b", 2}, {2 * life, "b", 3},
	} {
		got, err := once(step.after, "token", step.name)
		if (step.want == 0) != errors.Is(err, operation.ErrTokenMismatch) || got != step.want {
			t.Errorf("%s after %v: %d, %v; want %d", step.name, step.after, got, err, step.want)
		}
	}

	// Those that have expired do not stay.
	for i := range 2000 {
		if _, err := once(0, "old", fmt.Sprint(i)); err != nil && !errors.Is(err, operation.ErrTokenMismatch) {
			t.Fatal(err)
		}
		if _, err := once(4*life, fmt.Sprint(i), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	err := w.as(alice, func(c *operation.Call) error {
		_, err := c.Tx.Token(store.TokenKey{Account: alice, Region: "us-east-1", Operation: "test:Make", Token: "token"})
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a token that expired long ago is still stored: %v", err)
	}
}
