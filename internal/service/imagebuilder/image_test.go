package imagebuilder_test

import (
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

func TestImage(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	recipe, infrastructure := c.recipe("Web Server", "1.2.3", "ami-0123456789abcdef0"), c.infrastructure("basic")
	distribution, err := c.CreateDistributionConfiguration(ctx, &imagebuilder.CreateDistributionConfigurationInput{
		Name: new("wide"), Distributions: []types.Distribution{
			{Region: new("us-east-1"), AmiDistributionConfiguration: &types.AmiDistributionConfiguration{
				Name: new("web {{ imagebuilder:buildVersion }}"), TargetAccountIds: []string{bob}}},
			{Region: new("eu-west-1")},
		},
	})
	ok(t, err)
	out, err := c.CreateImage(ctx, &imagebuilder.CreateImageInput{
		ImageRecipeArn: new(c.arn("image-recipe/web-server/1.x.x")), InfrastructureConfigurationArn: &infrastructure,
		DistributionConfigurationArn: distribution.DistributionConfigurationArn, Tags: map[string]string{"team": "web"},
	})
	ok(t, err)
	if *out.ImageBuildVersionArn != c.arn("image/web-server/1.2.3/1") || *out.LatestVersionReferences.LatestPatchVersionArn != c.arn("image/web-server/1.2.3") {
		t.Fatalf("%s %+v", *out.ImageBuildVersionArn, out.LatestVersionReferences)
	}
	got, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: out.ImageBuildVersionArn})
	ok(t, err)
	v := got.Image
	for what, pair := range map[string][2]string{
		"name":           {*v.Name, "Web Server"},
		"version":        {*v.Version, "1.2.3/1"},
		"type":           {string(v.Type), "AMI"},
		"platform":       {string(v.Platform), "Linux"},
		"state":          {string(v.State.Status), "AVAILABLE"},
		"build type":     {string(v.BuildType), "USER_INITIATED"},
		"source":         {string(v.ImageSource), "CUSTOM"},
		"recipe":         {*v.ImageRecipe.Arn, recipe},
		"infrastructure": {*v.InfrastructureConfiguration.Arn, infrastructure},
		"distribution":   {*v.DistributionConfiguration.Arn, *distribution.DistributionConfigurationArn},
		"tag":            {v.Tags["team"], "web"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %s, want %s", what, pair[0], pair[1])
		}
	}
	if !*v.ImageTestsConfiguration.ImageTestsEnabled || *v.ImageTestsConfiguration.TimeoutMinutes != 720 || !*v.EnhancedImageMetadataEnabled {
		t.Errorf("defaults %+v", v)
	}
	var places []string
	for _, ami := range v.OutputResources.Amis {
		places = append(places, *ami.Region+" "+*ami.AccountId)
		if !regexp.MustCompile(`^ami-[0-9a-f]{17}$`).MatchString(*ami.Image) {
			t.Errorf("AMI id %s", *ami.Image)
		}
	}
	if diff := cmp.Diff([]string{"us-east-1 " + alice, "us-east-1 " + bob, "eu-west-1 " + alice}, places); diff != "" {
		t.Error(diff)
	}
	if name := *v.OutputResources.Amis[0].Name; name != "web 1" {
		t.Errorf("AMI name %q", name)
	}

	if second := c.image(recipe, infrastructure); second != c.arn("image/web-server/1.2.3/2") {
		t.Errorf("second image %s", second)
	}
	_, err = c.CreateImage(ctx, &imagebuilder.CreateImageInput{InfrastructureConfigurationArn: &infrastructure})
	wantCode(t, err, "InvalidParameterCombinationException")
	_, err = c.CreateImage(ctx, &imagebuilder.CreateImageInput{
		ImageRecipeArn: &recipe, ContainerRecipeArn: new(c.arn("container-recipe/web/1.0.0")), InfrastructureConfigurationArn: &infrastructure,
	})
	wantCode(t, err, "InvalidParameterCombinationException")
	_, err = c.CreateImage(ctx, &imagebuilder.CreateImageInput{
		ImageRecipeArn: new(c.arn("image-recipe/none/1.0.0")), InfrastructureConfigurationArn: &infrastructure,
	})
	wantMessage(t, err, "InvalidParameterValueException", "The value supplied for parameter 'imageRecipeArn' is not valid. The resource '"+
		c.arn("image-recipe/none/1.0.0")+"' does not exist.")
}

func TestContainerImage(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	out, err := c.CreateImage(ctx, &imagebuilder.CreateImageInput{
		ContainerRecipeArn: new(c.containerRecipe("app", "1.0.0")), InfrastructureConfigurationArn: new(c.infrastructure("basic")),
	})
	ok(t, err)
	got, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: out.ImageBuildVersionArn})
	ok(t, err)
	if got.Image.Type != types.ImageTypeDocker || *got.Image.ContainerRecipe.Arn != c.arn("container-recipe/app/1.0.0") {
		t.Errorf("%+v", got.Image)
	}
	repository := alice + ".dkr.ecr.us-east-1.amazonaws.com/apps:"
	if diff := cmp.Diff([]string{repository + "latest", repository + "1.0.0-1"}, got.Image.OutputResources.Containers[0].ImageUris); diff != "" {
		t.Error(diff)
	}
}

