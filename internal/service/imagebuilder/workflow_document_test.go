package imagebuilder

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestParseWorkflow(t *testing.T) {
	doc, fault := parseWorkflow(`
name: gate
schemaVersion: 1.0
parameters:
  - {name: team, type: string}
  - {name: wait, type: boolean, default: true, description: Whether to wait.}
  - {name: sizes, type: stringList, default: [small, large]}
steps:
  - name: Launch
    action: LaunchInstance
    inputs: {waitFor: ssmAgent}
  - {name: Gate, action: WaitForAction, onFailure: Continue, timeoutSeconds: 60, if: {booleanEquals: true, value: $.parameters.wait}}
`)
	if fault != "" {
		t.Fatal(fault)
	}
	if diff := cmp.Diff(workflowDocument{
		Parameters: []WorkflowParameterDetail{
			{Name: "team", Type: "string"},
			{Name: "wait", Type: "boolean", DefaultValue: []string{"true"}, Description: new("Whether to wait.")},
			{Name: "sizes", Type: "stringList", DefaultValue: []string{"small", "large"}},
		},
		Steps: []workflowStep{
			{Name: "Launch", Action: "LaunchInstance", Inputs: new(`{"waitFor":"ssmAgent"}`)},
			{Name: "Gate", Action: "WaitForAction", OnFailure: "Continue", Timeout: 60, If: &condition{BooleanEquals: new(true), Value: new("$.parameters.wait")}},
		},
	}, doc); diff != "" {
		t.Error(diff)
	}
	const step = "steps: [{name: Launch, action: LaunchInstance"
	for name, test := range map[string]struct{ data, fault string }{
		"no YAML":            {"steps: [", "cannot be read"},
		"a list":             {"[]", "cannot be read"},
		"no version":         {step + "}]", "no schemaVersion"},
		"no steps":           {"schemaVersion: 1.0", "no steps"},
		"no name":            {"schemaVersion: 1.0\nsteps: [{action: LaunchInstance}]", "Step 1"},
		"a name with blanks": {"schemaVersion: 1.0\nsteps: [{name: My step, action: LaunchInstance}]", "Step 1"},
		"a name twice":       {"schemaVersion: 1.0\nsteps: [{name: Ab, action: Cd}, {name: Ab, action: Cd}]", "Step 2"},
		"no action":          {"schemaVersion: 1.0\nsteps: [{name: Launch}]", "must have an action"},
		"onFailure":          {"schemaVersion: 1.0\n" + step + ", onFailure: Retry}]", "Abort or Continue"},
		"timeout":            {"schemaVersion: 1.0\n" + step + ", timeoutSeconds: -1}]", "negative"},
		"timeout in words":   {"schemaVersion: 1.0\n" + step + ", timeoutSeconds: soon}]", "cannot stand here"},
		"key that is a list": {"schemaVersion: 1.0\n" + step + ", inputs: {[a]: b}}]", "cannot be read"},
		"parameter twice":    {"schemaVersion: 1.0\nparameters: [{name: a, type: string}, {name: a, type: string}]\n" + step + "}]", "Parameter 2"},
		"parameter's type":   {"schemaVersion: 1.0\nparameters: [{name: a, type: list}]\n" + step + "}]", "type of the parameter a"},
		"an alias bomb": {"schemaVersion: 1.0\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n" +
			"f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\nsteps: [{name: Ab, action: Cd, inputs: {x: [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]}}]", "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, fault := parseWorkflow(test.data); !strings.Contains(fault, test.fault) {
				t.Errorf("%q, want it to contain %q", fault, test.fault)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	parameters := map[string]string{"team": "web", "wait": "true", "count": "3"}
	for text, want := range map[string]bool{
		"{stringEquals: web, value: $.parameters.team}":                             true,
		"{stringEquals: Web, value: $.parameters.team}":                             false,
		"{booleanEquals: true, value: $.parameters.wait}":                           true,
		"{booleanEquals: false, value: $.parameters.wait}":                          false,
		"{numberEquals: 3, value: $.parameters.count}":                              true,
		"{numberGreaterThan: 3, value: $.parameters.count}":                         false,
		"{numberGreaterThanOrEquals: 3, value: $.parameters.count}":                 true,
		"{numberLessThan: 3, value: $.parameters.count}":                            false,
		"{numberLessThanOrEquals: 3, value: $.parameters.count}":                    true,
		"{numberEquals: 3, value: $.parameters.team}":                               false,
		"{not: {stringEquals: web, value: $.parameters.team}}":                      false,
		"{and: [{stringEquals: a, value: a}, {booleanEquals: true, value: false}]}": false,
		"{or: [{stringEquals: a, value: b}, {booleanEquals: true, value: true}]}":   true,
		"{or: [{stringEquals: a, value: b}]}":                                       false,
		"{stringEquals: x, value: $.stepOutputs.Launch.status}":                     true,
		"{stringEquals: x, value: $.parameters.undeclared}":                         true,
	} {
		var c condition
		if err := yaml.Unmarshal([]byte(text), &c); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := c.holds(parameters); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if !(*condition)(nil).holds(nil) {
		t.Error("no condition does not hold")
	}
}

func TestPublishedWorkflows(t *testing.T) {
	records, err := publishedWorkflowRecords()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range publishedWorkflows {
		if r := records[w.slug]; *r.Name != w.slug || len(r.Steps) == 0 {
			t.Errorf("%s: %+v", w.slug, r)
		}
	}
}
