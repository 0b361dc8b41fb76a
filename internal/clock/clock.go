// Package clock is a server clock that tests can set, advance and freeze.
package clock

import (
	"errors"
	"sync"
	"time"
)

// Clock is the time of a server. It follows a real clock with an offset until it is
// frozen. It is safe for concurrent use.
type Clock struct {
	real func() time.Time

	mu     sync.Mutex
	ahead  time.Duration // offset from the real clock while it runs
	frozen time.Time     // the time of a frozen clock; zero while it runs
}

// New returns a clock that follows a real one.
func New(real func() time.Time) *Clock { return &Clock{real: real} }

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return c.real().Add(c.ahead)
}

// Frozen reports whether the clock is frozen.
func (c *Clock) Frozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.frozen.IsZero()
}

// Move is a change of a clock. The fields are applied in their order.
type Move struct {
	Set     time.Time     // zero for none
	Advance time.Duration // 0 for none
	Freeze  bool
	Run     bool
}

// The range of times: those that every AWS API can express.
var (
	first = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)
	last  = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// Errors of Apply.
var (
	ErrEmpty    = errors.New("nothing to do: want set, advance, freeze or run")
	ErrConflict = errors.New("freeze and run exclude each other")
	ErrNegative = errors.New("advance is negative; set sets an earlier time")
	ErrRange    = errors.New("the time is not between the years 1970 and 2200")
)

// Apply moves the clock and returns its new time, unless check returns an error for that
// time.
func (c *Clock) Apply(m Move, check func(time.Time) error) (time.Time, error) {
	switch {
	case m == Move{}:
		return time.Time{}, ErrEmpty
	case m.Freeze && m.Run:
		return time.Time{}, ErrConflict
	case m.Advance < 0:
		return time.Time{}, ErrNegative
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	to := c.now()
	if !m.Set.IsZero() {
		to = m.Set
	}
	to = to.Add(m.Advance)
	if to.Before(first) || !to.Before(last) {
		return time.Time{}, ErrRange
	}
	if err := check(to); err != nil {
		return time.Time{}, err
	}
	still := m.Freeze || !m.Run && !c.frozen.IsZero()
	c.frozen, c.ahead = time.Time{}, to.Sub(c.real())
	if still {
		c.frozen = to
	}
	return to, nil
}
