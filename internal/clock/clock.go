// Package clock is a clock that tests move: ahead, to a time, or not at all.
package clock

import (
	"errors"
	"sync"
	"time"
)

// Clock tells the time of a server. It runs beside a real clock until it is moved. It is
// safe for concurrent use.
type Clock struct {
	real func() time.Time

	mu     sync.Mutex
	ahead  time.Duration // of the real clock, while it runs
	frozen time.Time     // where it stands still; zero while it runs
}

// New returns a clock that runs with a real one.
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

// Frozen reports whether the clock stands still.
func (c *Clock) Frozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.frozen.IsZero()
}

// Move is a change of a clock. The fields take effect in their order.
type Move struct {
	Set     time.Time     // zero for none
	Advance time.Duration // 0 for none
	Freeze  bool
	Run     bool
}

// The bounds of what a clock shows: times that every AWS API can express.
var (
	first = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)
	last  = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// Errors of Apply.
var (
	ErrNothing = errors.New("nothing to do: want set, advance, freeze or run")
	ErrBoth    = errors.New("freeze and run exclude each other")
	ErrBack    = errors.New("advance is negative; set sets an earlier time")
	ErrRange   = errors.New("the time is not between the years 1970 and 2200")
)

// Apply moves the clock and returns its time, unless check refuses that time.
func (c *Clock) Apply(m Move, check func(time.Time) error) (time.Time, error) {
	switch {
	case m == Move{}:
		return time.Time{}, ErrNothing
	case m.Freeze && m.Run:
		return time.Time{}, ErrBoth
	case m.Advance < 0:
		return time.Time{}, ErrBack
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
