package imagebuilder

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// What executions do to images. Every image is asked about: as what is due is done by the
// account's root user, the organization's policies can forbid it.

// stateChange is a state that an image was given after it was made.
type stateChange struct {
	Status ImageStatus
	At     time.Time
}

// runLifecyclePolicy runs a policy that is due.
func (s *imageBuilder) runLifecyclePolicy(c *operation.Call, arn string) error {
	v, err := load[LifecyclePolicy](c, arn)
	if err != nil {
		return err
	}
	images, rows, err := s.candidates(c)
	if err != nil {
		return err
	}
	execution := newExecution(c, c.Now)
	execution.LifecyclePolicyARN = v.ARN
	acts := v.decide(images, c.Now)
	for i := range images {
		d := acts[i]
		if d == nil {
			continue
		}
		request := stateRequest{Image: rows[i].ARN, Status: statusAfter[d.Action.Type]}
		if include := d.Action.IncludeResources; include != nil {
			request.Include = &ResourceStateUpdateIncludeResources{Amis: include.Amis, Snapshots: include.Snapshots, Containers: include.Containers}
		}
		if d.ExclusionRules != nil {
			request.Exclude = &ResourceStateUpdateExclusionRules{Amis: d.ExclusionRules.Amis}
		}
		if err := s.act(c, &execution, request, "The rule of the policy by "+strings.ToLower(string(d.Filter.Type))+" demands it."); err != nil {
			return err
		}
	}
	execution.finish(c)
	v.DateLastRun = &c.Now
	if err := errors.Join(execution.insert(c, arn), update(c, arn, v)); err != nil {
		return err
	}
	return v.setTimer(c)
}

// statusAfter is the state that an action leads to.
var statusAfter = map[LifecyclePolicyDetailActionType]ResourceStatus{
	LifecyclePolicyDetailActionTypeDelete:    ResourceStatusDeleted,
	LifecyclePolicyDetailActionTypeDeprecate: ResourceStatusDeprecated,
	LifecyclePolicyDetailActionTypeDisable:   ResourceStatusDisabled,
}

// actionFor is the action that leads to a state.
var actionFor = map[ResourceStatus]LifecycleExecutionResourceActionName{
	ResourceStatusAvailable:  LifecycleExecutionResourceActionNameAvailable,
	ResourceStatusDeleted:    LifecycleExecutionResourceActionNameDelete,
	ResourceStatusDeprecated: LifecycleExecutionResourceActionNameDeprecate,
	ResourceStatusDisabled:   LifecycleExecutionResourceActionNameDisable,
}

// candidates are the images of the account.
func (s *imageBuilder) candidates(c *operation.Call) (images []candidate, rows []store.Resource, err error) {
	for r, err := range ownResources(c, imageType)("") {
		if err != nil {
			return nil, nil, err
		}
		v, err := operation.Decode[imageRecord](r)
		if err != nil {
			return nil, nil, err
		}
		n, err := parseName(r.ARN)
		if err != nil {
			return nil, nil, err
		}
		tags, err := c.Tx.Tags(r.ARN)
		if err != nil {
			return nil, nil, err
		}
		images = append(images, candidate{name: n, typ: *v.Type, status: s.status(c, r, v), made: r.CreatedAt, tags: tags})
		rows = append(rows, r)
	}
	return images, rows, nil
}

// runExecution does what StartResourceStateUpdate asked for at a time.
func (s *imageBuilder) runExecution(c *operation.Call, arn string) error {
	v, err := load[executionRecord](c, arn)
	if err != nil {
		return err
	}
	if err := s.perform(c, v); err != nil {
		return err
	}
	return update(c, arn, v)
}

// perform does what an execution was asked for, and ends it.
func (s *imageBuilder) perform(c *operation.Call, v *executionRecord) error {
	err := s.act(c, v, *v.Request, "An update of the state was requested.")
	v.finish(c)
	return err
}

