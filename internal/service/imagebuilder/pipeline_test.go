package imagebuilder_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/writtest"
)

func TestPipeline(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	recipe, infrastructure := c.recipe("web", "1.0.0", "ami-0123456789abcdef0"), c.infrastructure("basic")
	out, err := c.CreateImagePipeline(ctx, &imagebuilder.CreateImagePipelineInput{
		Name: new("Nightly Web"), ImageRecipeArn: new(c.arn("image-recipe/web/x.x.x")), InfrastructureConfigurationArn: &infrastructure,
		Schedule:  &types.Schedule{ScheduleExpression: new("cron(0 0 * * ? *)")},
		ImageTags: map[string]string{"from": "pipeline", "stage": "test"}, Tags: map[string]string{"team": "web"},
	})
	ok(t, err)
	arn := out.ImagePipelineArn
	if *arn != c.arn("image-pipeline/nightly-web") {
		t.Errorf("ARN %s", *arn)
	}
	get := func() *types.ImagePipeline {
		t.Helper()
		got, err := c.GetImagePipeline(ctx, &imagebuilder.GetImagePipelineInput{ImagePipelineArn: arn})
		ok(t, err)
		return got.ImagePipeline
	}
	if p := get(); p.Status != types.PipelineStatusEnabled || p.Platform != types.PlatformLinux || p.DateLastRun != nil || p.Tags["team"] != "web" {
		t.Errorf("%+v", p)
	}

	var images []string
	for range 2 {
		run, err := c.StartImagePipelineExecution(ctx, &imagebuilder.StartImagePipelineExecutionInput{
			ImagePipelineArn: arn, Tags: map[string]string{"stage": "live"},
		})
		ok(t, err)
		images = append(images, *run.ImageBuildVersionArn)
	}
	if diff := cmp.Diff([]string{c.arn("image/web/1.0.0/1"), c.arn("image/web/1.0.0/2")}, images); diff != "" {
		t.Error(diff)
	}
	image, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &images[0]})
	ok(t, err)
	if v := image.Image; *v.SourcePipelineArn != *arn || *v.SourcePipelineName != "Nightly Web" || v.BuildType != types.BuildTypeUserInitiated {
		t.Errorf("%+v", v)
	}
	if diff := cmp.Diff(map[string]string{"from": "pipeline", "stage": "live"}, image.Image.Tags); diff != "" {
		t.Error(diff)
	}
	if p := get(); p.DateLastRun == nil || p.LastRunStatus != types.ImageStatusAvailable {
		t.Errorf("after a run: %+v", p)
	}
	c.image(recipe, infrastructure) // not the pipeline's
	pages := imagebuilder.NewListImagePipelineImagesPaginator(c,
		&imagebuilder.ListImagePipelineImagesInput{ImagePipelineArn: arn, MaxResults: new(int32(1))},
		func(o *imagebuilder.ListImagePipelineImagesPaginatorOptions) { o.StopOnDuplicateToken = true })
	var listed []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		ok(t, err)
		for _, v := range page.ImageSummaryList {
			listed = append(listed, *v.Arn)
		}
	}
	if diff := cmp.Diff(images, listed); diff != "" {
		t.Error(diff)
	}

	other := c.infrastructure("other")
	_, err = c.UpdateImagePipeline(ctx, &imagebuilder.UpdateImagePipelineInput{
		ImagePipelineArn: arn, ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &other, Status: types.PipelineStatusDisabled,
	})
	ok(t, err)
	_, err = c.DeleteInfrastructureConfiguration(ctx, &imagebuilder.DeleteInfrastructureConfigurationInput{InfrastructureConfigurationArn: &other})
	wantCode(t, err, "ResourceDependencyException")
	if p := get(); p.Status != types.PipelineStatusDisabled || p.Schedule != nil || *p.Name != "Nightly Web" || p.DateUpdated == nil || p.Tags["team"] != "web" {
		t.Errorf("after the update: %+v", p)
	}
	_, err = c.DeleteImage(ctx, &imagebuilder.DeleteImageInput{ImageBuildVersionArn: &images[1]})
	ok(t, err)
	if p := get(); p.LastRunStatus != "" {
		t.Errorf("the last image is gone, its status is not: %s", p.LastRunStatus)
	}
}

