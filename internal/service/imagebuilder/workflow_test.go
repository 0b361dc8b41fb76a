package imagebuilder_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// gate is a workflow that waits for an action.
const gate = `
schemaVersion: 1.0
parameters:
  - {name: wait, type: boolean, default: true}
steps:
  - {name: Launch, action: LaunchInstance}
  - {name: Gate, action: WaitForAction, description: Somebody must agree., if: {booleanEquals: true, value: $.parameters.wait}}
  - {name: Create, action: CreateImage}
`

func (c client) workflow(name, version string) string {
	c.t.Helper()
	out, err := c.CreateWorkflow(ctx, &imagebuilder.CreateWorkflowInput{
		Name: &name, SemanticVersion: &version, Type: types.WorkflowTypeBuild, Data: new(gate),
	})
	ok(c.t, err)
	return *out.WorkflowBuildVersionArn
}

// gated makes an image with a workflow.
func (c client) gated(name, workflow string, parameters ...types.WorkflowParameter) string {
	c.t.Helper()
	out, err := c.CreateImage(ctx, &imagebuilder.CreateImageInput{
		ImageRecipeArn: new(c.recipe(name, "1.0.0", "ami-0123456789abcdef0")), InfrastructureConfigurationArn: new(c.infrastructure(name)),
		Workflows: []types.WorkflowConfiguration{{WorkflowArn: &workflow, Parameters: parameters}},
	})
	ok(c.t, err)
	return *out.ImageBuildVersionArn
}

