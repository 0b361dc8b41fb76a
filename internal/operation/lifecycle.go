package operation

import "time"

// Lifecycle says how fast resources change their states. A state is not stored: it is
// a function of stored times and of the clock.
type Lifecycle uint8

const (
	Instant   Lifecycle = iota // work is done as soon as it starts
	Realistic                  // work takes minutes, state by state
)

// Stage is a state of work and how long after its start the work enters it.
type Stage[S any] struct {
	After  time.Duration
	Status S
}

// StatusAt is the state at now of work that started at began. Stages are in the order of
// their times; the last is the final state.
func StatusAt[S any](l Lifecycle, stages []Stage[S], began, now time.Time) S {
	if l == Instant {
		return stages[len(stages)-1].Status
	}
	status := stages[0].Status
	for _, stage := range stages {
		if now.Sub(began) >= stage.After {
			status = stage.Status
		}
	}
	return status
}
