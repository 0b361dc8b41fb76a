package imagebuilder

import (
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// executionRecord is what is kept of a run of a lifecycle policy, or of an update of an
// image's state that was asked for.
type executionRecord struct {
	LifecycleExecution
	Resources []executedResource `json:",omitzero"`
	Request   *stateRequest      `json:",omitzero"` // what is to be done; nil for the run of a policy
}

// executedResource is a resource that was acted on. Parent is the image that it is an output
// of; "" for images.
type executedResource struct {
	LifecycleExecutionResource
	Parent string `json:",omitzero"`
}

// stateRequest is an update of an image's state.
type stateRequest struct {
	Image   string
	Status  ResourceStatus
	Include *ResourceStateUpdateIncludeResources
	Exclude *ResourceStateUpdateExclusionRules
}

const executionPrefix = "lce-"

// executionARN is the ARN of an execution in the caller's account.
func executionARN(c *operation.Call, id string) string {
	return newName(c, lifecycleExecutionType, id, "").String()
}

// executionsOf is what the executions of a policy or of an image refer to. It is not the ARN
// itself: that something was done to an image does not keep it from being deleted.
func executionsOf(arn string) string { return arn + "/executions" }

// onExecution is the target that the id of an execution names.
func onExecution[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return authz.Target{ARN: executionARN(c, member(in))}, nil
	}
}

// newExecution is an execution that begins at a time.
func newExecution(c *operation.Call, at time.Time) executionRecord {
	return executionRecord{LifecycleExecution: LifecycleExecution{
		LifecycleExecutionID: new(executionPrefix + c.NewID()),
		State:                &LifecycleExecutionState{Status: new(LifecycleExecutionStatusPending)},
		StartTime:            &at,
	}}
}

// finish ends an execution now: it succeeded if nothing failed.
func (v *executionRecord) finish(c *operation.Call) {
	status := LifecycleExecutionStatusSuccess
	for _, r := range v.Resources {
		if *r.State.Status == LifecycleExecutionResourceStatusFailed {
			status = LifecycleExecutionStatusFailed
		}
	}
	v.State, v.EndTime = &LifecycleExecutionState{Status: &status}, &c.Now
	if status == LifecycleExecutionStatusFailed {
		v.State.Reason = new("The action failed for some resources.")
	}
	v.ResourcesImpactedSummary = &LifecycleExecutionResourcesImpactedSummary{HasImpactedResources: new(len(v.Resources) > 0)}
}

// insert adds an execution to those of the resources it is about.
func (v *executionRecord) insert(c *operation.Call, about ...string) error {
	var refers []string
	for _, arn := range about {
		refers = append(refers, executionsOf(arn))
	}
	for _, r := range v.Resources {
		if r.Parent == "" {
			refers = append(refers, executionsOf(*r.ResourceID))
		}
	}
	n := newName(c, lifecycleExecutionType, *v.LifecycleExecutionID, "")
	return insert(c, n, *v.LifecycleExecutionID, v, nil, refers)
}

// startResourceStateUpdate changes the state of an image, at once or at a time.
func (s *imageBuilder) startResourceStateUpdate(c *operation.Call, in *StartResourceStateUpdateInput) (*StartResourceStateUpdateOutput, error) {
	return once(c, apiStartResourceStateUpdate.Name, in.ClientToken, in, func() (*StartResourceStateUpdateOutput, error) {
		if in.State.Status == nil {
			return nil, notValid("state", "A status must be given.")
		}
		r, err := read(c, in.ResourceARN)
		if err != nil {
			return nil, err
		}
		image, err := operation.Decode[imageRecord](r)
		if err != nil {
			return nil, err
		}
		if status := s.status(c, r, image); status.building() {
			return nil, errResourceInUse("The image '%s' is being created: it is %s.", r.ARN, status)
		}
		if err := passRole(c, in.ExecutionRole); err != nil {
			return nil, err
		}
		at := c.Now
		if in.UpdateAt != nil {
			at = in.UpdateAt.UTC()
		}
		v := newExecution(c, at)
		v.Request = &stateRequest{Image: r.ARN, Status: *in.State.Status, Include: in.IncludeResources, Exclude: in.ExclusionRules}
		if at.After(c.Now) {
			arn := executionARN(c, *v.LifecycleExecutionID)
			if err := c.Tx.SetTimer(store.Timer{ARN: arn, Due: at}); err != nil {
				return nil, err
			}
		} else if err := s.perform(c, &v); err != nil {
			return nil, err
		}
		if err := v.insert(c, r.ARN); err != nil {
			return nil, err
		}
		return &StartResourceStateUpdateOutput{LifecycleExecutionID: v.LifecycleExecutionID, ResourceARN: &r.ARN}, nil
	})
}

