package clock

import (
	"errors"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	real := time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)
	c := New(func() time.Time { return real })
	any := func(time.Time) error { return nil }
	refused := errors.New("refused")
	set := time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		name   string
		move   Move
		check  func(time.Time) error
		err    error
		passes time.Duration // of real time, after the move
		want   time.Time
	}{
		{"advance", Move{Advance: time.Hour}, any, nil, time.Minute, real.Add(time.Hour + time.Minute)},
		{"set", Move{Set: set}, any, nil, time.Minute, set.Add(time.Minute)},
		{"freeze", Move{Freeze: true}, any, nil, time.Hour, set.Add(time.Minute)},
		{"advance what is frozen", Move{Advance: time.Hour}, any, nil, time.Hour, set.Add(time.Hour + time.Minute)},
		{"run", Move{Run: true}, any, nil, time.Minute, set.Add(time.Hour + 2*time.Minute)},
		{"set and freeze", Move{Set: set, Advance: time.Second, Freeze: true}, any, nil, time.Hour, set.Add(time.Second)},
		{"nothing", Move{}, any, ErrEmpty, 0, set.Add(time.Second)},
		{"freeze and run", Move{Freeze: true, Run: true}, any, ErrConflict, 0, set.Add(time.Second)},
		{"back", Move{Advance: -1}, any, ErrNegative, 0, set.Add(time.Second)},
		{"too late", Move{Set: last}, any, ErrRange, 0, set.Add(time.Second)},
		{"too early", Move{Set: first.Add(-1)}, any, ErrRange, 0, set.Add(time.Second)},
		{"refused", Move{Set: real}, func(time.Time) error { return refused }, refused, 0, set.Add(time.Second)},
	} {
		if _, err := c.Apply(step.move, step.check); !errors.Is(err, step.err) {
			t.Errorf("%s: %v, want %v", step.name, err, step.err)
		}
		real = real.Add(step.passes)
		if got := c.Now(); !got.Equal(step.want) {
			t.Errorf("after %s it is %v, want %v", step.name, got, step.want)
		}
	}
	if !c.Frozen() {
		t.Error("the clock runs")
	}
}
