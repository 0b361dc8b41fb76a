package ssm

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"go.yaml.in/yaml/v3"
)

// outline is the part of a document's content that descriptions contain.
type outline struct {
	schema, description string
	parameters          []DocumentParameter
}

// errDocument is the error for content that does not have its format.
var errDocument = errors.New("not a document of this format")

// parseDocument parses a document's content. Text has no outline; JSON and YAML must be an object.
func parseDocument(text string, format DocumentFormat) (o outline, err error) {
	if format == DocumentFormatText {
		return o, nil
	}
	root, err := parseNode(text, format)
	if err != nil {
		return o, err
	}
	o.schema, o.description = scalar(member(root, "schemaVersion")), scalar(member(root, "description"))
	o.parameters = []DocumentParameter{}
	parameters := member(root, "parameters")
	if parameters == nil || parameters.Kind != yaml.MappingNode {
		return o, nil
	}
	for i := 0; i+1 < len(parameters.Content); i += 2 {
		p, err := describeParameter(parameters.Content[i].Value, parameters.Content[i+1])
		if err != nil {
			return o, err
		}
		o.parameters = append(o.parameters, p)
	}
	return o, nil
}

// parseNode returns the root object of a document's content.
func parseNode(text string, format DocumentFormat) (*yaml.Node, error) {
	if format == DocumentFormatJson && !json.Valid([]byte(text)) {
		return nil, errDocument
	}
	var doc yaml.Node // it also reads JSON, and keeps the order of members
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errDocument
	}
	return doc.Content[0], nil
}

func describeParameter(name string, node *yaml.Node) (DocumentParameter, error) {
	p := DocumentParameter{Name: &name}
	if node.Kind != yaml.MappingNode {
		return p, errDocument
	}
	p.Type, p.Description = optional(scalar(member(node, "type"))), optional(scalar(member(node, "description")))
	value := member(node, "default")
	switch {
	case value == nil:
	case value.Kind == yaml.ScalarNode:
		p.DefaultValue = &value.Value
	default:
		text, err := toJSON(value)
		if err != nil {
			return p, err
		}
		p.DefaultValue = &text
	}
	return p, nil
}

// member returns a member of an object, or nil if there is none.
func member(object *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(object.Content); i += 2 {
		if object.Content[i].Value == name {
			return object.Content[i+1]
		}
	}
	return nil
}

// scalar returns the text of a node that is neither an object nor a list, else "".
func scalar(node *yaml.Node) string {
	if node == nil || node.Kind != yaml.ScalarNode {
		return ""
	}
	return node.Value
}

// toJSON encodes a node as JSON.
func toJSON(node *yaml.Node) (string, error) {
	var value any
	if err := node.Decode(&value); err != nil {
		return "", errDocument
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil { // it fails for a map whose keys are not strings
		return "", errDocument
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// convert converts a content to another format. Text is unchanged.
func convert(text string, from, to DocumentFormat) (string, error) {
	if from == to || from == DocumentFormatText || to == DocumentFormatText {
		return text, nil
	}
	node, err := parseNode(text, from)
	if err != nil {
		return "", err
	}
	if to == DocumentFormatJson {
		return toJSON(node)
	}
	setBlockStyle(node)
	out, err := yaml.Marshal(node)
	return string(out), err
}

// setBlockStyle sets the block style of YAML on nodes that were JSON.
func setBlockStyle(node *yaml.Node) {
	node.Style = 0
	for _, child := range node.Content {
		setBlockStyle(child)
	}
}

// schemas holds the schema versions of document types that have one.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html
var schemas = map[DocumentType][]string{
	DocumentTypeCommand:    {"1.2", "2.0", "2.2"},
	DocumentTypePolicy:     {"2.0"},
	DocumentTypeAutomation: {"0.3"},
	DocumentTypeSession:    {"1.0"},
}

// maxDocument is the largest size of a content, in bytes.
const maxDocument = 64 << 10

// checkContent returns an error for a content that is not valid for a document type.
func checkContent(typ DocumentType, format DocumentFormat, text string) error {
	if len(text) > maxDocument {
		return errMaxDocumentSizeExceeded("The size limit of a document is 64 KB.")
	}
	versions, has := schemas[typ]
	o, err := parseDocument(text, format)
	switch {
	case err != nil, has && o.schema == "":
		return errInvalidDocumentContent("The content for the document is not valid.")
	case has && !slices.Contains(versions, o.schema):
		return errInvalidDocumentSchemaVersion("The version of the document schema isn't supported.")
	}
	return nil
}
