package imagebuilder

import (
	"errors"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// lifecycleInterval is how often an enabled policy runs, beginning when it is made.
const lifecycleInterval = 24 * time.Hour

// newLifecyclePolicy is the target of CreateLifecyclePolicy.
func (s *imageBuilder) newLifecyclePolicy(c *operation.Call, in *CreateLifecyclePolicyInput) (authz.Target, error) {
	return authz.Target{
		ARN: newName(c, lifecyclePolicyType, in.Name, "").String(), RequestTags: in.Tags, Keys: lifecycleKeys(in.ResourceType),
	}, nil
}

// updateLifecyclePolicyTarget is the target of UpdateLifecyclePolicy.
func (s *imageBuilder) updateLifecyclePolicyTarget(_ *operation.Call, in *UpdateLifecyclePolicyInput) (authz.Target, error) {
	return authz.Target{ARN: in.LifecyclePolicyARN, Keys: lifecycleKeys(in.ResourceType)}, nil
}

func lifecycleKeys(t LifecyclePolicyResourceType) map[string][]string {
	return map[string][]string{"imagebuilder:LifecyclePolicyResourceType": {string(t)}}
}

func (s *imageBuilder) createLifecyclePolicy(c *operation.Call, in *CreateLifecyclePolicyInput) (*CreateLifecyclePolicyOutput, error) {
	return once(c, apiCreateLifecyclePolicy.Name, in.ClientToken, in, func() (*CreateLifecyclePolicyOutput, error) {
		n := newName(c, lifecyclePolicyType, in.Name, "")
		v := LifecyclePolicy{
			ARN:               new(n.String()),
			Name:              &in.Name,
			Description:       in.Description,
			Status:            valueOr(in.Status, LifecyclePolicyStatusEnabled),
			ExecutionRole:     &in.ExecutionRole,
			ResourceType:      &in.ResourceType,
			PolicyDetails:     in.PolicyDetails,
			ResourceSelection: in.ResourceSelection,
			DateCreated:       &c.Now,
		}
		if err := v.check(c); err != nil {
			return nil, err
		}
		if err := insert(c, n, in.Name, v, in.Tags, nil); err != nil {
			return nil, err
		}
		return &CreateLifecyclePolicyOutput{ClientToken: &in.ClientToken, LifecyclePolicyARN: v.ARN}, v.setTimer(c)
	})
}

func (s *imageBuilder) updateLifecyclePolicy(c *operation.Call, in *UpdateLifecyclePolicyInput) (*UpdateLifecyclePolicyOutput, error) {
	return once(c, apiUpdateLifecyclePolicy.Name, in.ClientToken, in, func() (*UpdateLifecyclePolicyOutput, error) {
		v, err := load[LifecyclePolicy](c, in.LifecyclePolicyARN)
		if err != nil {
			return nil, err
		}
		v.Description, v.ExecutionRole, v.ResourceType = in.Description, &in.ExecutionRole, &in.ResourceType
		v.PolicyDetails, v.ResourceSelection = in.PolicyDetails, in.ResourceSelection
		v.Status, v.DateUpdated = valueOr(in.Status, LifecyclePolicyStatusEnabled), &c.Now
		if err := v.check(c); err != nil {
			return nil, err
		}
		if err := update(c, in.LifecyclePolicyARN, v); err != nil {
			return nil, err
		}
		return &UpdateLifecyclePolicyOutput{LifecyclePolicyARN: v.ARN}, v.setTimer(c)
	})
}

// check checks what the model does not, and asks whether the caller may pass the role.
func (v *LifecyclePolicy) check(c *operation.Call) error {
	if reason := selectionFault(v.ResourceSelection); reason != "" {
		return notValid("resourceSelection", reason)
	}
	seen := map[LifecyclePolicyDetailActionType]bool{}
	for _, d := range v.PolicyDetails {
		if reason := detailFault(*v.ResourceType, d); reason != "" {
			return notValid("policyDetails", reason)
		}
		if seen[d.Action.Type] {
			return notValid("policyDetails", "Each action may stand once.")
		}
		seen[d.Action.Type] = true
	}
	return passRole(c, v.ExecutionRole)
}

// setTimer sets the timer of a policy to its next run, or deletes it.
func (v *LifecyclePolicy) setTimer(c *operation.Call) error {
	if *v.Status != LifecyclePolicyStatusEnabled {
		return c.Tx.DeleteTimer(*v.ARN)
	}
	return c.Tx.SetTimer(store.Timer{ARN: *v.ARN, Due: c.Now.Add(lifecycleInterval)})
}

func (s *imageBuilder) getLifecyclePolicy(c *operation.Call, in *GetLifecyclePolicyInput) (*GetLifecyclePolicyOutput, error) {
	v, err := load[LifecyclePolicy](c, in.LifecyclePolicyARN)
	if err != nil {
		return nil, err
	}
	v.Tags, err = c.Tx.Tags(*v.ARN)
	return &GetLifecyclePolicyOutput{LifecyclePolicy: v}, err
}

// deleteLifecyclePolicy leaves the executions of the policy.
func (s *imageBuilder) deleteLifecyclePolicy(c *operation.Call, in *DeleteLifecyclePolicyInput) (*DeleteLifecyclePolicyOutput, error) {
	if _, err := read(c, in.LifecyclePolicyARN); err != nil {
		return nil, err
	}
	if err := errors.Join(c.Tx.DeleteResource(in.LifecyclePolicyARN), c.Tx.DeleteTimer(in.LifecyclePolicyARN)); err != nil {
		return nil, err
	}
	return &DeleteLifecyclePolicyOutput{LifecyclePolicyARN: &in.LifecyclePolicyARN}, nil
}

// lifecyclePolicyFilters are the filters of ListLifecyclePolicies.
var lifecyclePolicyFilters = filters[LifecyclePolicy]{
	"name":   func(v *LifecyclePolicy) []string { return value(v.Name) },
	"status": func(v *LifecyclePolicy) []string { return value(v.Status) },
}

func (s *imageBuilder) listLifecyclePolicies(c *operation.Call, in *ListLifecyclePoliciesInput) (*ListLifecyclePoliciesOutput, error) {
	page, err := list(c, listing[LifecyclePolicy, LifecyclePolicySummary]{
		op:         apiListLifecyclePolicies.Name,
		rows:       ownResources(c, lifecyclePolicyType),
		filters:    lifecyclePolicyFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *LifecyclePolicy) (LifecyclePolicySummary, error) {
			tags, err := c.Tx.Tags(r.ARN)
			return LifecyclePolicySummary{
				ARN:           v.ARN,
				Name:          v.Name,
				Description:   v.Description,
				Status:        v.Status,
				ExecutionRole: v.ExecutionRole,
				ResourceType:  v.ResourceType,
				DateCreated:   v.DateCreated,
				DateUpdated:   v.DateUpdated,
				DateLastRun:   v.DateLastRun,
				Tags:          tags,
			}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListLifecyclePoliciesOutput{LifecyclePolicySummaryList: page.Items, NextToken: page.Next}, nil
}