// loadExecution reads an execution of the caller's account.
func loadExecution(c *operation.Call, id string) (*executionRecord, error) {
	return load[executionRecord](c, executionARN(c, id))
}

func (s *imageBuilder) getLifecycleExecution(c *operation.Call, in *GetLifecycleExecutionInput) (*GetLifecycleExecutionOutput, error) {
	v, err := loadExecution(c, in.LifecycleExecutionID)
	if err != nil {
		return nil, err
	}
	return &GetLifecycleExecutionOutput{LifecycleExecution: &v.LifecycleExecution}, nil
}

// listLifecycleExecutions lists the executions of a policy, or those that an image was part
// of.
func (s *imageBuilder) listLifecycleExecutions(c *operation.Call, in *ListLifecycleExecutionsInput) (*ListLifecycleExecutionsOutput, error) {
	page, err := list(c, listing[executionRecord, LifecycleExecution]{
		op:         apiListLifecycleExecutions.Name,
		rows:       referringTo(c, executionsOf(in.ResourceARN)),
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(_ store.Resource, v *executionRecord) (LifecycleExecution, error) {
			return v.LifecycleExecution, nil
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListLifecycleExecutionsOutput{LifecycleExecutions: page.Items, NextToken: page.Next}, nil
}

// listLifecycleExecutionResources lists the images that an execution acted on, or the outputs
// of one of them.
func (s *imageBuilder) listLifecycleExecutionResources(c *operation.Call, in *ListLifecycleExecutionResourcesInput) (*ListLifecycleExecutionResourcesOutput, error) {
	v, err := loadExecution(c, in.LifecycleExecutionID)
	if err != nil {
		return nil, err
	}
	parent := ""
	if in.ParentResourceID != nil {
		parent = *in.ParentResourceID
	}
	var resources []LifecycleExecutionResource
	for _, r := range v.Resources {
		if r.Parent == parent {
			resources = append(resources, r.LifecycleExecutionResource)
		}
	}
	page, err := pageOf(apiListLifecycleExecutionResources.Name, in.MaxResults, in.NextToken, resources)
	if err != nil {
		return nil, err
	}
	return &ListLifecycleExecutionResourcesOutput{
		LifecycleExecutionID: v.LifecycleExecutionID, LifecycleExecutionState: v.State, Resources: page.Items, NextToken: page.Next,
	}, nil
}

// cancelLifecycleExecution cancels an execution that has not begun.
func (s *imageBuilder) cancelLifecycleExecution(c *operation.Call, in *CancelLifecycleExecutionInput) (*CancelLifecycleExecutionOutput, error) {
	return once(c, apiCancelLifecycleExecution.Name, in.ClientToken, in, func() (*CancelLifecycleExecutionOutput, error) {
		v, err := loadExecution(c, in.LifecycleExecutionID)
		if err != nil {
			return nil, err
		}
		if *v.State.Status != LifecycleExecutionStatusPending {
			return nil, errInvalidRequest("The lifecycle execution '%s' cannot be cancelled: it is %s.", in.LifecycleExecutionID, *v.State.Status)
		}
		v.State, v.EndTime = &LifecycleExecutionState{Status: new(LifecycleExecutionStatusCancelled)}, &c.Now
		arn := executionARN(c, in.LifecycleExecutionID)
		if err := c.Tx.DeleteTimer(arn); err != nil {
			return nil, err
		}
		return &CancelLifecycleExecutionOutput{LifecycleExecutionID: &in.LifecycleExecutionID}, update(c, arn, v)
	})
}
