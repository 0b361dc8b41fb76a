package overview

import (
	"encoding/json"
	"fmt"

	"github.com/writdev/writ/internal/store"
)

// Detail is a property of a resource.
type Detail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// detailMembers lists the row members that are details, by service, in order. Members that are not listed are not
// shown: the same rows contain values, secrets and documents.
var detailMembers = map[string][]string{
	"ssm":          {"Type", "Tier", "DataType", "Number", "Description", "ModifiedBy", "Title", "Status", "Severity", "Category", "DocumentType", "DefaultVersion"},
	"imagebuilder": {"Description", "Platform", "ParentImage", "ImageRecipeARN", "InfrastructureConfigurationARN", "InstanceProfileName", "ChangeDescription", "ContainerType"},
	"kms":          {"Description", "State", "Usage", "Spec", "Enabled", "Manager", "MultiRegion"},
	"rekognition":  {"Feature", "Status", "AutoUpdate", "VersionDescription"},
	"iam":          {"Description", "Path", "ID", "MaxSessionDuration", "Boundary"},
}

// rowDetails returns the details of a row: the listed members that are strings, numbers or Booleans.
func rowDetails(row store.Resource) ([]Detail, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(row.Data, &members); err != nil {
		return nil, fmt.Errorf("read %s: %w", row.ARN, err)
	}
	var list []Detail
	for _, name := range detailMembers[row.Service] {
		var value any
		if err := json.Unmarshal(members[name], &value); err != nil {
			continue // the row has no such member
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