// TestDependencies deletes things in use, in every order but the right one, and
// then in that.
func TestDependencies(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	component := c.component("agent", "1.0.0")
	base := c.anImage("base")
	recipe := c.recipe("web", "1.0.0", base, component)
	infrastructure := c.infrastructure("basic")
	distribution, err := c.CreateDistributionConfiguration(ctx, &imagebuilder.CreateDistributionConfigurationInput{
		Name: new("wide"), Distributions: []types.Distribution{{Region: new("us-east-1")}},
	})
	ok(t, err)
	pipeline, err := c.CreateImagePipeline(ctx, &imagebuilder.CreateImagePipelineInput{
		Name: new("nightly"), ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure,
		DistributionConfigurationArn: distribution.DistributionConfigurationArn,
	})
	ok(t, err)
	image, err := c.StartImagePipelineExecution(ctx, &imagebuilder.StartImagePipelineExecutionInput{ImagePipelineArn: pipeline.ImagePipelineArn})
	ok(t, err)

	type removal struct {
		name string
		do   func() error
	}
	removals := []removal{ // in the order in which they can be done
		{"image", func() error {
			_, err := c.DeleteImage(ctx, &imagebuilder.DeleteImageInput{ImageBuildVersionArn: image.ImageBuildVersionArn})
			return err
		}},
		{"pipeline", func() error {
			_, err := c.DeleteImagePipeline(ctx, &imagebuilder.DeleteImagePipelineInput{ImagePipelineArn: pipeline.ImagePipelineArn})
			return err
		}},
		{"distribution", func() error {
			_, err := c.DeleteDistributionConfiguration(ctx, &imagebuilder.DeleteDistributionConfigurationInput{
				DistributionConfigurationArn: distribution.DistributionConfigurationArn})
			return err
		}},
		{"infrastructure", func() error {
			_, err := c.DeleteInfrastructureConfiguration(ctx, &imagebuilder.DeleteInfrastructureConfigurationInput{
				InfrastructureConfigurationArn: &infrastructure})
			return err
		}},
		{"recipe", func() error {
			_, err := c.DeleteImageRecipe(ctx, &imagebuilder.DeleteImageRecipeInput{ImageRecipeArn: &recipe})
			return err
		}},
		{"component", func() error {
			_, err := c.DeleteComponent(ctx, &imagebuilder.DeleteComponentInput{ComponentBuildVersionArn: &component})
			return err
		}},
		{"parent image", func() error {
			_, err := c.DeleteImage(ctx, &imagebuilder.DeleteImageInput{ImageBuildVersionArn: &base})
			return err
		}},
	}
	for _, r := range slices.Backward(removals[2:]) {
		t.Run("too early: "+r.name, func(t *testing.T) { wantCode(t, r.do(), "ResourceDependencyException") })
	}
	for _, r := range removals {
		t.Run(r.name, func(t *testing.T) {
			ok(t, r.do())
			wantCode(t, r.do(), "ResourceNotFoundException")
		})
	}
}

// TestLifecycle follows an image through its states on a clock of the test.
func TestLifecycle(t *testing.T) {
	var ahead atomic.Int64
	s := writtest.NewFromConfig(t, writ.Config{
		Lifecycle: writ.LifecycleRealistic,
		Now:       func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	c := newClient(t, s, alice)
	arn := c.anImage("web")
	state := func(arn string) (types.ImageStatus, *types.OutputResources) {
		t.Helper()
		got, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &arn})
		ok(t, err)
		return got.Image.State.Status, got.Image.OutputResources
	}
	if status, output := state(arn); status != types.ImageStatusPending || output != nil {
		t.Errorf("at first %s with output %v", status, output)
	}
	_, err := c.DeleteImage(ctx, &imagebuilder.DeleteImageInput{ImageBuildVersionArn: &arn})
	wantCode(t, err, "ResourceInUseException")

	cancelled := c.image(c.arn("image-recipe/web/1.0.0"), c.arn("infrastructure-configuration/web"))
	_, err = c.CancelImageCreation(ctx, &imagebuilder.CancelImageCreationInput{ImageBuildVersionArn: &cancelled})
	ok(t, err)

	ahead.Store(int64(2*time.Minute + 30*time.Second))
	if status, _ := state(arn); status != types.ImageStatusTesting {
		t.Errorf("after 2.5 minutes %s", status)
	}
	ahead.Store(int64(4*time.Minute + 45*time.Second))
	if status, output := state(arn); status != types.ImageStatusAvailable || output == nil {
		t.Errorf("in the end %s with output %v", status, output)
	}
	if status, output := state(cancelled); status != types.ImageStatusCancelled || output != nil {
		t.Errorf("cancelled: %s with output %v", status, output)
	}
	for _, arn := range []string{arn, cancelled} {
		_, err = c.CancelImageCreation(ctx, &imagebuilder.CancelImageCreationInput{ImageBuildVersionArn: &arn})
		wantCode(t, err, "InvalidRequestException")
		_, err = c.DeleteImage(ctx, &imagebuilder.DeleteImageInput{ImageBuildVersionArn: &arn})
		ok(t, err)
	}
}