func TestWorkflow(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	in := &imagebuilder.CreateWorkflowInput{
		Name: new("My Gate"), SemanticVersion: new("1.0.0"), Type: types.WorkflowTypeBuild, Data: new(gate), Description: new("A gate."),
		ChangeDescription: new("The first."), Tags: map[string]string{"team": "web"}, ClientToken: new("one"),
	}
	out, err := c.CreateWorkflow(ctx, in)
	ok(t, err)
	arn := *out.WorkflowBuildVersionArn
	if arn != c.arn("workflow/build/my-gate/1.0.0/1") || *out.LatestVersionReferences.LatestMajorVersionArn != c.arn("workflow/build/my-gate/1.x.x") {
		t.Errorf("%s %+v", arn, out.LatestVersionReferences)
	}
	if again, err := c.CreateWorkflow(ctx, in); err != nil || *again.WorkflowBuildVersionArn != arn {
		t.Errorf("the token again: %v, %v", again, err)
	}
	in.Description = new("Another.")
	_, err = c.CreateWorkflow(ctx, in)
	wantCode(t, err, "IdempotentParameterMismatchException")
	in.ClientToken, in.DryRun = nil, true
	_, err = c.CreateWorkflow(ctx, in)
	wantCode(t, err, "DryRunOperationException")

	for _, version := range []string{"1.0.0", "1.2.0", "2.0.0"} {
		c.workflow("my gate", version)
	}
	for asked, want := range map[string]string{"x.x.x": "2.0.0/1", "1.x.x": "1.2.0/1", "1.0.0": "1.0.0/2", "1.0.0/1": "1.0.0/1"} {
		got, err := c.GetWorkflow(ctx, &imagebuilder.GetWorkflowInput{WorkflowBuildVersionArn: new(c.arn("workflow/build/my-gate/" + asked))})
		ok(t, err)
		if *got.Workflow.Arn != c.arn("workflow/build/my-gate/"+want) {
			t.Errorf("%s is %s, want %s", asked, *got.Workflow.Arn, want)
		}
	}
	got, err := c.GetWorkflow(ctx, &imagebuilder.GetWorkflowInput{WorkflowBuildVersionArn: &arn})
	ok(t, err)
	if v := got.Workflow; *v.Name != "My Gate" || *v.Version != "1.0.0" || *v.Data != gate || *v.Owner != alice || v.Tags["team"] != "web" ||
		*v.ChangeDescription != "The first." || len(v.Parameters) != 1 || v.Parameters[0].DefaultValue[0] != "true" {
		t.Errorf("%+v", v)
	}

	var versions, builds []string
	lists, err := c.ListWorkflows(ctx, &imagebuilder.ListWorkflowsInput{})
	ok(t, err)
	for _, v := range lists.WorkflowVersionList {
		versions = append(versions, *v.Arn)
	}
	pages := imagebuilder.NewListWorkflowBuildVersionsPaginator(c, &imagebuilder.ListWorkflowBuildVersionsInput{
		WorkflowVersionArn: new(c.arn("workflow/build/my-gate/1.x.x")), MaxResults: new(int32(1)),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		ok(t, err)
		for _, v := range page.WorkflowSummaryList {
			builds = append(builds, *v.Arn)
		}
	}
	all := func(versions ...string) (list []string) {
		for _, version := range versions {
			list = append(list, c.arn("workflow/build/my-gate/"+version))
		}
		return list
	}
	if diff := cmp.Diff(all("1.0.0", "1.2.0", "2.0.0"), versions); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(all("1.0.0/1", "1.0.0/2", "1.2.0/1"), builds); diff != "" {
		t.Error(diff)
	}
	byName, err := c.ListWorkflows(ctx, &imagebuilder.ListWorkflowsInput{ByName: true, Filters: []types.Filter{{Name: new("type"), Values: []string{"BUILD"}}}})
	ok(t, err)
	if list := byName.WorkflowVersionList; len(list) != 1 || *list[0].Version != "2.0.0" {
		t.Errorf("by name %+v", list)
	}
	amazon, err := c.ListWorkflows(ctx, &imagebuilder.ListWorkflowsInput{Owner: types.OwnershipAmazon})
	ok(t, err)
	if list := amazon.WorkflowVersionList; len(list) != 6 || *list[0].Owner != "Amazon" {
		t.Errorf("Amazon's %+v", list)
	}

	image := c.gated("web", arn)
	_, err = c.DeleteWorkflow(ctx, &imagebuilder.DeleteWorkflowInput{WorkflowBuildVersionArn: &arn})
	wantCode(t, err, "ResourceDependencyException")
	_, err = c.CancelImageCreation(ctx, &imagebuilder.CancelImageCreationInput{ImageBuildVersionArn: &image})
	ok(t, err)
	_, err = c.DeleteImage(ctx, &imagebuilder.DeleteImageInput{ImageBuildVersionArn: &image})
	ok(t, err)
	_, err = c.DeleteWorkflow(ctx, &imagebuilder.DeleteWorkflowInput{WorkflowBuildVersionArn: &arn})
	ok(t, err)
	_, err = c.GetWorkflow(ctx, &imagebuilder.GetWorkflowInput{WorkflowBuildVersionArn: &arn})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestWorkflowRefused(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	create := func(change func(*imagebuilder.CreateWorkflowInput)) error {
		in := &imagebuilder.CreateWorkflowInput{Name: new("gate"), SemanticVersion: new("1.0.0"), Type: types.WorkflowTypeTest, Data: new(gate)}
		change(in)
		_, err := c.CreateWorkflow(ctx, in)
		return err
	}
	for name, test := range map[string]struct {
		change func(*imagebuilder.CreateWorkflowInput)
		code   string
	}{
		"no document":   {func(in *imagebuilder.CreateWorkflowInput) { in.Data = nil }, "InvalidParameterCombinationException"},
		"two documents": {func(in *imagebuilder.CreateWorkflowInput) { in.Uri = new("s3://bucket/key") }, "InvalidParameterCombinationException"},
		"no workflow":   {func(in *imagebuilder.CreateWorkflowInput) { in.Data = new("hello") }, "InvalidParameterValueException"},
		"too long":      {func(in *imagebuilder.CreateWorkflowInput) { in.Data = new(strings.Repeat("#", 16001)) }, "InvalidParameterValueException"},
		"version":       {func(in *imagebuilder.CreateWorkflowInput) { in.SemanticVersion = new("1.0.1073741824") }, "InvalidVersionNumberException"},
		"wildcards":     {func(in *imagebuilder.CreateWorkflowInput) { in.SemanticVersion = new("1.0.x") }, "InvalidParameterValueException"},
		"type":          {func(in *imagebuilder.CreateWorkflowInput) { in.Type = "DEPLOY" }, "InvalidParameterValueException"},
		"tag of AWS":    {func(in *imagebuilder.CreateWorkflowInput) { in.Tags = map[string]string{"aws:x": "y"} }, "InvalidParameterValueException"},
		"a key not there": {func(in *imagebuilder.CreateWorkflowInput) {
			in.KmsKeyId = new("arn:aws:kms:us-east-1:" + alice + ":key/1234abcd-12ab-34cd-56ef-1234567890ab")
		}, "InvalidParameterValueException"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, create(test.change), test.code) })
	}
	ok(t, create(func(in *imagebuilder.CreateWorkflowInput) { in.Data, in.Uri = nil, new("s3://bucket/key") }))

	image := func(config types.WorkflowConfiguration) error {
		_, err := c.CreateImage(ctx, &imagebuilder.CreateImageInput{
			ImageRecipeArn: new(c.arn("image-recipe/web/1.0.0")), InfrastructureConfigurationArn: new(c.arn("infrastructure-configuration/basic")),
			Workflows: []types.WorkflowConfiguration{config},
		})
		return err
	}
	c.recipe("web", "1.0.0", "ami-0123456789abcdef0")
	c.infrastructure("basic")
	workflow := c.workflow("other", "1.0.0")
	wantMessage(t, image(types.WorkflowConfiguration{WorkflowArn: &workflow, Parameters: []types.WorkflowParameter{{Name: new("speed"), Value: []string{"1"}}}}),
		"InvalidParameterCombinationException",
		"The value supplied for parameter 'workflows[0].parameters' is not valid. The following parameters are not defined in the provided workflow: speed")
	wantCode(t, image(types.WorkflowConfiguration{WorkflowArn: &workflow, ParallelGroup: new("first")}), "InvalidParameterValueException")
	wantCode(t, image(types.WorkflowConfiguration{WorkflowArn: new(c.arn("workflow/build/none/1.0.0"))}), "InvalidParameterValueException")
	wantCode(t, image(types.WorkflowConfiguration{WorkflowArn: new(c.arn("component/none/1.0.0"))}), "InvalidParameterValueException")
}

