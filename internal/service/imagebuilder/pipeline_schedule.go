package imagebuilder

import (
	"errors"
	"slices"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// A pipeline with a schedule has a timer. When it is due, the account's root user asks for
// what StartImagePipelineExecution would ask for: what was shared with the account and is no
// longer makes the run fail.

// readSchedule reads the schedule of a request; nil has none.
func readSchedule(in *Schedule) (*schedule, error) {
	if in == nil || in.ScheduleExpression == nil {
		return nil, nil
	}
	zone := ""
	if in.Timezone != nil {
		zone = *in.Timezone
	}
	s, fault := parseSchedule(*in.ScheduleExpression, zone)
	if fault != "" {
		return nil, notValid("schedule.scheduleExpression", fault)
	}
	return &s, nil
}

// nextRun is when a pipeline runs next after an instant; false if it does not.
func (v *pipelineRecord) nextRun(after time.Time) (time.Time, bool) {
	s, err := readSchedule(v.Schedule)
	if err != nil || s == nil || *v.Status != PipelineStatusEnabled {
		return time.Time{}, false
	}
	return s.next(after, v.Anchor)
}

// setTimer sets the timer of a pipeline to its next run, or deletes it.
func (v *pipelineRecord) setTimer(c *operation.Call) error {
	next, runs := v.nextRun(c.Now)
	if !runs {
		return c.Tx.DeleteTimer(*v.ARN)
	}
	return c.Tx.SetTimer(store.Timer{ARN: *v.ARN, Due: next})
}

// due does what is due for a resource of the service.
func (s *imageBuilder) due(c *operation.Call, arn string) error {
	n, err := parseName(arn)
	if err != nil {
		return err
	}
	switch n.Type {
	case pipelineType:
		return s.runPipeline(c, arn)
	case lifecyclePolicyType:
		return s.runLifecyclePolicy(c, arn)
	case lifecycleExecutionType:
		return s.runExecution(c, arn)
	}
	return nil
}

// runPipeline runs a pipeline whose schedule is due, unless it waits for newer versions of
// what its images are made of and there are none.
func (s *imageBuilder) runPipeline(c *operation.Call, arn string) error {
	v, err := load[pipelineRecord](c, arn)
	if err != nil {
		return err
	}
	err = c.Authorize(api.Name+":"+apiStartImagePipelineExecution.Name, authz.Target{ARN: arn, RequestTags: v.ImageTags})
	if err == nil {
		err = s.runIfNewer(c, v)
	}
	_, denied := errors.AsType[*authz.Denial](err)
	_, refused := errors.AsType[*awserr.Error](err)
	switch {
	case denied || refused:
		v.fail()
	case err != nil:
		return err
	}
	if err := update(c, arn, v); err != nil {
		return err
	}
	return v.setTimer(c)
}

// runIfNewer makes an image if the start condition of the schedule holds.
func (s *imageBuilder) runIfNewer(c *operation.Call, v *pipelineRecord) error {
	if condition := v.Schedule.PipelineExecutionStartCondition; condition == nil || *condition != PipelineExecutionStartConditionExpressionMatchOnly {
		inputs, err := s.inputs(c, v)
		if err != nil {
			return err
		}
		if slices.Equal(inputs, v.LastInputs) {
			return nil
		}
	}
	return s.execute(c, v, nil, BuildTypeScheduled)
}

// fail counts a run that failed, and disables a pipeline that has failed often enough.
func (v *pipelineRecord) fail() {
	failures := 1
	if v.ConsecutiveFailures != nil {
		failures += *v.ConsecutiveFailures
	}
	v.ConsecutiveFailures = &failures
	if limit := v.Schedule.AutoDisablePolicy; limit != nil && failures >= limit.FailureCount {
		v.Status = new(PipelineStatusDisabled)
	}
}

// inputs are the builds that the recipe of a pipeline stands for now: its own, those of its
// parent image and its components.
func (s *imageBuilder) inputs(c *operation.Call, v *pipelineRecord) ([]string, error) {
	arn, err := recipeARN(v.ImageRecipeARN, v.ContainerRecipeARN)
	if err != nil {
		return nil, err
	}
	_, r, err := readNewest(c, arn)
	if err != nil {
		return nil, err
	}
	recipe, err := operation.Decode[struct {
		ParentImage string
		Components  []ComponentConfiguration
	}](r)
	if err != nil {
		return nil, err
	}
	asked := []string{recipe.ParentImage}
	for _, component := range recipe.Components {
		asked = append(asked, component.ComponentARN)
	}
	builds := []string{r.ARN}
	for _, input := range asked {
		n, err := parseName(input)
		if err != nil { // an AMI
			builds = append(builds, input)
			continue
		}
		if n, err = newest(c, n); err != nil {
			return nil, err
		}
		builds = append(builds, n.String())
	}
	return builds, nil
}
