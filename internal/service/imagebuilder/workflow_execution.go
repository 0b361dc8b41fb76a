package imagebuilder

import (
	"encoding/json"
	"iter"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// onRun is the target that the id of a run names.
func onRun[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: runARN(c, member(in))}, nil
	}
}

// onStep is the target that the id of a step of a run names.
func onStep[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: stepARN(c, member(in))}, nil
	}
}

// foundRun is a run with its image.
type foundRun struct {
	runProgress
	image  store.Resource
	record *imageRecord
}

// findRun finds a run of the caller's account by its id.
func (s *imageBuilder) findRun(c *operation.Call, id string) (found foundRun, err error) {
	arn := runARN(c, id)
	images, err := c.Tx.ReferencedBy(arn, 1)
	if err != nil {
		return found, err
	}
	if len(images) == 0 {
		return found, notFound(arn)
	}
	if found.image, err = c.Tx.Resource(images[0]); err != nil {
		return found, err
	}
	if found.record, err = operation.Decode[imageRecord](found.image); err != nil {
		return found, err
	}
	for _, run := range s.progress(c, found.image, found.record).Runs {
		if strings.EqualFold(run.ID, id) {
			found.runProgress = run
			return found, nil
		}
	}
	return found, notFound(arn)
}

// findStep finds a step of a run by its id.
func (s *imageBuilder) findStep(c *operation.Call, id string) (foundRun, *stepProgress, error) {
	run, index := runOf(id)
	found, err := s.findRun(c, run)
	if err != nil {
		return found, nil, err
	}
	if index < 0 || index >= len(found.Steps) {
		return found, nil, notFound(stepARN(c, id))
	}
	return found, &found.Steps[index], nil
}

// instant writes a time that may not be there.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return timestamp(t)
}

// text is a text that may not be there.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// metadata is the run as lists show it.
func (r *runProgress) metadata() WorkflowExecutionMetadata {
	counts := map[WorkflowStepExecutionStatus]int{}
	for i := range r.Steps {
		counts[r.Steps[i].Status]++
	}
	v := WorkflowExecutionMetadata{
		WorkflowBuildVersionARN: &r.Workflow,
		WorkflowExecutionID:     &r.ID,
		Type:                    &r.Type,
		Status:                  &r.Status,
		Message:                 text(r.Message),
		TotalStepCount:          new(len(r.Steps)),
		TotalStepsSucceeded:     new(counts[WorkflowStepExecutionStatusCompleted]),
		TotalStepsFailed:        new(counts[WorkflowStepExecutionStatusFailed]),
		TotalStepsSkipped:       new(counts[WorkflowStepExecutionStatusSkipped]),
		StartTime:               instant(r.Start),
		EndTime:                 instant(r.End),
		ParallelGroup:           r.Group,
	}
	if r.Retried {
		v.Retried = &r.Retried
	}
	return v
}

// outputs are what a step is known to have put out: the action that it waited for.
func (s *stepProgress) outputs() *string {
	if s.Sent == nil || s.End.IsZero() {
		return nil
	}
	out, err := json.Marshal(struct {
		Action WorkflowStepActionType `json:"action"`
		Reason *string                `json:"reason,omitempty"`
	}{s.Sent.Action, s.Sent.Reason})
	if err != nil {
		panic(err) // texts are always JSON
	}
	return new(string(out))
}

func (s *imageBuilder) getWorkflowExecution(c *operation.Call, in *GetWorkflowExecutionInput) (*GetWorkflowExecutionOutput, error) {
	found, err := s.findRun(c, in.WorkflowExecutionID)
	if err != nil {
		return nil, err
	}
	v := found.metadata()
	return &GetWorkflowExecutionOutput{
		RequestID:               &c.RequestID,
		WorkflowBuildVersionARN: v.WorkflowBuildVersionARN,
		WorkflowExecutionID:     v.WorkflowExecutionID,
		ImageBuildVersionARN:    &found.image.ARN,
		Type:                    v.Type,
		Status:                  v.Status,
		Message:                 v.Message,
		TotalStepCount:          v.TotalStepCount,
		TotalStepsSucceeded:     v.TotalStepsSucceeded,
		TotalStepsFailed:        v.TotalStepsFailed,
		TotalStepsSkipped:       v.TotalStepsSkipped,
		StartTime:               v.StartTime,
		EndTime:                 v.EndTime,
		ParallelGroup:           v.ParallelGroup,
	}, nil
}

