package imagebuilder

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/operation"
)

var createdAt = time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)

func TestProgressOfImage(t *testing.T) {
	plain := order{Created: createdAt, Attempts: []attempt{{}}}
	cancelled := plain
	cancelled.Cancelled = createdAt.Add(time.Minute)
	status := func(l operation.Lifecycle, o order, age time.Duration) ImageStatus {
		return progressAt(l, o, createdAt.Add(age)).Status
	}
	var states []ImageStatus
	for age := time.Duration(0); age < 10*time.Minute; age += time.Second {
		if s := status(operation.Realistic, plain, age); len(states) == 0 || s != states[len(states)-1] {
			states = append(states, s)
		}
		if s := status(operation.Instant, plain, age); s != ImageStatusAvailable {
			t.Fatalf("instant: %s after %v", s, age)
		}
		if s := status(operation.Realistic, cancelled, age); age > time.Minute && s != ImageStatusCancelled {
			t.Fatalf("cancelled: %s after %v", s, age)
		}
	}
	if diff := cmp.Diff([]ImageStatus{"PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"}, states); diff != "" {
		t.Error(diff)
	}
	if s := status(operation.Realistic, plain, -time.Hour); s != ImageStatusPending {
		t.Errorf("before it was created: %s", s)
	}
	for age, want := range map[time.Duration]ImageStatus{
		0: "PENDING", 5 * time.Second: "CREATING", 30 * time.Second: "BUILDING", 2 * time.Minute: "TESTING",
		3 * time.Minute: "DISTRIBUTING", 4 * time.Minute: "INTEGRATING", 270 * time.Second: "AVAILABLE",
	} {
		if s := status(operation.Realistic, plain, age); s != want {
			t.Errorf("%v: %s, want %s", age, s, want)
		}
	}
}

// anOrder is an image with a build workflow of three steps, the second of which waits, and a
// workflow for each phase after it.
func anOrder(change func(*order)) order {
	run := func(id string, typ WorkflowType, steps ...string) workflowRun {
		r := workflowRun{ID: id, Type: typ}
		for _, action := range steps {
			r.Steps = append(r.Steps, stepRun{workflowStep: workflowStep{Name: action, Action: action}})
		}
		return r
	}
	o := order{Created: createdAt, Attempts: []attempt{{Runs: []workflowRun{
		run("build", WorkflowTypeBuild, "LaunchInstance", waitForAction, "CreateImage"),
		run("test", WorkflowTypeTest, "RunCommand"),
		run("distribute", WorkflowTypeDistribution, "DistributeImage"),
	}}}}
	if change != nil {
		change(&o)
	}
	return o
}

// summary writes a progress: "BUILDING build=RUNNING(COMPLETED RUNNING? PENDING)".
func (p progress) summary() string {
	var b strings.Builder
	b.WriteString(string(p.Status))
	for _, r := range p.Runs {
		b.WriteString("\n" + r.ID + " " + string(r.Status))
		if r.Retried {
			b.WriteString(" retried")
		}
		for _, s := range r.Steps {
			b.WriteString(" " + string(s.Status))
			if s.Waits {
				b.WriteString("?")
			}
		}
	}
	return b.String()
}

