package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Timer is work that is due at a time: what that is, the service of the resource knows.
type Timer struct {
	ARN string
	Due time.Time
}

// SetTimer sets the one timer of a resource. DeleteResource leaves it.
func (tx *Tx) SetTimer(t Timer) error {
	due := toMicros(t.Due)
	err := tx.write(`INSERT INTO timers (arn, due_at) VALUES ($1, $2) ON CONFLICT (arn) DO UPDATE SET due_at = excluded.due_at`, t.ARN, due)
	if err != nil {
		return fmt.Errorf("set timer of %s: %w", t.ARN, err)
	}
	if tx.firstTimer == 0 || due < tx.firstTimer {
		tx.firstTimer = due
	}
	return nil
}

// DeleteTimer deletes the timer of a resource, if it has one.
func (tx *Tx) DeleteTimer(arn string) error {
	if err := tx.write(`DELETE FROM timers WHERE arn = $1`, arn); err != nil {
		return fmt.Errorf("delete timer of %s: %w", arn, err)
	}
	return nil
}

// FirstTimer reads the timer that is due first; ErrNotFound if there is none.
func (tx *Tx) FirstTimer() (t Timer, err error) {
	var due int64
	if err := tx.queryOne([]any{&t.ARN, &due}, `SELECT arn, due_at FROM timers ORDER BY due_at, arn LIMIT 1`); err != nil {
		return t, fmt.Errorf("read the first timer: %w", err)
	}
	t.Due = fromMicros(due)
	return t, nil
}

// IsDue reports whether a timer is due at now. It is for every request: it reads only where
// one may be due. Of a state that other processes have open, too, what they set is seen
// after a second.
func (s *Store) IsDue(ctx context.Context, now time.Time) (bool, error) {
	bound := &s.counts.timers
	seen, may := bound.mayBeDue(toMicros(now), s.Shared())
	if !may {
		return false, nil
	}
	first := int64(math.MaxInt64)
	err := s.View(ctx, func(tx *Tx) error {
		t, err := tx.FirstTimer()
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err == nil {
			first = toMicros(t.Due)
		}
		return err
	})
	if err != nil {
		return false, err
	}
	bound.settle(seen, first)
	return first <= toMicros(now), nil
}

// timerBound remembers a time before which no timer is due, as far as this process knows.
// The zero value knows nothing.
type timerBound struct {
	at     atomic.Int64 // unix microseconds
	looked atomic.Int64 // the machine's time of the last settle, in unix nanoseconds

	mu      sync.Mutex
	version uint64 // of the timers that were set
}

// lookAgain is how long a look holds where other processes set timers, too.
const lookAgain = time.Second

// mayBeDue reports whether a timer may be due, and the version that is to be given to settle.
func (b *timerBound) mayBeDue(now int64, shared bool) (version uint64, may bool) {
	fresh := !shared || time.Now().UnixNano()-b.looked.Load() < int64(lookAgain)
	if now < b.at.Load() && fresh {
		return 0, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.version, true
}

// set notes that a timer was set, after the transaction that did.
func (b *timerBound) set(due int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	b.at.Store(min(b.at.Load(), due))
}

// settle notes when the first timer is due, unless one was set since version.
func (b *timerBound) settle(version uint64, first int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if version == b.version {
		b.at.Store(first)
		b.looked.Store(time.Now().UnixNano())
	}
}
