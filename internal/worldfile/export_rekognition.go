package worldfile

import (
	"strings"

	"github.com/writdev/writ/internal/store"
)

func (x *exporter) project(k *kind, r store.Resource, e *Entry) (bool, error) {
	answer, err := x.get(r.ARN, "rekognition", "DescribeProjects", map[string]any{"ProjectNames": []string{r.Name}, "Features": []string{"CUSTOM_LABELS", "CONTENT_MODERATION"}})
	if err != nil {
		return false, err
	}
	for _, p := range items(answer["ProjectDescriptions"]) {
		if p["Feature"] == "CUSTOM_LABELS" {
			delete(p, "Feature")
		}
		x.keep(k, p, e)
	}
	return true, nil
}

func (x *exporter) modelVersion(k *kind, r store.Resource, e *Entry) (bool, error) {
	part := strings.Split(r.ARN, "/")
	for row, err := range x.Tx.Resources(store.Query{Prefix: strings.Join(part[:2], "/") + "/", Service: "rekognition", Type: "project"}) {
		if err != nil {
			return false, err
		}
		answer, err := x.get(row.ARN, "rekognition", "DescribeProjectVersions", map[string]any{"ProjectArn": row.ARN, "VersionNames": []string{part[3]}})
		if err != nil {
			return false, err
		}
		found := items(answer["ProjectVersionDescriptions"])
		if len(found) == 0 {
			continue
		}
		v := found[0]
		if v["SourceProjectVersionArn"] != nil {
			x.leave("model version that was copied")
			return false, nil
		}
		v["TrainingData"], v["TestingData"] = member(v, "TrainingDataResult.Input"), member(v, "TestingDataResult.Input")
		x.keep(k, v, e)
		delete(e.Members, "ProjectArn")
		return true, nil
	}
	return false, nil
}

// dataset reads the entries of a dataset.
func (x *exporter) dataset(r store.Resource, e *Entry) (bool, error) {
	var entries List
	in := map[string]any{"DatasetArn": r.ARN}
	for {
		answer, err := x.get(r.ARN, "rekognition", "ListDatasetEntries", in)
		if err != nil {
			if strings.Contains(err.Error(), "ResourceNotReadyException") {
				x.leave("dataset that is being made or changed")
				return false, nil
			}
			return false, err
		}
		entries = append(entries, texts(answer["DatasetEntries"])...)
		if answer["NextToken"] == nil {
			break
		}
		in["NextToken"] = answer["NextToken"]
	}
	if len(entries) > 0 {
		e.Own["entries"] = entries
	}
	return true, nil
}

// users are the ids of the users of a collection.
func (x *exporter) users(r store.Resource) (ids []any, err error) {
	in := map[string]any{"CollectionId": r.Name}
	for {
		answer, err := x.get(r.ARN, "rekognition", "ListUsers", in)
		if err != nil {
			return nil, err
		}
		for _, user := range items(answer["Users"]) {
			ids = append(ids, user["UserId"])
		}
		if answer["NextToken"] == nil {
			return ids, nil
		}
		in["NextToken"] = answer["NextToken"]
	}
}
