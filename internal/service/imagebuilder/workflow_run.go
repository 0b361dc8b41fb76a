package imagebuilder

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// The resources that runs of workflows are to policies. They are parts of the image that
// they make: it refers to their ARNs, so that it is found by them.
const (
	runType  = "workflow-execution"
	stepType = "workflow-step-execution"
)

// runARN is the ARN of a run in the caller's account.
func runARN(c *operation.Call, id string) string { return newName(c, runType, id, "").String() }

// stepARN is the same for a step of a run.
func stepARN(c *operation.Call, id string) string { return newName(c, stepType, id, "").String() }

// waitingARN stands for all steps that wait for an action: images to which one may be sent
// refer to it.
func waitingARN(c *operation.Call) string { return stepARN(c, "*") }

// The id of a run and those of its steps differ in their prefix and in the last digits,
// which count the steps from 1.
const (
	runPrefix, stepPrefix = "wf-", "step-"
	stepDigits            = 3
)

func newRunID(c *operation.Call) string {
	id := c.NewID()
	return runPrefix + id[:len(id)-stepDigits] + strings.Repeat("0", stepDigits)
}

// stepID is the id of the step with an index in its run.
func stepID(run string, index int) string {
	id := strings.TrimPrefix(run, runPrefix)
	return stepPrefix + id[:len(id)-stepDigits] + fmt.Sprintf("%0*x", stepDigits, index+1)
}

// runOf is the inverse of stepID. The index of what is no step is negative.
func runOf(step string) (run string, index int) {
	id := strings.ToLower(strings.TrimPrefix(step, stepPrefix))
	at := len(id) - stepDigits
	number, _ := strconv.ParseInt(id[at:], 16, 32) // the model's pattern lets only digits pass
	return runPrefix + id[:at] + strings.Repeat("0", stepDigits), int(number) - 1
}

// defaultWorkflows are the workflows that make an image unless the caller names others.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-workflows.html
func defaultWorkflows(c *operation.Call, image ImageType, tests *ImageTestsConfiguration) []WorkflowConfiguration {
	kind := "image"
	if image == ImageTypeDocker {
		kind = "container"
	}
	var list []WorkflowConfiguration
	add := func(t WorkflowType, verb string) {
		n := newName(c, workflowTypeOf(t), verb+"-"+kind, publishedWorkflowVersion)
		n.Account, n.Build = amazon, 1
		list = append(list, WorkflowConfiguration{WorkflowARN: n.String()})
	}
	add(WorkflowTypeBuild, "build")
	if tests == nil || tests.ImageTestsEnabled == nil || *tests.ImageTestsEnabled {
		add(WorkflowTypeTest, "test")
	}
	add(WorkflowTypeDistribution, "distribute")
	return list
}

// runs makes the runs of workflows for an image. The caller must be allowed to read
// workflows that it names. refers are the ARNs of those that Amazon does not publish.
func (s *imageBuilder) runs(c *operation.Call, named []WorkflowConfiguration, otherwise []WorkflowConfiguration) (runs []workflowRun, refers []string, err error) {
	configs := named
	if len(named) == 0 {
		configs = otherwise
	}
	for i, config := range configs {
		w, arn, err := s.workflow(c, i, config.WorkflowARN, len(named) > 0)
		if err != nil {
			return nil, nil, err
		}
		if config.ParallelGroup != nil && *w.Type != WorkflowTypeTest {
			return nil, nil, notValid(fmt.Sprintf("workflows[%d].parallelGroup", i), "Only test workflows run in parallel groups.")
		}
		parameters, err := w.values(i, config.Parameters)
		if err != nil {
			return nil, nil, err
		}
		run := workflowRun{
			ID: newRunID(c), Workflow: arn, Type: *w.Type, Group: config.ParallelGroup,
			Continues: config.OnFailure != nil && *config.OnFailure == OnWorkflowFailureContinue,
		}
		for _, step := range w.Steps {
			skipped := !step.If.holds(parameters)
			step.If = nil
			run.Steps = append(run.Steps, stepRun{workflowStep: step, Skipped: skipped})
		}
		runs = append(runs, run)
		if accountOf(arn) != amazon {
			refers = append(refers, arn)
		}
	}
	return runs, refers, nil
}

// workflow reads the workflow at an index of a request's list, or one that Amazon publishes
// and that the request does not name.
func (s *imageBuilder) workflow(c *operation.Call, index int, arn string, named bool) (*workflowRecord, string, error) {
	if !named {
		n, err := parseName(arn)
		if err != nil {
			return nil, "", err
		}
		records, err := publishedWorkflowRecords()
		return new(records[n.Slug]), arn, err
	}
	r, err := s.loadAuthorized(c, "GetWorkflow", fmt.Sprintf("workflows[%d].workflowArn", index), arn)
	if err != nil {
		return nil, "", err
	}
	w, err := operation.Decode[workflowRecord](r)
	return w, r.ARN, err
}

// values are the values of the parameters of a workflow: those given, else the defaults.
// What the workflow does not declare, or has no default for, is an error, unless its
// document is not known.
func (w *workflowRecord) values(index int, given []WorkflowParameter) (map[string]string, error) {
	values := map[string]string{}
	var missing []string
	for _, p := range w.Parameters {
		i := slices.IndexFunc(given, func(g WorkflowParameter) bool { return g.Name == p.Name })
		switch {
		case i >= 0:
			values[p.Name] = strings.Join(given[i].Value, ",")
		case p.DefaultValue != nil:
			values[p.Name] = strings.Join(p.DefaultValue, ",")
		default:
			missing = append(missing, p.Name)
		}
	}
	if missing != nil {
		return nil, workflowParameters(index, "The following parameters have no default value and must be given: ", missing)
	}
	var unknown []string
	for _, g := range given {
		if _, declared := values[g.Name]; !declared && w.Steps != nil {
			unknown = append(unknown, g.Name)
		}
	}
	if unknown != nil {
		return nil, workflowParameters(index, "The following parameters are not defined in the provided workflow: ", unknown)
	}
	return values, nil
}

func workflowParameters(index int, reason string, names []string) error {
	return errInvalidParameterCombination("The value supplied for parameter 'workflows[%d].parameters' is not valid. %s%s",
		index, reason, strings.Join(names, ", "))
}

// referencesOf are the ARNs by which runs are found.
func referencesOf(c *operation.Call, runs []workflowRun) []string {
	var list []string
	waits := false
	for _, run := range runs {
		list = append(list, runARN(c, run.ID))
		waits = waits || slices.ContainsFunc(run.Steps, func(s stepRun) bool { return s.Action == waitForAction && !s.Skipped })
	}
	if waits {
		list = append(list, waitingARN(c))
	}
	return list
}
