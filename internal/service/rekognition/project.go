package rekognition

import (
	"cmp"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// projectRecord is the stored state of a project.
type projectRecord struct {
	Feature    CustomizationFeature
	AutoUpdate *ProjectAutoUpdate
}

// newProject returns the target of CreateProject, which has no resource.
func (s *rekognition) newProject(_ *operation.Call, in *CreateProjectInput) (authz.Target, error) {
	return authz.Target{ARN: "*", RequestTags: in.Tags}, nil
}

func (s *rekognition) createProject(c *operation.Call, in *CreateProjectInput) (*CreateProjectOutput, error) {
	v := projectRecord{Feature: CustomizationFeatureCustomLabels, AutoUpdate: in.AutoUpdate}
	if in.Feature != nil {
		v.Feature = *in.Feature
	}
	switch {
	case v.Feature == CustomizationFeatureCustomLabels && v.AutoUpdate != nil:
		return nil, notValid("AutoUpdate applies only to projects of the feature CONTENT_MODERATION.")
	case v.Feature == CustomizationFeatureContentModeration && v.AutoUpdate == nil:
		return nil, notValid("AutoUpdate must be given for the feature CONTENT_MODERATION.")
	}
	n := newProjectName(c, in.ProjectName)
	if err := insert(c, n, v, in.Tags, inUse("There is a project named '%s'.", in.ProjectName)); err != nil {
		return nil, err
	}
	return &CreateProjectOutput{ProjectARN: new(n.String())}, nil
}

func (s *rekognition) describeProjects(c *operation.Call, in *DescribeProjectsInput) (*DescribeProjectsOutput, error) {
	features := in.Features
	if features == nil {
		features = []CustomizationFeature{CustomizationFeatureCustomLabels}
	}
	var rows []store.Resource
	own := newProjectName(c, "")
	for r, err := range c.Tx.Resources(store.Query{Service: api.Name, Type: projectType, Account: own.Account, Prefix: own.accountPrefix()}) {
		if err != nil {
			return nil, err
		}
		v, err := operation.Decode[projectRecord](r)
		if err != nil {
			return nil, err
		}
		if slices.Contains(features, v.Feature) && (in.ProjectNames == nil || slices.Contains(in.ProjectNames, r.Name)) {
			rows = append(rows, r)
		}
	}
	p, err := page(apiDescribeProjects.Name, rows, oldestFirst, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &DescribeProjectsOutput{ProjectDescriptions: []ProjectDescription{}, NextToken: p.Next}
	for _, r := range p.Items {
		d, err := s.describeProject(c, r)
		if err != nil {
			return nil, err
		}
		out.ProjectDescriptions = append(out.ProjectDescriptions, d)
	}
	return out, nil
}

func (s *rekognition) describeProject(c *operation.Call, r store.Resource) (ProjectDescription, error) {
	n, _, v, err := load[projectRecord](c, r.ARN)
	if err != nil {
		return ProjectDescription{}, err
	}
	d := ProjectDescription{
		ProjectARN:        &r.ARN,
		CreationTimestamp: timestamp(r.CreatedAt),
		Status:            new(ProjectStatusCreated),
		Datasets:          []DatasetMetadata{},
		Feature:           &v.Feature,
		AutoUpdate:        v.AutoUpdate,
	}
	for r, err := range partsOf(c, n, datasetType) {
		if err != nil {
			return d, err
		}
		v, err := operation.Decode[datasetRecord](r)
		if err != nil {
			return d, err
		}
		status, message := s.datasetStatus(c, r, v)
		about := DatasetMetadata{
			CreationTimestamp: timestamp(r.CreatedAt),
			DatasetType:       new(DatasetType(strings.ToUpper(r.Name))),
			DatasetARN:        &r.ARN,
			Status:            &status,
			StatusMessage:     message,
		}
		if message != nil {
			about.StatusMessageCode = new(DatasetStatusMessageCodeSuccess)
		}
		d.Datasets = append(d.Datasets, about)
	}
	return d, nil
}

// deleteProject deletes a project with its policies and its datasets. It must have no versions.
func (s *rekognition) deleteProject(c *operation.Call, in *DeleteProjectInput) (*DeleteProjectOutput, error) {
	n, r, err := read(c, in.ProjectARN)
	if err != nil {
		return nil, err
	}
	for version, err := range partsOf(c, n, versionType) {
		return nil, cmp.Or(err, inUse("The project has the version '%s'.", version.Name))
	}
	var datasets []string
	for dataset, err := range partsOf(c, n, datasetType) {
		if err != nil {
			return nil, err
		}
		datasets = append(datasets, dataset.ARN)
	}
	for _, arn := range append(datasets, r.ARN) {
		if err := c.Tx.DeleteResource(arn); err != nil {
			return nil, err
		}
	}
	return &DeleteProjectOutput{Status: new(ProjectStatusDeleting)}, nil
}
