package overview

import (
	"encoding/json"
	"fmt"

	"github.com/writdev/writ/internal/store"
)

// Detail is one thing that is known of a resource.
type Detail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// shown are the members of rows that are details, by service, in order. What is not in the
// list is not shown: values, secrets and documents are in the same rows.
var shown = map[string][]string{
	"ssm":          {"Type", "Tier", "DataType", "Number", "Description", "ModifiedBy", "Title", "Status", "Severity", "Category", "DocumentType", "DefaultVersion"},
	"imagebuilder": {"Description", "Platform", "ParentImage", "ImageRecipeARN", "InfrastructureConfigurationARN", "InstanceProfileName", "ChangeDescription", "ContainerType"},
	"kms":          {"Description", "State", "Usage", "Spec", "Enabled", "Manager", "MultiRegion"},
	"rekognition":  {"Feature", "Status", "AutoUpdate", "VersionDescription"},
	"iam":          {"Description", "Path", "ID", "MaxSessionDuration", "Boundary"},
}

// detailsOf are the details of a row: those of its members that are texts, numbers or truth
// values.
func detailsOf(row store.Resource) ([]Detail, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(row.Data, &members); err != nil {
		return nil, fmt.Errorf("read %s: %w", row.ARN, err)
	}
	var list []Detail
	for _, name := range shown[row.Service] {
		var value any
		if err := json.Unmarshal(members[name], &value); err != nil {
			continue // it has none
		}
		switch value.(type) {
		case string, float64, bool:
			if text := fmt.Sprint(value); text != "" {
				list = append(list, Detail{name, text})
			}
		}
	}
	return list, nil
}