func (s *imageBuilder) listWorkflowExecutions(c *operation.Call, in *ListWorkflowExecutionsInput) (*ListWorkflowExecutionsOutput, error) {
	r, err := read(c, in.ImageBuildVersionARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[imageRecord](r)
	if err != nil {
		return nil, err
	}
	runs := s.progress(c, r, v).Runs
	list := make([]WorkflowExecutionMetadata, len(runs))
	for i := range runs {
		list[i] = runs[i].metadata()
	}
	page, err := pageOf(apiListWorkflowExecutions.Name, in.MaxResults, in.NextToken, list)
	if err != nil {
		return nil, err
	}
	return &ListWorkflowExecutionsOutput{
		RequestID: &c.RequestID, ImageBuildVersionARN: &in.ImageBuildVersionARN, WorkflowExecutions: page.Items, NextToken: page.Next,
	}, nil
}

func (s *imageBuilder) getWorkflowStepExecution(c *operation.Call, in *GetWorkflowStepExecutionInput) (*GetWorkflowStepExecutionOutput, error) {
	found, step, err := s.findStep(c, in.StepExecutionID)
	if err != nil {
		return nil, err
	}
	out := &GetWorkflowStepExecutionOutput{
		RequestID:               &c.RequestID,
		StepExecutionID:         &in.StepExecutionID,
		WorkflowBuildVersionARN: &found.Workflow,
		WorkflowExecutionID:     &found.ID,
		ImageBuildVersionARN:    &found.image.ARN,
		Name:                    &step.Name,
		Description:             step.Description,
		Action:                  &step.Action,
		Status:                  &step.Status,
		Message:                 text(step.Message),
		Inputs:                  step.Inputs,
		Outputs:                 step.outputs(),
		StartTime:               instant(step.Start),
		EndTime:                 instant(step.End),
		OnFailure:               new("Abort"),
	}
	if !step.aborts() {
		out.OnFailure = &step.OnFailure
	}
	if step.Timeout > 0 {
		out.TimeoutSeconds = &step.Timeout
	}
	return out, nil
}

func (s *imageBuilder) listWorkflowStepExecutions(c *operation.Call, in *ListWorkflowStepExecutionsInput) (*ListWorkflowStepExecutionsOutput, error) {
	found, err := s.findRun(c, in.WorkflowExecutionID)
	if err != nil {
		return nil, err
	}
	list := make([]WorkflowStepMetadata, len(found.Steps))
	for i := range found.Steps {
		step := &found.Steps[i]
		list[i] = WorkflowStepMetadata{
			StepExecutionID: new(stepID(found.ID, i)),
			Name:            &step.Name,
			Description:     step.Description,
			Action:          &step.Action,
			Status:          &step.Status,
			Message:         text(step.Message),
			Inputs:          step.Inputs,
			Outputs:         step.outputs(),
			StartTime:       instant(step.Start),
			EndTime:         instant(step.End),
		}
	}
	page, err := pageOf(apiListWorkflowStepExecutions.Name, in.MaxResults, in.NextToken, list)
	if err != nil {
		return nil, err
	}
	return &ListWorkflowStepExecutionsOutput{
		RequestID:               &c.RequestID,
		Steps:                   page.Items,
		WorkflowBuildVersionARN: &found.Workflow,
		WorkflowExecutionID:     &found.ID,
		ImageBuildVersionARN:    &found.image.ARN,
		NextToken:               page.Next,
	}, nil
}

// listWaitingWorkflowSteps lists the steps that wait, by their images. At most one step of
// an image waits at a time.
func (s *imageBuilder) listWaitingWorkflowSteps(c *operation.Call, in *ListWaitingWorkflowStepsInput) (*ListWaitingWorkflowStepsOutput, error) {
	op := apiListWaitingWorkflowSteps.Name
	after, err := afterToken(op, in.NextToken)
	if err != nil {
		return nil, err
	}
	page, err := operation.Paginate(op, limitOf(in.MaxResults), s.waitingSteps(c, after))
	if err != nil {
		return nil, err
	}
	return &ListWaitingWorkflowStepsOutput{Steps: page.Items, NextToken: page.Next}, nil
}

func (s *imageBuilder) waitingSteps(c *operation.Call, after string) iter.Seq2[operation.Keyed[WorkflowStepExecution], error] {
	return func(yield func(operation.Keyed[WorkflowStepExecution], error) bool) {
		for image, err := range c.Tx.Referrers(waitingARN(c), after) {
			var step *WorkflowStepExecution
			if err == nil {
				step, err = s.waitingStep(c, image)
			}
			if err != nil {
				yield(operation.Keyed[WorkflowStepExecution]{}, err)
				return
			}
			if step != nil && !yield(operation.Keyed[WorkflowStepExecution]{Key: image, Item: *step}, nil) {
				return
			}
		}
	}
}

// waitingStep is the step of an image that waits; nil if none does.
func (s *imageBuilder) waitingStep(c *operation.Call, image string) (*WorkflowStepExecution, error) {
	r, err := c.Tx.Resource(image)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[imageRecord](r)
	if err != nil {
		return nil, err
	}
	for _, run := range s.progress(c, r, v).Runs {
		for i := range run.Steps {
			if step := &run.Steps[i]; step.Waits {
				return &WorkflowStepExecution{
					StepExecutionID:         new(stepID(run.ID, i)),
					ImageBuildVersionARN:    &r.ARN,
					WorkflowExecutionID:     &run.ID,
					WorkflowBuildVersionARN: &run.Workflow,
					Name:                    &step.Name,
					Action:                  &step.Action,
					StartTime:               instant(step.Start),
				}, nil
			}
		}
	}
	return nil, nil
}

// sendWorkflowStepAction ends the wait of a step. Its row is about the image; the step is
// asked about here.
func (s *imageBuilder) sendWorkflowStepAction(c *operation.Call, in *SendWorkflowStepActionInput) (*SendWorkflowStepActionOutput, error) {
	op := apiSendWorkflowStepAction.Name
	if err := c.Authorize(api.Name+":"+op, authz.Target{ARN: stepARN(c, in.StepExecutionID)}); err != nil {
		return nil, err
	}
	return once(c, op, in.ClientToken, in, func() (*SendWorkflowStepActionOutput, error) {
		found, step, err := s.findStep(c, in.StepExecutionID)
		if err != nil {
			return nil, err
		}
		if found.image.ARN != in.ImageBuildVersionARN {
			return nil, notValid("imageBuildVersionArn", "The step makes another image.")
		}
		if !step.Waits {
			return nil, errInvalidRequest("The step '%s' does not wait for an action: it is %s.", in.StepExecutionID, step.Status)
		}
		step.Sent = &sentAction{Action: in.Action, Reason: in.Reason, At: c.Now} // of the record, which the progress is about
		if err := update(c, found.image.ARN, found.record); err != nil {
			return nil, err
		}
		return &SendWorkflowStepActionOutput{
			StepExecutionID: &in.StepExecutionID, ImageBuildVersionARN: &in.ImageBuildVersionARN, ClientToken: &in.ClientToken,
		}, nil
	})
}