// TestWorkflowRuns follows an image that waits for somebody to agree.
func TestWorkflowRuns(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	image := c.gated("web", c.workflow("gate", "1.0.0"))
	status := func(image string) types.ImageStatus {
		t.Helper()
		got, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &image})
		ok(t, err)
		return got.Image.State.Status
	}
	if got := status(image); got != types.ImageStatusBuilding {
		t.Errorf("while it waits: %s", got)
	}
	waiting, err := c.ListWaitingWorkflowSteps(ctx, &imagebuilder.ListWaitingWorkflowStepsInput{})
	ok(t, err)
	if len(waiting.Steps) != 1 || *waiting.Steps[0].ImageBuildVersionArn != image || *waiting.Steps[0].Name != "Gate" {
		t.Fatalf("%+v", waiting.Steps)
	}
	step := waiting.Steps[0]
	runs, err := c.ListWorkflowExecutions(ctx, &imagebuilder.ListWorkflowExecutionsInput{ImageBuildVersionArn: &image})
	ok(t, err)
	if len(runs.WorkflowExecutions) != 1 || *runs.WorkflowExecutions[0].WorkflowExecutionId != *step.WorkflowExecutionId {
		t.Fatalf("%+v", runs.WorkflowExecutions)
	}
	run, err := c.GetWorkflowExecution(ctx, &imagebuilder.GetWorkflowExecutionInput{WorkflowExecutionId: step.WorkflowExecutionId})
	ok(t, err)
	if run.Status != types.WorkflowExecutionStatusRunning || run.TotalStepCount != 3 || run.TotalStepsSucceeded != 1 || *run.ImageBuildVersionArn != image || run.EndTime != nil {
		t.Errorf("%+v", run)
	}
	steps := func() []types.WorkflowStepMetadata {
		t.Helper()
		out, err := c.ListWorkflowStepExecutions(ctx, &imagebuilder.ListWorkflowStepExecutionsInput{WorkflowExecutionId: step.WorkflowExecutionId})
		ok(t, err)
		return out.Steps
	}
	if got := steps(); len(got) != 3 || got[1].Status != types.WorkflowStepExecutionStatusRunning || got[2].Status != types.WorkflowStepExecutionStatusPending ||
		*got[1].StepExecutionId != *step.StepExecutionId || *got[1].Description != "Somebody must agree." {
		t.Errorf("%+v", got)
	}
	send := func(c client, step, image string, action types.WorkflowStepActionType) error {
		_, err := c.SendWorkflowStepAction(ctx, &imagebuilder.SendWorkflowStepActionInput{
			StepExecutionId: &step, ImageBuildVersionArn: &image, Action: action, Reason: new("It is good."),
		})
		return err
	}
	other := c.gated("other", c.workflow("gate", "1.1.0"))
	wantCode(t, send(c, *step.StepExecutionId, other, types.WorkflowStepActionTypeResume), "InvalidParameterValueException")
	wantCode(t, send(c, *steps()[0].StepExecutionId, image, types.WorkflowStepActionTypeResume), "InvalidRequestException")
	wantCode(t, send(newClient(t, s, bob), *step.StepExecutionId, image, types.WorkflowStepActionTypeResume), "ForbiddenException")
	wantCode(t, send(c, "step-00000000-0000-0000-0000-000000000001", image, types.WorkflowStepActionTypeResume), "ResourceNotFoundException")

	// Both the image and the step are asked about.
	for _, resource := range []string{"image/web/1.0.0/1", "workflow-step-execution/*"} {
		half := as(t, s, alice, "half-"+resource[:5], allow("imagebuilder:SendWorkflowStepAction", c.arn(resource)))
		wantCode(t, send(half, *step.StepExecutionId, image, types.WorkflowStepActionTypeResume), "AccessDeniedException")
	}
	ok(t, send(c, *step.StepExecutionId, image, types.WorkflowStepActionTypeResume))
	wantCode(t, send(c, *step.StepExecutionId, image, types.WorkflowStepActionTypeStop), "InvalidRequestException")
	if got := status(image); got != types.ImageStatusAvailable {
		t.Errorf("resumed: %s", got)
	}
	got, err := c.GetWorkflowStepExecution(ctx, &imagebuilder.GetWorkflowStepExecutionInput{StepExecutionId: step.StepExecutionId})
	ok(t, err)
	if got.Status != types.WorkflowStepExecutionStatusCompleted || *got.Outputs != `{"action":"RESUME","reason":"It is good."}` || *got.OnFailure != "Abort" {
		t.Errorf("%+v", got)
	}

	waiting, err = c.ListWaitingWorkflowSteps(ctx, &imagebuilder.ListWaitingWorkflowStepsInput{})
	ok(t, err)
	if len(waiting.Steps) != 1 || *waiting.Steps[0].ImageBuildVersionArn != other {
		t.Fatalf("after the first went on: %+v", waiting.Steps)
	}
	ok(t, send(c, *waiting.Steps[0].StepExecutionId, other, types.WorkflowStepActionTypeStop))
	stopped, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &other})
	ok(t, err)
	if state := stopped.Image.State; state.Status != types.ImageStatusFailed || *state.Reason != "The step Gate failed. The step was stopped." || stopped.Image.OutputResources != nil {
		t.Errorf("stopped: %+v", state)
	}
	if got := status(c.gated("free", c.arn("workflow/build/gate/x.x.x"), types.WorkflowParameter{Name: new("wait"), Value: []string{"false"}})); got != types.ImageStatusAvailable {
		t.Errorf("with a parameter that lets it pass: %s", got)
	}
	_, err = newClient(t, s, bob).GetWorkflowExecution(ctx, &imagebuilder.GetWorkflowExecutionInput{WorkflowExecutionId: step.WorkflowExecutionId})
	wantCode(t, err, "ResourceNotFoundException")
}