// act changes the state of one image, and notes that with its outputs in an execution. What
// is refused is noted as failed.
func (s *imageBuilder) act(c *operation.Call, execution *executionRecord, request stateRequest, reason string) error {
	action := &LifecycleExecutionResourceAction{Name: new(actionFor[request.Status]), Reason: &reason}
	note := func(parent string, r LifecycleExecutionResource, status LifecycleExecutionResourceStatus, reason string) {
		r.State, r.Action = &LifecycleExecutionResourceState{Status: &status, Reason: text(reason)}, action
		r.StartTime, r.EndTime = &c.Now, &c.Now
		execution.Resources = append(execution.Resources, executedResource{r, parent})
	}
	image := LifecycleExecutionResource{AccountID: new(c.Account()), ResourceID: &request.Image, Region: &c.Region}
	outputs, err := s.change(c, request)
	refused, isRefused := errors.AsType[*awserr.Error](err)
	denied, isDenied := errors.AsType[*authz.Denial](err)
	switch {
	case isRefused:
		note("", image, LifecycleExecutionResourceStatusFailed, refused.Message)
		return nil
	case isDenied:
		note("", image, LifecycleExecutionResourceStatusFailed, denied.Error())
		return nil
	case err != nil:
		return err
	}
	note("", image, LifecycleExecutionResourceStatusSuccess, "")
	for _, o := range outputs {
		status := LifecycleExecutionResourceStatusSuccess
		if o.excluded != "" {
			status = LifecycleExecutionResourceStatusSkipped
		}
		note(request.Image, o.LifecycleExecutionResource, status, o.excluded)
	}
	return nil
}

// change gives an image another state, or deletes it, and tells which of its outputs that
// reaches.
func (s *imageBuilder) change(c *operation.Call, request stateRequest) ([]output, error) {
	if err := c.Authorize(api.Name+":"+apiStartResourceStateUpdate.Name, authz.Target{ARN: request.Image}); err != nil {
		return nil, err
	}
	r, err := read(c, request.Image)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[imageRecord](r)
	if err != nil {
		return nil, err
	}
	outputs := affected(r, v, request)
	if request.Status == ResourceStatusDeleted {
		return outputs, remove(c, r.ARN)
	}
	switch status := s.status(c, r, v); status {
	case ImageStatusAvailable, ImageStatusDeprecated, ImageStatusDisabled:
	default:
		return nil, errInvalidRequest("The state of the image '%s' cannot be changed: it is %s.", r.ARN, status)
	}
	v.Change = &stateChange{Status: ImageStatus(request.Status), At: c.Now}
	return outputs, update(c, r.ARN, v)
}

// output is an AMI or a container image that an action on its image reaches.
type output struct {
	LifecycleExecutionResource
	excluded string // why it is left alone; "" if it is not
}

// affected are the outputs of an image that a request reaches.
func affected(r store.Resource, v *imageRecord, request stateRequest) []output {
	include := request.Include
	if include == nil {
		return nil
	}
	if *v.Type == ImageTypeDocker {
		var list []output
		for _, container := range containers(r, v) {
			if isTrue(include.Containers) {
				list = append(list, output{LifecycleExecutionResource: LifecycleExecutionResource{
					AccountID: &r.Account, ResourceID: &container.ImageURIs[0], Region: container.Region, ImageURIs: container.ImageURIs,
				}})
			}
		}
		return list
	}
	var rules *LifecyclePolicyDetailExclusionRulesAmis
	if request.Exclude != nil {
		rules = request.Exclude.Amis
	}
	var list []output
	for _, ami := range amis(r, v) {
		if !isTrue(include.Amis) {
			break
		}
		account := r.Account
		if ami.AccountID != nil {
			account = *ami.AccountID
		}
		o := output{
			LifecycleExecutionResource: LifecycleExecutionResource{AccountID: &account, ResourceID: ami.Image, Region: ami.Region},
			excluded:                   excludesAMI(rules, *ami.Region, distributionTo(v, *ami.Region)),
		}
		if isTrue(include.Snapshots) && o.excluded == "" {
			o.Snapshots = []LifecycleExecutionSnapshotResource{{
				SnapshotID: new(snapshotID(*ami.Image)),
				State:      &LifecycleExecutionResourceState{Status: new(LifecycleExecutionResourceStatusSuccess)},
			}}
		}
		list = append(list, o)
	}
	return list
}

// distributionTo is how an image was distributed to a region; nil if it was not.
func distributionTo(v *imageRecord, region string) *AmiDistributionConfiguration {
	if v.DistributionConfiguration == nil {
		return nil
	}
	for _, d := range v.DistributionConfiguration.Distributions {
		if d.Region == region {
			return d.AmiDistributionConfiguration
		}
	}
	return nil
}

// snapshotID is "snap-" and 17 hexadecimal digits, which follow from the AMI.
func snapshotID(ami string) string {
	sum := sha256.Sum256([]byte("snapshot of " + ami))
	return "snap-" + hex.EncodeToString(sum[:])[:17]
}
