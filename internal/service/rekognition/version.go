package rekognition

import (
	"slices"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// versionRecord is the stored state of a model version: its request, and the times from which its status is
// derived.
type versionRecord struct {
	ProjectVersionDescription

	StartedAt time.Time `json:",omitzero"`
	StoppedAt time.Time `json:",omitzero"`
	FailedAt  time.Time `json:",omitzero"` // for a copy
	Labels    []string  `json:",omitzero"` // its training labels
}

// newVersion returns the target of CreateProjectVersion.
func (s *rekognition) newVersion(_ *operation.Call, in *CreateProjectVersionInput) (authz.Target, error) {
	return authz.Target{ARN: in.ProjectARN, RequestTags: in.Tags}, nil
}

func (s *rekognition) createProjectVersion(c *operation.Call, in *CreateProjectVersionInput) (*CreateProjectVersionOutput, error) {
	n, _, project, err := load[projectRecord](c, in.ProjectARN)
	if err != nil {
		return nil, err
	}
	if err := checkOutput(c, in.OutputConfig, in.KMSKeyID); err != nil {
		return nil, err
	}
	v := versionRecord{ProjectVersionDescription: ProjectVersionDescription{
		OutputConfig:       in.OutputConfig,
		KMSKeyID:           in.KMSKeyID,
		VersionDescription: in.VersionDescription,
		Feature:            &project.Feature,
		FeatureConfig:      in.FeatureConfig,
	}}
	if in.TrainingData != nil {
		v.TrainingDataResult = &TrainingDataResult{Input: in.TrainingData}
	}
	if in.TestingData != nil {
		v.TestingDataResult = &TestingDataResult{Input: in.TestingData}
	}
	if v.Labels, err = trainedLabels(c, n); err != nil {
		return nil, err
	}
	n = n.newPart(versionType, in.VersionName, c.Now)
	if err := insert(c, n, v, in.Tags, versionExists(in.VersionName)); err != nil {
		return nil, err
	}
	return &CreateProjectVersionOutput{ProjectVersionARN: new(n.String())}, nil
}

func versionExists(version string) error {
	return inUse("The project has a version named '%s'.", version)
}

func (s *rekognition) describeProjectVersions(c *operation.Call, in *DescribeProjectVersionsInput) (*DescribeProjectVersionsOutput, error) {
	n, _, err := read(c, in.ProjectARN)
	if err != nil {
		return nil, err
	}
	var rows []store.Resource
	for r, err := range partsOf(c, n, versionType) {
		if err != nil {
			return nil, err
		}
		if in.VersionNames == nil || slices.Contains(in.VersionNames, r.Name) {
			rows = append(rows, r)
		}
	}
	p, err := page(apiDescribeProjectVersions.Name, rows, newestFirst, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &DescribeProjectVersionsOutput{ProjectVersionDescriptions: []ProjectVersionDescription{}, NextToken: p.Next}
	for _, r := range p.Items {
		d, err := s.describeVersion(c, r)
		if err != nil {
			return nil, err
		}
		out.ProjectVersionDescriptions = append(out.ProjectVersionDescriptions, d)
	}
	return out, nil
}

func (s *rekognition) describeVersion(c *operation.Call, r store.Resource) (ProjectVersionDescription, error) {
	v, err := operation.Decode[versionRecord](r)
	if err != nil {
		return ProjectVersionDescription{}, err
	}
	d, status := v.ProjectVersionDescription, v.status(s.lifecycle, r.CreatedAt, c.Now)
	d.ProjectVersionARN, d.CreationTimestamp, d.Status = &r.ARN, timestamp(r.CreatedAt), &status
	switch status {
	case ProjectVersionStatusRunning:
		d.StatusMessage = new("The model is running.")
	case ProjectVersionStatusTrainingInProgress:
		d.StatusMessage = new("The model is being trained.")
	}
	if status.isComplete() && v.SourceProjectVersionARN == nil {
		took := trainingTime(s.lifecycle)
		d.TrainingEndTimestamp = timestamp(r.CreatedAt.Add(took))
		d.BillableTrainingTimeInSeconds = new(int64(took.Seconds()))
	}
	return d, nil
}

func (s *rekognition) startProjectVersion(c *operation.Call, in *StartProjectVersionInput) (*StartProjectVersionOutput, error) {
	_, r, v, err := load[versionRecord](c, in.ProjectVersionARN)
	if err != nil {
		return nil, err
	}
	if err := checkCustomLabels(*v.Feature); err != nil {
		return nil, err
	}
	if in.MaxInferenceUnits != nil && *in.MaxInferenceUnits < in.MinInferenceUnits {
		return nil, notValid("MaxInferenceUnits must not be less than MinInferenceUnits.")
	}
	if status := v.status(s.lifecycle, r.CreatedAt, c.Now); !status.isStartable() {
		return nil, inUse("The version cannot be started: it is %s.", status)
	}
	v.StartedAt, v.StoppedAt = c.Now, time.Time{}
	v.MinInferenceUnits, v.MaxInferenceUnits = &in.MinInferenceUnits, in.MaxInferenceUnits
	return &StartProjectVersionOutput{Status: new(ProjectVersionStatusStarting)}, update(c, r, v)
}

func (s *rekognition) stopProjectVersion(c *operation.Call, in *StopProjectVersionInput) (*StopProjectVersionOutput, error) {
	_, r, v, err := load[versionRecord](c, in.ProjectVersionARN)
	if err != nil {
		return nil, err
	}
	if status := v.status(s.lifecycle, r.CreatedAt, c.Now); status != ProjectVersionStatusRunning {
		return nil, inUse("The version cannot be stopped: it is %s.", status)
	}
	v.StoppedAt = c.Now
	return &StopProjectVersionOutput{Status: new(ProjectVersionStatusStopping)}, update(c, r, v)
}

// deleteProjectVersion deletes a version that is not in use. Its incomplete copies fail.
func (s *rekognition) deleteProjectVersion(c *operation.Call, in *DeleteProjectVersionInput) (*DeleteProjectVersionOutput, error) {
	_, r, v, err := load[versionRecord](c, in.ProjectVersionARN)
	if err != nil {
		return nil, err
	}
	status := v.status(s.lifecycle, r.CreatedAt, c.Now)
	if !status.isStartable() && status != ProjectVersionStatusCopyingFailed {
		return nil, inUse("The version cannot be deleted: it is %s.", status)
	}
	if err := s.failCopies(c, r.ARN); err != nil {
		return nil, err
	}
	return &DeleteProjectVersionOutput{Status: new(ProjectVersionStatusDeleting)}, c.Tx.DeleteResource(r.ARN)
}

// checkCustomLabels rejects requests for features other than Custom Labels.
func checkCustomLabels(f CustomizationFeature) error {
	if f != CustomizationFeatureCustomLabels {
		return notValid("The operation applies only to projects of the feature CUSTOM_LABELS.")
	}
	return nil
}
