package imagebuilder

import (
	"encoding/json"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// workflowDocument is what Writ needs to know of a workflow document.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-workflow-create-document.html
type workflowDocument struct {
	Parameters []WorkflowParameterDetail
	Steps      []workflowStep
}

// workflowStep is a step of a workflow document.
type workflowStep struct {
	Name, Action string
	Description  *string
	OnFailure    string     `json:",omitzero"` // Abort or Continue; "" is Abort
	Timeout      int        `json:",omitzero"` // seconds; 0 is the default of the action
	Inputs       *string    // a JSON object
	If           *condition // nil is always
}

// waitForAction is the action of a step that waits for SendWorkflowStepAction.
const waitForAction = "WaitForAction"

// aborts reports whether a workflow ends where the step fails.
func (s *workflowStep) aborts() bool { return s.OnFailure != "Continue" }

// What names in a workflow document look like: the patterns of the model.
var (
	stepName      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-_]{1,99}$`)
	parameterType = regexp.MustCompile(`^(?:string|integer|boolean|stringList)$`)
)

// maxSteps bounds what a document of the greatest size can hold by far, so that a number of
// three hexadecimal digits is enough to name a step of a run.
const maxSteps = 1<<12 - 1

// parseWorkflow reads a workflow document: YAML, and so also JSON, with at least
// schemaVersion and steps. The fault of one that is not valid is a sentence, else "".
func parseWorkflow(data string) (doc workflowDocument, fault string) {
	var text struct {
		SchemaVersion yaml.Node `yaml:"schemaVersion"`
		Parameters    []struct {
			Name        string    `yaml:"name"`
			Type        string    `yaml:"type"`
			Default     yaml.Node `yaml:"default"`
			Description *string   `yaml:"description"`
		} `yaml:"parameters"`
		Steps []struct {
			Name           string     `yaml:"name"`
			Action         string     `yaml:"action"`
			Description    *string    `yaml:"description"`
			OnFailure      string     `yaml:"onFailure"`
			TimeoutSeconds int        `yaml:"timeoutSeconds"`
			If             *condition `yaml:"if"`
			Inputs         any        `yaml:"inputs"`
		} `yaml:"steps"`
	}
	if err := yaml.Unmarshal([]byte(data), &text); err != nil {
		return doc, "The workflow document cannot be read: " + decodeError(err) + "."
	}
	switch {
	case text.SchemaVersion.IsZero():
		return doc, "The workflow document has no schemaVersion."
	case len(text.Steps) == 0:
		return doc, "The workflow document has no steps."
	case len(text.Steps) > maxSteps:
		return doc, "The workflow document has too many steps."
	}
	declared := map[string]bool{}
	for i, p := range text.Parameters {
		switch {
		case p.Name == "" || declared[p.Name]:
			return doc, fmt.Sprintf("Parameter %d of the workflow document must have a name of its own.", i+1)
		case !parameterType.MatchString(p.Type):
			return doc, fmt.Sprintf("The type of the parameter %s must be string, integer, boolean or stringList.", p.Name)
		}
		declared[p.Name] = true
		doc.Parameters = append(doc.Parameters, WorkflowParameterDetail{
			Name: p.Name, Type: p.Type, Description: p.Description, DefaultValue: scalars(&p.Default),
		})
	}
	named := map[string]bool{}
	for i, s := range text.Steps {
		switch {
		case !stepName.MatchString(s.Name) || named[s.Name]:
			return doc, fmt.Sprintf("Step %d of the workflow document must have a name of its own, of 2 to 100 letters, digits, '-' and '_'.", i+1)
		case !stepName.MatchString(s.Action):
			return doc, fmt.Sprintf("The step %s must have an action.", s.Name)
		case s.OnFailure != "" && s.OnFailure != "Abort" && s.OnFailure != "Continue":
			return doc, fmt.Sprintf("The onFailure of the step %s must be Abort or Continue.", s.Name)
		case s.TimeoutSeconds < 0:
			return doc, fmt.Sprintf("The timeoutSeconds of the step %s must not be negative.", s.Name)
		}
		named[s.Name] = true
		step := workflowStep{Name: s.Name, Action: s.Action, Description: s.Description, OnFailure: s.OnFailure, Timeout: s.TimeoutSeconds, If: s.If}
		if s.Inputs != nil {
			inputs, err := json.Marshal(s.Inputs)
			if err != nil {
				return doc, fmt.Sprintf("The inputs of the step %s have a key that is not text.", s.Name)
			}
			step.Inputs = new(string(inputs))
		}
		doc.Steps = append(doc.Steps, step)
	}
	return doc, ""
}

// scalars are the values of a scalar or of a list of scalars, as they are written.
func scalars(n *yaml.Node) []string {
	switch n.Kind {
	case yaml.ScalarNode:
		return []string{n.Value}
	case yaml.SequenceNode:
		var list []string
		for _, item := range n.Content {
			list = append(list, scalars(item)...)
		}
		return list
	}
	return nil
}
