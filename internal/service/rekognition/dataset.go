package rekognition

import (
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// datasetRecord is what is kept of a dataset: where it came from. Its entries
// would come from there; Writ reads none.
type datasetRecord struct {
	Source *DatasetSource
}

// newDataset is the target of CreateDataset.
func (s *rekognition) newDataset(_ *operation.Call, in *CreateDatasetInput) (authz.Target, error) {
	return authz.Target{ARN: in.ProjectARN, RequestTags: in.Tags}, nil
}

func (s *rekognition) createDataset(c *operation.Call, in *CreateDatasetInput) (*CreateDatasetOutput, error) {
	n, _, project, err := load[projectRecord](c, in.ProjectARN)
	if err != nil {
		return nil, err
	}
	if err := checkCustomLabels(project.Feature); err != nil {
		return nil, err
	}
	if err := s.checkSource(c, in.DatasetSource); err != nil {
		return nil, err
	}
	n = n.newPart(datasetType, strings.ToLower(string(in.DatasetType)), c.Now)
	err = insert(c, n, datasetRecord{in.DatasetSource}, in.Tags, errResourceAlreadyExists(textAlreadyExists))
	if err != nil {
		return nil, err
	}
	return &CreateDatasetOutput{DatasetARN: new(n.String())}, nil
}

// checkSource finds the dataset that is to be copied, if one is: the caller
// must be allowed to list its entries.
func (s *rekognition) checkSource(c *operation.Call, source *DatasetSource) error {
	switch {
	case source == nil || source.DatasetARN == nil:
		return nil
	case source.GroundTruthManifest != nil:
		return notValid("DatasetSource must have one of GroundTruthManifest and DatasetArn.")
	}
	err := c.Authorize(api.Name+":"+apiListDatasetEntries.Name, authz.Target{ARN: *source.DatasetARN})
	if err != nil {
		return err
	}
	_, _, err = read(c, *source.DatasetARN)
	return err
}

func (s *rekognition) describeDataset(c *operation.Call, in *DescribeDatasetInput) (*DescribeDatasetOutput, error) {
	_, r, err := read(c, in.DatasetARN)
	if err != nil {
		return nil, err
	}
	return &DescribeDatasetOutput{DatasetDescription: s.datasetDescription(c, r)}, nil
}

func (s *rekognition) datasetDescription(c *operation.Call, r store.Resource) *DatasetDescription {
	d := &DatasetDescription{
		CreationTimestamp:    timestamp(r.CreatedAt),
		LastUpdatedTimestamp: timestamp(r.UpdatedAt),
		Status:               new(operation.StatusAt(s.lifecycle, creating, r.CreatedAt, c.Now)),
		DatasetStats:         &DatasetStats{LabeledEntries: new(0), TotalEntries: new(0), TotalLabels: new(0), ErrorEntries: new(0)},
	}
	if *d.Status == DatasetStatusCreateComplete {
		d.StatusMessage = new("The dataset was created successfully.")
		d.StatusMessageCode = new(DatasetStatusMessageCodeSuccess)
	}
	return d
}

func (s *rekognition) listDatasetEntries(c *operation.Call, in *ListDatasetEntriesInput) (*ListDatasetEntriesOutput, error) {
	_, r, err := read(c, in.DatasetARN)
	if err != nil {
		return nil, err
	}
	if *s.datasetDescription(c, r).Status != DatasetStatusCreateComplete {
		return nil, errResourceNotReady("The dataset is being created.")
	}
	if in.NextToken != nil { // there is one page, so no token was ever given
		return nil, errInvalidPaginationToken(textPaginationToken)
	}
	return &ListDatasetEntriesOutput{DatasetEntries: []string{}}, nil
}

func (s *rekognition) deleteDataset(c *operation.Call, in *DeleteDatasetInput) (*DeleteDatasetOutput, error) {
	_, r, err := read(c, in.DatasetARN)
	if err != nil {
		return nil, err
	}
	if status := s.datasetDescription(c, r).Status; *status != DatasetStatusCreateComplete {
		return nil, inUse("The dataset cannot be deleted: it is %s.", *status)
	}
	return &DeleteDatasetOutput{}, c.Tx.DeleteResource(r.ARN)
}
