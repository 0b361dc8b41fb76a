package imagebuilder

import (
	"time"

	"github.com/writdev/writ/internal/operation"
)

// stages are the states of a build and when a realistic one enters each.
var stages = []operation.Stage[ImageStatus]{
	{After: 0, Status: ImageStatusPending},
	{After: 5 * time.Second, Status: ImageStatusCreating},
	{After: 30 * time.Second, Status: ImageStatusBuilding},
	{After: 2 * time.Minute, Status: ImageStatusTesting},
	{After: 3 * time.Minute, Status: ImageStatusDistributing},
	{After: 4 * time.Minute, Status: ImageStatusIntegrating},
	{After: 4*time.Minute + 30*time.Second, Status: ImageStatusAvailable},
}

// imageStatus is the state at an instant of an image that was created, and if
// cancelled is not zero, cancelled.
func imageStatus(l operation.Lifecycle, created, cancelled, now time.Time) ImageStatus {
	if !cancelled.IsZero() {
		return ImageStatusCancelled
	}
	return operation.StatusAt(l, stages, created, now)
}

// building reports whether an image in this state is still being made.
func (s ImageStatus) building() bool {
	return s != ImageStatusAvailable && s != ImageStatusCancelled
}
