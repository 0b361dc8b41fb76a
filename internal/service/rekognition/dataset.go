package rekognition

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// datasetRecord is the stored state of a dataset: its source and its entries. A manifest in S3 is not read.
type datasetRecord struct {
	Source    *DatasetSource
	Entries   []string  `json:",omitzero"` // JSON lines
	ChangedAt time.Time `json:",omitzero"` // time of the last change of the entries
}

// maxEntries is the largest number of entries of a dataset.
const maxEntries = 20000

// newDataset returns the target of CreateDataset.
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
	entries, err := s.copiedEntries(c, in.DatasetSource)
	if err != nil {
		return nil, err
	}
	n = n.newPart(datasetType, strings.ToLower(string(in.DatasetType)), c.Now)
	err = insert(c, n, datasetRecord{Source: in.DatasetSource, Entries: entries}, in.Tags, errResourceAlreadyExists(textAlreadyExists))
	if err != nil {
		return nil, err
	}
	return &CreateDatasetOutput{DatasetARN: new(n.String())}, nil
}

// copiedEntries returns the entries of a source dataset, if there is one: the caller must be allowed to list
// them.
func (s *rekognition) copiedEntries(c *operation.Call, source *DatasetSource) ([]string, error) {
	switch {
	case source == nil || source.DatasetARN == nil:
		return nil, nil
	case source.GroundTruthManifest != nil:
		return nil, notValid("DatasetSource must have one of GroundTruthManifest and DatasetArn.")
	}
	err := c.Authorize(api.Name+":"+apiListDatasetEntries.Name, authz.Target{ARN: *source.DatasetARN})
	if err != nil {
		return nil, err
	}
	_, _, v, err := load[datasetRecord](c, *source.DatasetARN)
	if err != nil {
		return nil, err
	}
	return v.Entries, nil
}

func (s *rekognition) describeDataset(c *operation.Call, in *DescribeDatasetInput) (*DescribeDatasetOutput, error) {
	_, r, v, err := load[datasetRecord](c, in.DatasetARN)
	if err != nil {
		return nil, err
	}
	d, err := s.datasetDescription(c, r, v)
	return &DescribeDatasetOutput{DatasetDescription: d}, err
}

// datasetStatus returns the present status of a dataset, and a message about it.
func (s *rekognition) datasetStatus(c *operation.Call, r store.Resource, v *datasetRecord) (DatasetStatus, *string) {
	status, done := operation.StatusAt(s.lifecycle, creating, r.CreatedAt, c.Now), "created"
	if !v.ChangedAt.IsZero() {
		status, done = operation.StatusAt(s.lifecycle, updating, v.ChangedAt, c.Now), "updated"
	}
	if !status.isReady() {
		return status, nil
	}
	return status, new("The dataset was " + done + " successfully.")
}

// isReady reports whether the entries of a dataset in this state can be used.
func (s DatasetStatus) isReady() bool {
	return s == DatasetStatusCreateComplete || s == DatasetStatusUpdateComplete
}

func (s *rekognition) datasetDescription(c *operation.Call, r store.Resource, v *datasetRecord) (*DatasetDescription, error) {
	counts, labeled, err := labelCounts(v.Entries)
	if err != nil {
		return nil, err
	}
	status, message := s.datasetStatus(c, r, v)
	d := &DatasetDescription{
		CreationTimestamp:    timestamp(r.CreatedAt),
		LastUpdatedTimestamp: timestamp(r.UpdatedAt),
		Status:               &status,
		StatusMessage:        message,
		DatasetStats: &DatasetStats{
			LabeledEntries: &labeled, TotalEntries: new(len(v.Entries)), TotalLabels: new(len(counts)), ErrorEntries: new(0),
		},
	}
	if message != nil {
		d.StatusMessageCode = new(DatasetStatusMessageCodeSuccess)
	}
	return d, nil
}

// readReady reads a dataset whose entries can be used.
func (s *rekognition) readReady(c *operation.Call, arn string) (store.Resource, *datasetRecord, error) {
	_, r, v, err := load[datasetRecord](c, arn)
	if err != nil {
		return r, nil, err
	}
	if status, _ := s.datasetStatus(c, r, v); !status.isReady() {
		return r, nil, errResourceNotReady("The dataset is not ready: it is %s.", status)
	}
	return r, v, nil
}

func (s *rekognition) listDatasetEntries(c *operation.Call, in *ListDatasetEntriesInput) (*ListDatasetEntriesOutput, error) {
	_, v, err := s.readReady(c, in.DatasetARN)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, line := range v.Entries {
		if e, _ := parseEntry(line); in.wants(&e) { // stored lines are valid
			lines = append(lines, line)
		}
	}
	p, err := pageOf(apiListDatasetEntries.Name, in.MaxResults, in.NextToken, lines)
	if err != nil {
		return nil, err
	}
	return &ListDatasetEntriesOutput{DatasetEntries: p.Items, NextToken: p.Next}, nil
}

