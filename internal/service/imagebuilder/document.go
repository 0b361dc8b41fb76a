package imagebuilder

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is what Writ needs to know of a component document.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html
type document struct {
	Type       ComponentType
	Parameters []ComponentParameterDetail
}

// parseDocument reads a component document: YAML, and so also JSON, with at
// least schemaVersion and phases. The fault of one that is not valid is a
// sentence, else "".
func parseDocument(data string) (doc document, fault string) {
	var text struct {
		SchemaVersion yaml.Node `yaml:"schemaVersion"`
		Phases        []struct {
			Name string `yaml:"name"`
		} `yaml:"phases"`
		Parameters []map[string]struct {
			Type        string  `yaml:"type"`
			Default     *string `yaml:"default"`
			Description *string `yaml:"description"`
		} `yaml:"parameters"`
	}
	if err := yaml.Unmarshal([]byte(data), &text); err != nil {
		return document{}, "The component document cannot be read: " + strings.TrimPrefix(err.Error(), "yaml: ") + "."
	}
	if text.SchemaVersion.IsZero() {
		return document{}, "The component document has no schemaVersion."
	}
	if len(text.Phases) == 0 {
		return document{}, "The component document has no phases."
	}
	doc.Type = ComponentTypeTest
	for _, phase := range text.Phases {
		if phase.Name != "test" {
			doc.Type = ComponentTypeBuild
		}
	}
	for _, declared := range text.Parameters { // each a mapping with one key
		for _, name := range slices.Sorted(maps.Keys(declared)) {
			p := declared[name]
			detail := ComponentParameterDetail{Name: name, Type: p.Type, Description: p.Description}
			if p.Default != nil {
				detail.DefaultValue = []string{*p.Default}
			}
			doc.Parameters = append(doc.Parameters, detail)
		}
	}
	return doc, ""
}
