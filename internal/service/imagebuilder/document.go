package imagebuilder

import (
	"errors"
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
		return document{}, "The component document cannot be read: " + decodeError(err) + "."
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

// decodeError says where a document cannot be read, and why. The decoder names the
// Go type that a value does not fit, which is nothing to the caller.
func decodeError(err error) string {
	e, ok := errors.AsType[*yaml.TypeError](err)
	if !ok {
		return strings.TrimPrefix(err.Error(), "yaml: ")
	}
	first := e.Errors[0] // "line 1: cannot unmarshal !!seq into string"
	line, reason, _ := strings.Cut(first, ": ")
	switch {
	case strings.HasPrefix(reason, "mapping key "): // stands twice
		return first
	case strings.HasPrefix(reason, "cannot unmarshal !!seq "):
		return line + ": a list cannot stand here"
	case strings.HasPrefix(reason, "cannot unmarshal !!map "):
		return line + ": a mapping cannot stand here"
	}
	return line + ": this value cannot stand here"
}