// TestDefaultWorkflows are those that run unless others are named.
func TestDefaultWorkflows(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	image := c.anImage("web")
	pages := imagebuilder.NewListWorkflowExecutionsPaginator(c, &imagebuilder.ListWorkflowExecutionsInput{ImageBuildVersionArn: &image, MaxResults: new(int32(1))})
	var got []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		ok(t, err)
		for _, run := range page.WorkflowExecutions {
			got = append(got, fmt.Sprint(*run.WorkflowBuildVersionArn, " ", run.Status, " ", run.TotalStepCount, " ", run.TotalStepsSkipped))
		}
	}
	const aws = "arn:aws:imagebuilder:us-east-1:aws:workflow/"
	if diff := cmp.Diff([]string{
		aws + "build/build-image/1.0.0/1 COMPLETED 7 1", aws + "test/test-image/1.0.0/1 COMPLETED 4 1", aws + "distribution/distribute-image/1.0.0/1 COMPLETED 2 0",
	}, got); diff != "" {
		t.Error(diff)
	}
	// What Amazon publishes waits, too, if it is told so.
	waits := c.gated("slow", aws+"build/build-image/x.x.x", types.WorkflowParameter{Name: new("waitForActionAtEnd"), Value: []string{"true"}})
	steps, err := c.ListWaitingWorkflowSteps(ctx, &imagebuilder.ListWaitingWorkflowStepsInput{})
	ok(t, err)
	if len(steps.Steps) != 1 || *steps.Steps[0].ImageBuildVersionArn != waits {
		t.Errorf("%+v", steps.Steps)
	}
}

// allow is an identity policy that allows actions on resources.
func allow(action string, resources ...string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":["` + strings.Join(resources, `","`) + `"]}}`
}
