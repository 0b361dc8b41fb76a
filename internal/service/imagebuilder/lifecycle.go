package imagebuilder

import "time"

// Lifecycle says how fast images are built.
type Lifecycle uint8

const (
	Instant   Lifecycle = iota // an image is available as soon as it is made
	Realistic                  // an image takes minutes, state by state
)

// stages are the states of a realistic build and how long after its creation
// each begins.
var stages = []struct {
	after  time.Duration
	status ImageStatus
}{
	{0, ImageStatusPending},
	{5 * time.Second, ImageStatusCreating},
	{30 * time.Second, ImageStatusBuilding},
	{2 * time.Minute, ImageStatusTesting},
	{3 * time.Minute, ImageStatusDistributing},
	{4 * time.Minute, ImageStatusIntegrating},
	{4*time.Minute + 30*time.Second, ImageStatusAvailable},
}

// status is the state at an instant of an image that was created, and if
// cancelled is not zero, cancelled.
func (l Lifecycle) status(created, cancelled, now time.Time) ImageStatus {
	if !cancelled.IsZero() {
		return ImageStatusCancelled
	}
	if l == Instant {
		return ImageStatusAvailable
	}
	status := ImageStatusPending
	for _, stage := range stages {
		if now.Sub(created) >= stage.after {
			status = stage.status
		}
	}
	return status
}

// building reports whether an image in this state is still being made.
func (s ImageStatus) building() bool {
	return s != ImageStatusAvailable && s != ImageStatusCancelled
}
