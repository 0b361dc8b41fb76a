package imagebuilder

import (
	"time"

	"github.com/writdev/writ/internal/operation"
)

// An image is made by runs of workflows, step by step. How far they are follows from the
// clock and from the actions that were sent to steps which wait for one; it is not kept.

// workflowRun is a workflow that runs for an image.
type workflowRun struct {
	ID        string // "wf-" and a UUID that ends in 000; see stepID
	Workflow  string // the ARN of its build
	Type      WorkflowType
	Group     *string   `json:",omitzero"`
	Continues bool      `json:",omitzero"` // the image is made all the same if the run fails
	Steps     []stepRun `json:",omitzero"`
}

// stepRun is a step of a run.
type stepRun struct {
	workflowStep
	Skipped bool        `json:",omitzero"` // its condition does not hold
	Sent    *sentAction `json:",omitzero"` // nil until it is sent, and for steps that do not wait
}

// sentAction is what SendWorkflowStepAction told a step that waits.
type sentAction struct {
	Action WorkflowStepActionType
	Reason *string
	At     time.Time
}

// attempt is a try to make an image, or to distribute it once more.
type attempt struct {
	At   time.Time // zero for the first, which begins when the image is created
	Runs []workflowRun
}

// phase is a part of the making of an image: how long it takes where the life cycle is
// realistic, without the time that steps wait, and the state of the image meanwhile.
type phase struct {
	Type   WorkflowType
	Status ImageStatus
	Takes  time.Duration
}

var phases = []phase{
	{WorkflowTypeBuild, ImageStatusBuilding, 90 * time.Second},
	{WorkflowTypeTest, ImageStatusTesting, time.Minute},
	{WorkflowTypeDistribution, ImageStatusDistributing, time.Minute},
}

// How long the states before and after the phases take.
const (
	pendingTakes     = 5 * time.Second
	creatingTakes    = 25 * time.Second
	integratingTakes = 30 * time.Second
)

// waitTimeout is how long a step waits for an action unless its document says otherwise.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/wfdoc-step-actions.html
const waitTimeout = 3 * 24 * time.Hour

// progress is how far an image is at an instant.
type progress struct {
	Status ImageStatus
	Reason string // of a failure
	Runs   []runProgress
}

type runProgress struct {
	*workflowRun
	Status     WorkflowExecutionStatus
	Message    string
	Start, End time.Time // zero if it is not there yet
	Retried    bool      // a later attempt took its place
	Steps      []stepProgress
}

type stepProgress struct {
	*stepRun
	Status     WorkflowStepExecutionStatus
	Message    string
	Start, End time.Time
	Waits      bool // for an action
}

// order is what is to be done for an image.
type order struct {
	Created   time.Time
	Cancelled time.Time // zero if it is not
	Only      WorkflowType
	Attempts  []attempt
}

// progressAt is how far an order is at now.
func progressAt(l operation.Lifecycle, o order, now time.Time) progress {
	w := walk{instant: l == operation.Instant, at: o.Created, end: now, alive: true}
	if !o.Cancelled.IsZero() && o.Cancelled.Before(now) {
		w.end = o.Cancelled
	}
	if o.Only == "" {
		w.spend(ImageStatusPending, pendingTakes)
		w.spend(ImageStatusCreating, creatingTakes)
	}
	for i, a := range o.Attempts {
		if i > 0 {
			w.retry(a.At)
		}
		for _, p := range phases {
			if skipped := i > 0 || o.Only != ""; skipped && p.Type != WorkflowTypeDistribution {
				continue
			}
			w.phase(p, a.Runs)
		}
	}
	w.spend(ImageStatusIntegrating, integratingTakes)
	switch {
	case w.alive:
		w.status = ImageStatusAvailable
	case w.failure != "":
		w.status = ImageStatusFailed
	case !o.Cancelled.IsZero():
		w.status = ImageStatusCancelled
	}
	w.settle()
	return progress{w.status, w.failure, w.runs}
}

// walk goes through the runs of an image in their order, up to an instant.
type walk struct {
	instant bool
	at, end time.Time
	alive   bool // at is not after end, and nothing failed
	status  ImageStatus
	failure string
	runs    []runProgress
}

// spend lets time pass in a state. The walk ends in it if the time is not over.
func (w *walk) spend(status ImageStatus, d time.Duration) {
	if !w.alive {
		return
	}
	w.status = status
	if w.instant {
		d = 0
	}
	if w.at.Add(d).After(w.end) {
		w.alive = false
		return
	}
	w.at = w.at.Add(d)
}