func TestPipelineRefused(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	recipe, infrastructure := c.recipe("web", "1.0.0", "ami-0123456789abcdef0"), c.infrastructure("basic")
	create := func(change func(*imagebuilder.CreateImagePipelineInput)) error {
		in := &imagebuilder.CreateImagePipelineInput{Name: new("nightly"), ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure}
		change(in)
		_, err := c.CreateImagePipeline(ctx, in)
		return err
	}
	for name, expression := range map[string]string{"words": "every night", "open": "cron(0 0 * * ? *", "a time": "at(2026-11-22T08:00:00)"} {
		t.Run(name, func(t *testing.T) {
			wantMessage(t, create(func(in *imagebuilder.CreateImagePipelineInput) {
				in.Schedule = &types.Schedule{ScheduleExpression: &expression}
			}), "InvalidParameterValueException",
				"The value supplied for parameter 'schedule.scheduleExpression' is not valid. It must have the form cron(...) or rate(...).")
		})
	}
	wantCode(t, create(func(in *imagebuilder.CreateImagePipelineInput) { in.ImageRecipeArn = nil }), "InvalidParameterCombinationException")
	wantCode(t, create(func(in *imagebuilder.CreateImagePipelineInput) {
		in.InfrastructureConfigurationArn = new(c.arn("infrastructure-configuration/none"))
	}), "InvalidParameterValueException")
	ok(t, create(func(*imagebuilder.CreateImagePipelineInput) {}))
	wantCode(t, create(func(*imagebuilder.CreateImagePipelineInput) {}), "ResourceAlreadyExistsException")
	_, err := c.StartImagePipelineExecution(ctx, &imagebuilder.StartImagePipelineExecutionInput{ImagePipelineArn: new(c.arn("image-pipeline/none"))})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestInfrastructure(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	out, err := c.CreateInfrastructureConfiguration(ctx, &imagebuilder.CreateInfrastructureConfigurationInput{
		Name: new("Basic"), InstanceProfileName: new("builder"), InstanceTypes: []string{"t3.small"},
		ResourceTags: map[string]string{"built": "by"}, Tags: map[string]string{"team": "web"},
		InstanceMetadataOptions: &types.InstanceMetadataOptions{HttpTokens: new("required")},
	})
	ok(t, err)
	arn := out.InfrastructureConfigurationArn
	_, err = c.UpdateInfrastructureConfiguration(ctx, &imagebuilder.UpdateInfrastructureConfigurationInput{
		InfrastructureConfigurationArn: arn, InstanceProfileName: new("other"), TerminateInstanceOnFailure: new(false),
	})
	ok(t, err)
	got, err := c.GetInfrastructureConfiguration(ctx, &imagebuilder.GetInfrastructureConfigurationInput{InfrastructureConfigurationArn: arn})
	ok(t, err)
	v := got.InfrastructureConfiguration
	if diff := cmp.Diff(&types.InfrastructureConfiguration{
		Arn: new(c.arn("infrastructure-configuration/basic")), Name: new("Basic"), InstanceProfileName: new("other"),
		TerminateInstanceOnFailure: new(false), DateCreated: v.DateCreated, DateUpdated: v.DateUpdated, Tags: map[string]string{"team": "web"},
	}, v, cmpopts.IgnoreUnexported(types.InfrastructureConfiguration{})); diff != "" {
		t.Error(diff)
	}
	_, err = c.CreateInfrastructureConfiguration(ctx, &imagebuilder.CreateInfrastructureConfigurationInput{Name: new("basic"), InstanceProfileName: new("builder")})
	wantCode(t, err, "ResourceAlreadyExistsException")
}

func TestDistribution(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	out, err := c.CreateDistributionConfiguration(ctx, &imagebuilder.CreateDistributionConfigurationInput{
		Name: new("Wide"), Distributions: []types.Distribution{{Region: new("us-east-1")}, {Region: new("eu-west-1")}},
	})
	ok(t, err)
	list, err := c.ListDistributionConfigurations(ctx, &imagebuilder.ListDistributionConfigurationsInput{})
	ok(t, err)
	if diff := cmp.Diff([]string{"us-east-1", "eu-west-1"}, list.DistributionConfigurationSummaryList[0].Regions); diff != "" {
		t.Error(diff)
	}
	_, err = c.UpdateDistributionConfiguration(ctx, &imagebuilder.UpdateDistributionConfigurationInput{
		DistributionConfigurationArn: out.DistributionConfigurationArn, Description: new("Near."),
		Distributions: []types.Distribution{{Region: new("us-east-1")}},
	})
	ok(t, err)
	got, err := c.GetDistributionConfiguration(ctx, &imagebuilder.GetDistributionConfigurationInput{DistributionConfigurationArn: out.DistributionConfigurationArn})
	ok(t, err)
	if v := got.DistributionConfiguration; *v.Description != "Near." || len(v.Distributions) != 1 || v.DateUpdated == nil || *v.TimeoutMinutes != 720 {
		t.Errorf("%+v", v)
	}
	_, err = c.CreateDistributionConfiguration(ctx, &imagebuilder.CreateDistributionConfigurationInput{
		Name: new("wide"), Distributions: []types.Distribution{{Region: new("us-east-1")}},
	})
	wantCode(t, err, "ResourceAlreadyExistsException")
}