// TestProgressWaits tells how steps that wait for an action hold up an image.
func TestProgressWaits(t *testing.T) {
	send := func(action WorkflowStepActionType, change func(*stepRun)) func(*order) {
		return func(o *order) {
			wait := &o.Attempts[0].Runs[0].Steps[1]
			wait.Sent = &sentAction{Action: action, At: createdAt.Add(time.Hour)}
			if change != nil {
				change(wait)
			}
		}
	}
	lines := func(s ...string) string { return strings.Join(s, "\n") }
	waiting := lines("BUILDING", "build RUNNING COMPLETED RUNNING? PENDING", "test PENDING PENDING", "distribute PENDING PENDING")
	done := lines("AVAILABLE", "build COMPLETED COMPLETED COMPLETED COMPLETED", "test COMPLETED COMPLETED", "distribute COMPLETED COMPLETED")
	failed := lines("FAILED", "build FAILED COMPLETED FAILED SKIPPED", "test SKIPPED SKIPPED", "distribute SKIPPED SKIPPED")
	for _, test := range []struct {
		name   string
		change func(*order)
		after  time.Duration
		want   string
	}{
		{"nothing is sent", nil, time.Hour, waiting},
		{"nothing is sent until it is too late", nil, 3*24*time.Hour + time.Hour, failed},
		{"a timeout of the document", func(o *order) { o.Attempts[0].Runs[0].Steps[1].Timeout = 60 }, time.Hour, failed},
		{"before it is resumed", send(WorkflowStepActionTypeResume, nil), 59 * time.Minute, waiting},
		{"resumed, the rest takes its time", send(WorkflowStepActionTypeResume, nil), time.Hour + time.Minute,
			lines("TESTING", "build COMPLETED COMPLETED COMPLETED COMPLETED", "test RUNNING RUNNING", "distribute PENDING PENDING")},
		{"resumed", send(WorkflowStepActionTypeResume, nil), 2 * time.Hour, done},
		{"stopped", send(WorkflowStepActionTypeStop, nil), 2 * time.Hour, failed},
		{"stopped, but the workflow goes on", send(WorkflowStepActionTypeStop, func(s *stepRun) { s.OnFailure = "Continue" }), 2 * time.Hour,
			lines("AVAILABLE", "build COMPLETED COMPLETED FAILED COMPLETED", "test COMPLETED COMPLETED", "distribute COMPLETED COMPLETED")},
		{"stopped, but the image goes on", func(o *order) {
			send(WorkflowStepActionTypeStop, nil)(o)
			o.Attempts[0].Runs[0].Continues = true
		}, 2 * time.Hour,
			lines("AVAILABLE", "build FAILED COMPLETED FAILED SKIPPED", "test COMPLETED COMPLETED", "distribute COMPLETED COMPLETED")},
		{"a condition that does not hold", func(o *order) { o.Attempts[0].Runs[0].Steps[1].Skipped = true }, time.Hour,
			lines("AVAILABLE", "build COMPLETED COMPLETED SKIPPED COMPLETED", "test COMPLETED COMPLETED", "distribute COMPLETED COMPLETED")},
		{"cancelled", func(o *order) { o.Cancelled = createdAt.Add(30 * time.Minute) }, time.Hour,
			lines("CANCELLED", "build CANCELLED COMPLETED CANCELLED SKIPPED", "test CANCELLED SKIPPED", "distribute CANCELLED SKIPPED")},
		{"distributed alone", func(o *order) {
			o.Only = WorkflowTypeDistribution
			o.Attempts[0].Runs = o.Attempts[0].Runs[2:]
		}, 61 * time.Second, lines("INTEGRATING", "distribute COMPLETED COMPLETED")},
		{"distributed once more", func(o *order) {
			o.Attempts[0].Runs[0].Steps[1].Skipped = true
			o.Attempts[0].Runs[2].Steps[0].Action, o.Attempts[0].Runs[2].Steps[0].Timeout = waitForAction, 1
			again := o.Attempts[0].Runs[2]
			again.ID, again.Steps = "again", []stepRun{{workflowStep: workflowStep{Name: "DistributeImage", Action: "DistributeImage"}}}
			o.Attempts = append(o.Attempts, attempt{At: createdAt.Add(time.Hour), Runs: []workflowRun{again}})
		}, 2 * time.Hour, lines("AVAILABLE", "build COMPLETED retried COMPLETED SKIPPED COMPLETED", "test COMPLETED retried COMPLETED",
			"distribute FAILED retried FAILED", "again COMPLETED COMPLETED")},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := progressAt(operation.Realistic, anOrder(test.change), createdAt.Add(test.after))
			if diff := cmp.Diff(test.want, got.summary()); diff != "" {
				t.Error(diff)
			}
			if (got.Status == ImageStatusFailed) != (got.Reason != "") {
				t.Errorf("%s with the reason %q", got.Status, got.Reason)
			}
		})
	}
	if got := progressAt(operation.Instant, anOrder(nil), createdAt).summary(); got != waiting {
		t.Errorf("an instant build does not wait: %s", got)
	}
}

// TestProgressTimes: the steps of a phase share its time, and a run is as long as its steps.
func TestProgressTimes(t *testing.T) {
	p := progressAt(operation.Realistic, anOrder(func(o *order) {
		o.Attempts[0].Runs[0].Steps[1].Sent = &sentAction{Action: WorkflowStepActionTypeResume, At: createdAt.Add(2 * time.Minute)}
	}), createdAt.Add(time.Hour))
	var got []string
	for _, r := range p.Runs {
		for _, s := range r.Steps {
			got = append(got, s.Start.Sub(createdAt).String()+"-"+s.End.Sub(createdAt).String())
		}
		if r.Start != r.Steps[0].Start || r.End != r.Steps[len(r.Steps)-1].End {
			t.Errorf("%s from %v to %v", r.ID, r.Start, r.End)
		}
	}
	if diff := cmp.Diff([]string{"30s-1m15s", "1m15s-2m0s", "2m0s-2m45s", "2m45s-3m45s", "3m45s-4m45s"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestStepIDs(t *testing.T) {
	var run string
	inCall(t, func(c *operation.Call) { run = newRunID(c) })
	for _, index := range []int{0, 1, 15, maxSteps - 1} {
		id := stepID(run, index)
		if back, i := runOf(id); back != run || i != index {
			t.Errorf("%s is step %d of %s, want %d of %s", id, i, back, index, run)
		}
	}
	if _, index := runOf("step-" + strings.TrimPrefix(run, "wf-")); index >= 0 {
		t.Errorf("the id of a run is step %d", index)
	}
}
