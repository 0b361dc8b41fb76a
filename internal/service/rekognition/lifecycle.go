package rekognition

import (
	"time"

	"github.com/writdev/writ/internal/operation"
)

// The states of a version's work, and when realistic work enters each. AWS trains for half an hour to a day,
// which is too long for tests.
var (
	training = []operation.Stage[ProjectVersionStatus]{
		{After: 0, Status: ProjectVersionStatusTrainingInProgress},
		{After: 5 * time.Minute, Status: ProjectVersionStatusTrainingCompleted},
	}
	copying = []operation.Stage[ProjectVersionStatus]{
		{After: 0, Status: ProjectVersionStatusCopyingInProgress},
		{After: time.Minute, Status: ProjectVersionStatusCopyingCompleted},
	}
	starting = []operation.Stage[ProjectVersionStatus]{
		{After: 0, Status: ProjectVersionStatusStarting},
		{After: 2 * time.Minute, Status: ProjectVersionStatusRunning},
	}
	stopping = []operation.Stage[ProjectVersionStatus]{
		{After: 0, Status: ProjectVersionStatusStopping},
		{After: 30 * time.Second, Status: ProjectVersionStatusStopped},
	}
	creating = []operation.Stage[DatasetStatus]{
		{After: 0, Status: DatasetStatusCreateInProgress},
		{After: time.Minute, Status: DatasetStatusCreateComplete},
	}
	updating = []operation.Stage[DatasetStatus]{
		{After: 0, Status: DatasetStatusUpdateInProgress},
		{After: 30 * time.Second, Status: DatasetStatusUpdateComplete},
	}
)

// status returns the status of a version at a time, given its creation time.
func (v *versionRecord) status(l operation.Lifecycle, created, now time.Time) ProjectVersionStatus {
	switch {
	case !v.FailedAt.IsZero():
		return ProjectVersionStatusCopyingFailed
	case !v.StoppedAt.IsZero():
		return operation.StatusAt(l, stopping, v.StoppedAt, now)
	case !v.StartedAt.IsZero():
		return operation.StatusAt(l, starting, v.StartedAt, now)
	case v.SourceProjectVersionARN != nil:
		return operation.StatusAt(l, copying, created, now)
	}
	return operation.StatusAt(l, training, created, now)
}

// trainingTime returns the duration of a training.
func trainingTime(l operation.Lifecycle) time.Duration {
	if l == operation.Instant {
		return 0
	}
	return training[len(training)-1].After
}

// isStartable reports whether a version in this state is complete and not running.
func (s ProjectVersionStatus) isStartable() bool {
	return s == ProjectVersionStatusTrainingCompleted || s == ProjectVersionStatusCopyingCompleted || s == ProjectVersionStatusStopped
}

// isComplete reports whether a version in this state is complete and can be copied.
func (s ProjectVersionStatus) isComplete() bool {
	return s.isStartable() || s == ProjectVersionStatusStarting || s == ProjectVersionStatusRunning || s == ProjectVersionStatusStopping
}