// retry goes on after a failure.
func (w *walk) retry(at time.Time) {
	for i := range w.runs {
		w.runs[i].Retried = true
	}
	w.at, w.alive, w.failure = at, true, ""
}

// phase runs the workflows of one phase one after the other, with an equal share of its
// time for each step that does something.
func (w *walk) phase(p phase, runs []workflowRun) {
	steps := 0
	for i := range runs {
		if runs[i].Type == p.Type {
			for j := range runs[i].Steps {
				if s := &runs[i].Steps[j]; !s.Skipped && s.Action != waitForAction {
					steps++
				}
			}
		}
	}
	share := p.Takes
	if steps > 0 {
		share /= time.Duration(steps)
	} else {
		w.spend(p.Status, p.Takes)
	}
	for i := range runs {
		if runs[i].Type == p.Type {
			w.run(p.Status, share, &runs[i])
		}
	}
}

func (w *walk) run(status ImageStatus, share time.Duration, r *workflowRun) {
	p := runProgress{workflowRun: r, Status: WorkflowExecutionStatusPending, Steps: make([]stepProgress, len(r.Steps))}
	aborted := false
	if w.alive {
		p.Status, p.Start = WorkflowExecutionStatusRunning, w.at
	}
	for i := range r.Steps {
		step := &p.Steps[i]
		*step = stepProgress{stepRun: &r.Steps[i], Status: WorkflowStepExecutionStatusPending}
		switch {
		case step.Skipped || aborted:
			step.Status = WorkflowStepExecutionStatusSkipped
		case w.alive:
			w.step(status, share, step)
		}
		if step.Status == WorkflowStepExecutionStatusFailed && step.aborts() {
			aborted = true
			p.Message = "The step " + step.Name + " failed. " + step.Message
		}
	}
	if w.alive {
		p.Status, p.End = WorkflowExecutionStatusCompleted, w.at
		if aborted {
			p.Status = WorkflowExecutionStatusFailed
			if !r.Continues {
				w.alive, w.failure = false, p.Message
			}
		}
	}
	w.runs = append(w.runs, p)
}

// step does one step, or waits in it.
func (w *walk) step(status ImageStatus, share time.Duration, step *stepProgress) {
	step.Start, step.Status = w.at, WorkflowStepExecutionStatusRunning
	if step.Action != waitForAction {
		if w.spend(status, share); w.alive {
			step.Status, step.End = WorkflowStepExecutionStatusCompleted, w.at
		}
		return
	}
	w.status = status
	ends := step.timesOut()
	if step.Sent != nil {
		ends = step.Sent.At
	}
	if ends.After(w.end) {
		step.Waits, w.alive = true, false
		return
	}
	w.at = ends
	step.Status, step.End = WorkflowStepExecutionStatusCompleted, ends
	switch {
	case step.Sent == nil:
		step.Status, step.Message = WorkflowStepExecutionStatusFailed, "The step waited for an action for too long."
	case step.Sent.Action == WorkflowStepActionTypeStop:
		step.Status, step.Message = WorkflowStepExecutionStatusFailed, "The step was stopped."
	}
}

// timesOut is when a step that began waits no longer.
func (s *stepProgress) timesOut() time.Time {
	if s.Timeout > 0 {
		return s.Start.Add(time.Duration(s.Timeout) * time.Second)
	}
	return s.Start.Add(waitTimeout)
}

// settle gives what is left undone its state, where nothing more will be done.
func (w *walk) settle() {
	if w.status.building() {
		return
	}
	for i := range w.runs {
		r := &w.runs[i]
		begun := !r.Start.IsZero()
		if !r.End.IsZero() {
			continue
		}
		r.Status = WorkflowExecutionStatusSkipped
		if w.status == ImageStatusCancelled {
			r.Status = WorkflowExecutionStatusCancelled
		}
		if begun {
			r.End = w.end
		}
		for j := range r.Steps {
			switch s := &r.Steps[j]; s.Status {
			case WorkflowStepExecutionStatusRunning:
				s.Status, s.End, s.Waits = WorkflowStepExecutionStatusCancelled, w.end, false
			case WorkflowStepExecutionStatusPending:
				s.Status = WorkflowStepExecutionStatusSkipped
			}
		}
	}
}

// building reports whether an image in this state is still being made.
func (s ImageStatus) building() bool {
	switch s {
	case ImageStatusAvailable, ImageStatusCancelled, ImageStatusFailed,
		ImageStatusDeprecated, ImageStatusDisabled, ImageStatusDeleted:
		return false
	}
	return true
}
