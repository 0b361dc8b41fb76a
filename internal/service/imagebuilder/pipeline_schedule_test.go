package imagebuilder_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

var start = time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)

// clocked is a server whose clock is stopped until it is moved by a duration.
func clocked(t *testing.T, cfg writ.Config) (s *writtest.Server, advance func(string)) {
	t.Helper()
	s = writtest.NewFromConfig(t, cfg)
	s.SetClock(start)
	return s, func(by string) {
		t.Helper()
		d, err := time.ParseDuration(by)
		ok(t, err)
		s.Advance(d)
	}
}

func (c client) pipeline(in imagebuilder.CreateImagePipelineInput) string {
	c.t.Helper()
	out, err := c.CreateImagePipeline(ctx, &in)
	ok(c.t, err)
	return *out.ImagePipelineArn
}

func (c client) getPipeline(arn string) *types.ImagePipeline {
	c.t.Helper()
	out, err := c.GetImagePipeline(ctx, &imagebuilder.GetImagePipelineInput{ImagePipelineArn: &arn})
	ok(c.t, err)
	return out.ImagePipeline
}

// imagesOf are when the images of a pipeline were made.
func (c client) imagesOf(arn string) string {
	c.t.Helper()
	out, err := c.ListImagePipelineImages(ctx, &imagebuilder.ListImagePipelineImagesInput{ImagePipelineArn: &arn})
	ok(c.t, err)
	var dates []string
	for _, image := range out.ImageSummaryList {
		if image.BuildType != types.BuildTypeScheduled || image.Tags["from"] != "schedule" {
			c.t.Errorf("%+v", image)
		}
		dates = append(dates, (*image.DateCreated)[5:16])
	}
	return strings.Join(dates, " ")
}

// TestPipelineSchedule lets the clock pass: each time that a schedule is due makes an image,
// however far the clock is moved at once.
func TestPipelineSchedule(t *testing.T) {
	s, advance := clocked(t, writ.Config{})
	c := newClient(t, s, alice)
	recipe, infrastructure := c.recipe("web", "1.0.0", "ami-0123456789abcdef0"), c.infrastructure("basic")
	every := func(name, expression string, condition types.PipelineExecutionStartCondition) string {
		return c.pipeline(imagebuilder.CreateImagePipelineInput{
			Name: &name, ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure, ImageTags: map[string]string{"from": "schedule"},
			Schedule: &types.Schedule{ScheduleExpression: &expression, PipelineExecutionStartCondition: condition},
		})
	}
	always := every("always", "cron(30 9 ? * * *)", types.PipelineExecutionStartConditionExpressionMatchOnly)
	newer := every("newer", "rate(1 day)", "")
	if p := c.getPipeline(always); *p.DateNextRun != "2026-11-22T09:30:00.000Z" || p.DateLastRun != nil {
		t.Errorf("%v %v", *p.DateNextRun, p.DateLastRun)
	}
	advance("89m")
	if got := c.imagesOf(always); got != "" {
		t.Errorf("before it is due: %s", got)
	}
	advance("1m")
	if got := c.imagesOf(always); got != "11-22T09:30" {
		t.Errorf("when it is due: %s", got)
	}
	advance("48h")
	if got := c.imagesOf(always); got != "11-22T09:30 11-23T09:30 11-24T09:30" {
		t.Errorf("two days later: %s", got)
	}
	if got := c.imagesOf(newer); got != "11-23T08:00" {
		t.Errorf("with nothing newer after the first: %s", got)
	}
	if p := c.getPipeline(always); *p.DateNextRun != "2026-11-25T09:30:00.000Z" || *p.DateLastRun != "2026-11-24T09:30:00.000Z" || p.LastRunStatus != types.ImageStatusAvailable {
		t.Errorf("%+v", p)
	}
	_, err := c.UpdateImagePipeline(ctx, &imagebuilder.UpdateImagePipelineInput{
		ImagePipelineArn: &always, ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure, Status: types.PipelineStatusDisabled,
		Schedule: &types.Schedule{ScheduleExpression: new("rate(1 hour)"), PipelineExecutionStartCondition: types.PipelineExecutionStartConditionExpressionMatchOnly},
	})
	ok(t, err)
	_, err = c.DeleteImagePipeline(ctx, &imagebuilder.DeleteImagePipelineInput{ImagePipelineArn: &newer})
	ok(t, err)
	advance("240h")
	if got := c.imagesOf(always); strings.Count(got, " ") != 2 {
		t.Errorf("of a disabled pipeline: %s", got)
	}
	if p := c.getPipeline(always); p.DateNextRun != nil {
		t.Errorf("a disabled pipeline runs next %s", *p.DateNextRun)
	}
}