// wants reports whether an entry matches the filters of the request. No entry has errors.
func (in *ListDatasetEntriesInput) wants(e *entry) bool {
	switch {
	case in.HasErrors != nil && *in.HasErrors,
		in.Labeled != nil && *in.Labeled != (len(e.Labels) > 0),
		in.SourceRefContains != nil && !strings.Contains(e.SourceRef, *in.SourceRefContains):
		return false
	}
	return in.ContainsLabels == nil ||
		slices.ContainsFunc(in.ContainsLabels, func(label string) bool { return slices.Contains(e.Labels, label) })
}

func (s *rekognition) listDatasetLabels(c *operation.Call, in *ListDatasetLabelsInput) (*ListDatasetLabelsOutput, error) {
	_, v, err := s.readReady(c, in.DatasetARN)
	if err != nil {
		return nil, err
	}
	counts, _, err := labelCounts(v.Entries)
	if err != nil {
		return nil, err
	}
	var labels []DatasetLabelDescription
	for _, label := range slices.Sorted(maps.Keys(counts)) {
		labels = append(labels, DatasetLabelDescription{LabelName: &label, LabelStats: counts[label]})
	}
	p, err := pageOf(apiListDatasetLabels.Name, in.MaxResults, in.NextToken, labels)
	if err != nil {
		return nil, err
	}
	return &ListDatasetLabelsOutput{DatasetLabelDescriptions: p.Items, NextToken: p.Next}, nil
}

func (s *rekognition) updateDatasetEntries(c *operation.Call, in *UpdateDatasetEntriesInput) (*UpdateDatasetEntriesOutput, error) {
	r, v, err := s.readModifiable(c, in.DatasetARN)
	if err != nil {
		return nil, err
	}
	changes, fault := parseEntries(in.Changes.GroundTruth)
	if fault != "" {
		return nil, notValid(fault)
	}
	if v.Entries, err = merge(v.Entries, changes); err != nil {
		return nil, err
	}
	if len(v.Entries) > maxEntries {
		return nil, errLimitExceeded("A dataset may have at most %d entries.", maxEntries)
	}
	v.ChangedAt = c.Now
	return &UpdateDatasetEntriesOutput{}, update(c, r, v)
}

// readModifiable is readReady for a change: a dataset that is not ready is in use.
func (s *rekognition) readModifiable(c *operation.Call, arn string) (store.Resource, *datasetRecord, error) {
	_, r, v, err := load[datasetRecord](c, arn)
	if err != nil {
		return r, nil, err
	}
	if status, _ := s.datasetStatus(c, r, v); !status.isReady() {
		return r, nil, inUse("The dataset cannot be changed: it is %s.", status)
	}
	return r, v, nil
}

// distributeTarget returns the target of DistributeDatasetEntries: the first of the two datasets. The handler
// authorizes the other.
func (s *rekognition) distributeTarget(_ *operation.Call, in *DistributeDatasetEntriesInput) (authz.Target, error) {
	return authz.Target{ARN: in.Datasets[0].ARN}, nil
}

// testShare is the fraction of a training dataset's entries that move to the test dataset: every fifth.
const testShare = 5

// distributeDatasetEntries moves a fifth of the entries of a training dataset into the empty
// test dataset of its project.
func (s *rekognition) distributeDatasetEntries(c *operation.Call, in *DistributeDatasetEntriesInput) (*DistributeDatasetEntriesOutput, error) {
	err := c.Authorize(api.Name+":"+apiDistributeDatasetEntries.Name, authz.Target{ARN: in.Datasets[1].ARN})
	if err != nil {
		return nil, err
	}
	train, test := in.Datasets[0].ARN, in.Datasets[1].ARN
	first, err1 := parseName(train)
	second, err2 := parseName(test)
	if err1 != nil || err2 != nil || first.project() != second.project() || first.Part == second.Part {
		return nil, notValid("Datasets must be the training dataset and the test dataset of one project.")
	}
	if first.Part == "test" {
		train, test = test, train
	}
	from, source, err := s.readReady(c, train)
	if err != nil {
		return nil, err
	}
	to, sink, err := s.readReady(c, test)
	if err != nil {
		return nil, err
	}
	if len(sink.Entries) > 0 {
		return nil, notValid("The test dataset must be empty.")
	}
	var kept []string
	for i, line := range source.Entries {
		if i%testShare == testShare-1 {
			sink.Entries = append(sink.Entries, line)
		} else {
			kept = append(kept, line)
		}
	}
	source.Entries, source.ChangedAt, sink.ChangedAt = kept, c.Now, c.Now
	if err := update(c, from, source); err != nil {
		return nil, err
	}
	return &DistributeDatasetEntriesOutput{}, update(c, to, sink)
}

func (s *rekognition) deleteDataset(c *operation.Call, in *DeleteDatasetInput) (*DeleteDatasetOutput, error) {
	_, r, v, err := load[datasetRecord](c, in.DatasetARN)
	if err != nil {
		return nil, err
	}
	if status, _ := s.datasetStatus(c, r, v); !status.isReady() {
		return nil, inUse("The dataset cannot be deleted: it is %s.", status)
	}
	return &DeleteDatasetOutput{}, c.Tx.DeleteResource(r.ARN)
}
