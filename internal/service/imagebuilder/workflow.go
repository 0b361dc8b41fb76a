package imagebuilder

import (
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// workflowRecord is what is kept of a workflow. Its steps are read out of its document
// once, when it is made.
type workflowRecord struct {
	Workflow
	Steps []workflowStep
}

// workflowTypeOf is the type of workflows as ARNs have it: "workflow/build".
func workflowTypeOf(t WorkflowType) string { return workflowType + "/" + strings.ToLower(string(t)) }

// newWorkflow is the target of CreateWorkflow: the build that it would make.
func (s *imageBuilder) newWorkflow(c *operation.Call, in *CreateWorkflowInput) (authz.Target, error) {
	n, err := nextBuild(c, newName(c, workflowTypeOf(in.Type), in.Name, in.SemanticVersion))
	return createTarget(n, err, in.Tags)
}

func (s *imageBuilder) createWorkflow(c *operation.Call, in *CreateWorkflowInput) (*CreateWorkflowOutput, error) {
	return once(c, apiCreateWorkflow.Name, in.ClientToken, in, func() (*CreateWorkflowOutput, error) {
		if (in.Data == nil) == (in.URI == nil) {
			return nil, errInvalidParameterCombination("Exactly one of 'data' and 'uri' must be given.")
		}
		var doc workflowDocument
		if in.Data != nil {
			var fault string
			if doc, fault = parseWorkflow(*in.Data); fault != "" {
				return nil, notValid("data", fault)
			}
		}
		if _, err := parseVersion(in.SemanticVersion); err != nil {
			return nil, err
		}
		if err := encryptWith(c, in.KMSKeyID); err != nil {
			return nil, err
		}
		n, err := nextBuild(c, newName(c, workflowTypeOf(in.Type), in.Name, in.SemanticVersion))
		if err != nil {
			return nil, err
		}
		err = insert(c, n, in.Name, workflowRecord{
			Workflow: Workflow{
				ARN:               new(n.String()),
				Name:              &in.Name,
				Version:           &in.SemanticVersion,
				Description:       in.Description,
				ChangeDescription: in.ChangeDescription,
				Type:              &in.Type,
				Owner:             &n.Account,
				Data:              in.Data,
				KMSKeyID:          in.KMSKeyID,
				DateCreated:       timestamp(c.Now),
				Parameters:        doc.Parameters,
			},
			Steps: doc.Steps,
		}, in.Tags, nil)
		if err != nil {
			return nil, err
		}
		if in.DryRun != nil && *in.DryRun {
			return nil, dryRun()
		}
		return &CreateWorkflowOutput{
			ClientToken:             &in.ClientToken,
			WorkflowBuildVersionARN: new(n.String()),
			LatestVersionReferences: references(n),
		}, nil
	})
}

// dryRun is the answer to a dry run that would have succeeded. Nothing is kept: the
// transaction ends with the error.
func dryRun() error {
	return errDryRunOperation("The request would have succeeded, but it is a dry run.")
}

func (s *imageBuilder) getWorkflow(c *operation.Call, in *GetWorkflowInput) (*GetWorkflowOutput, error) {
	n, r, err := readNewest(c, in.WorkflowBuildVersionARN)
	if err != nil {
		return nil, err
	}
	v, err := operation.Decode[workflowRecord](r)
	if err != nil {
		return nil, err
	}
	if err := decryptWith(c, v.KMSKeyID); err != nil {
		return nil, err
	}
	if v.Tags, err = c.Tx.Tags(r.ARN); err != nil {
		return nil, err
	}
	return &GetWorkflowOutput{Workflow: &v.Workflow, LatestVersionReferences: references(n)}, nil
}

func (s *imageBuilder) deleteWorkflow(c *operation.Call, in *DeleteWorkflowInput) (*DeleteWorkflowOutput, error) {
	if err := remove(c, in.WorkflowBuildVersionARN); err != nil {
		return nil, err
	}
	return &DeleteWorkflowOutput{WorkflowBuildVersionARN: &in.WorkflowBuildVersionARN}, nil
}

// workflowFilters are the filters of ListWorkflows.
var workflowFilters = filters[workflowRecord]{
	"description": func(v *workflowRecord) []string { return value(v.Description) },
	"name":        func(v *workflowRecord) []string { return value(v.Name) },
	"type":        func(v *workflowRecord) []string { return value(v.Type) },
	"version":     func(v *workflowRecord) []string { return value(v.Version) },
}

func (s *imageBuilder) listWorkflows(c *operation.Call, in *ListWorkflowsInput) (*ListWorkflowsOutput, error) {
	page, err := list(c, listing[workflowRecord, WorkflowVersion]{
		op:         apiListWorkflows.Name,
		rows:       resourcesOf(c, in.Owner, workflowType),
		group:      versionOrName(in.ByName),
		filters:    workflowFilters,
		wanted:     in.Filters,
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *workflowRecord) (WorkflowVersion, error) {
			n, err := parseName(r.ARN)
			return WorkflowVersion{
				ARN:         new(n.withVersion(n.Version).String()),
				Name:        v.Name,
				Version:     v.Version,
				Description: v.Description,
				Type:        v.Type,
				Owner:       v.Owner,
				DateCreated: v.DateCreated,
			}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListWorkflowsOutput{WorkflowVersionList: page.Items, NextToken: page.Next}, nil
}

func (s *imageBuilder) listWorkflowBuildVersions(c *operation.Call, in *ListWorkflowBuildVersionsInput) (*ListWorkflowBuildVersionsOutput, error) {
	page, err := list(c, listing[workflowRecord, WorkflowSummary]{
		op:         apiListWorkflowBuildVersions.Name,
		rows:       buildsOf(c, in.WorkflowVersionARN, workflowType),
		maxResults: in.MaxResults,
		nextToken:  in.NextToken,
		view: func(r store.Resource, v *workflowRecord) (WorkflowSummary, error) {
			tags, err := c.Tx.Tags(r.ARN)
			return WorkflowSummary{
				ARN:               v.ARN,
				Name:              v.Name,
				Version:           v.Version,
				Description:       v.Description,
				ChangeDescription: v.ChangeDescription,
				Type:              v.Type,
				Owner:             v.Owner,
				State:             v.State,
				DateCreated:       v.DateCreated,
				Tags:              tags,
			}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return &ListWorkflowBuildVersionsOutput{WorkflowSummaryList: page.Items, NextToken: page.Next}, nil
}