// TestPipelineWaitsForVersions: by default a schedule makes an image only where a recipe
// stands for newer builds than it did.
func TestPipelineWaitsForVersions(t *testing.T) {
	s, advance := clocked(t, writ.Config{})
	c := newClient(t, s, alice)
	c.component("agent", "1.0.0")
	recipe := c.recipe("web", "1.0.0", "ami-0123456789abcdef0", c.arn("component/agent/x.x.x"))
	arn := c.pipeline(imagebuilder.CreateImagePipelineInput{
		Name: new("nightly"), ImageRecipeArn: &recipe, InfrastructureConfigurationArn: new(c.infrastructure("basic")),
		ImageTags: map[string]string{"from": "schedule"}, Schedule: &types.Schedule{ScheduleExpression: new("rate(1 day)")},
	})
	advance("73h")
	if got := c.imagesOf(arn); got != "11-23T08:00" {
		t.Errorf("nothing is newer: %s", got)
	}
	c.component("agent", "1.1.0")
	advance("72h")
	if got := c.imagesOf(arn); got != "11-23T08:00 11-26T08:00" {
		t.Errorf("a component is newer: %s", got)
	}
}

// TestPipelineFails: a recipe that is no longer shared fails the runs of a schedule, until
// the pipeline is disabled; and each failure can be explained.
func TestPipelineFails(t *testing.T) {
	s, advance := clocked(t, writ.Config{})
	owner, c := newClient(t, s, bob), newClient(t, s, alice)
	recipe := owner.recipe("web", "1.0.0", "ami-0123456789abcdef0")
	put := func(document string) {
		t.Helper()
		_, err := owner.PutImageRecipePolicy(ctx, &imagebuilder.PutImageRecipePolicyInput{ImageRecipeArn: &recipe, Policy: &document})
		ok(t, err)
	}
	put(canonical(recipe, alice, "GetImageRecipe", "ListImageRecipes"))
	arn := c.pipeline(imagebuilder.CreateImagePipelineInput{
		Name: new("nightly"), ImageRecipeArn: &recipe, InfrastructureConfigurationArn: new(c.infrastructure("basic")), ImageTags: map[string]string{"from": "schedule"},
		Schedule: &types.Schedule{
			ScheduleExpression: new("rate(1 day)"), PipelineExecutionStartCondition: types.PipelineExecutionStartConditionExpressionMatchOnly,
			AutoDisablePolicy: &types.AutoDisablePolicy{FailureCount: new(int32(2))},
		},
	})
	advance("25h")
	if p := c.getPipeline(arn); c.imagesOf(arn) != "11-23T08:00" || p.ConsecutiveFailures != nil {
		t.Fatalf("%s %+v", c.imagesOf(arn), p)
	}
	put(canonical(recipe, carol, "GetImageRecipe", "ListImageRecipes"))
	advance("24h")
	if p := c.getPipeline(arn); p.ConsecutiveFailures == nil || *p.ConsecutiveFailures != 1 || p.Status != types.PipelineStatusEnabled || c.imagesOf(arn) != "11-23T08:00" {
		t.Errorf("after one failure %+v", p)
	}
	advance("48h")
	if p := c.getPipeline(arn); *p.ConsecutiveFailures != 2 || p.Status != types.PipelineStatusDisabled || p.DateNextRun != nil {
		t.Errorf("after two failures %+v", p)
	}
	resp, err := http.Get(s.URL + "/_writ/decisions?outcome=denied")
	ok(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ok(t, err)
	if text := string(body); !strings.Contains(text, "imagebuilder:StartImagePipelineExecution") {
		t.Errorf("no decision tells of the failed runs: %s", text)
	}
}
