package imagebuilder_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/writtest"
)

func TestImageRecipe(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	agent := c.component("agent", "1.0.0")
	in := &imagebuilder.CreateImageRecipeInput{
		Name: new("Web Server"), SemanticVersion: new("1.0.0"), ParentImage: new("ami-0123456789abcdef0"),
		Description: new("Serves."), WorkingDirectory: new("/tmp"), Tags: map[string]string{"team": "web"},
		AmiTags: map[string]string{"stage": "test"},
		Components: []types.ComponentConfiguration{{
			ComponentArn: new(c.arn("component/agent/1.x.x")),
			Parameters:   []types.ComponentParameter{{Name: new("Greeting"), Value: []string{"ciao"}}},
		}},
		BlockDeviceMappings: []types.InstanceBlockDeviceMapping{{
			DeviceName: new("/dev/xvda"), Ebs: &types.EbsInstanceBlockDeviceSpecification{VolumeSize: new(int32(20))},
		}},
	}
	out, err := c.CreateImageRecipe(ctx, in)
	ok(t, err)
	if *out.ImageRecipeArn != c.arn("image-recipe/web-server/1.0.0") || *out.LatestVersionReferences.LatestMinorVersionArn != c.arn("image-recipe/web-server/1.0.x") {
		t.Errorf("%s %+v", *out.ImageRecipeArn, out.LatestVersionReferences)
	}
	got, err := c.GetImageRecipe(ctx, &imagebuilder.GetImageRecipeInput{ImageRecipeArn: new(c.arn("image-recipe/web-server/x.x.x"))})
	ok(t, err)
	if diff := cmp.Diff(&types.ImageRecipe{
		Arn: out.ImageRecipeArn, Type: types.ImageTypeAmi, Name: in.Name, Version: in.SemanticVersion, ParentImage: in.ParentImage,
		Platform: types.PlatformLinux, Owner: new(alice), Description: in.Description, WorkingDirectory: in.WorkingDirectory,
		Tags: in.Tags, AmiTags: in.AmiTags, Components: in.Components, BlockDeviceMappings: in.BlockDeviceMappings,
		DateCreated: got.ImageRecipe.DateCreated,
	}, got.ImageRecipe, cmpopts.IgnoreUnexported(types.ImageRecipe{}, types.ComponentConfiguration{}, types.ComponentParameter{},
		types.InstanceBlockDeviceMapping{}, types.EbsInstanceBlockDeviceSpecification{})); diff != "" {
		t.Error(diff)
	}

	in.ClientToken = nil
	_, err = c.CreateImageRecipe(ctx, in)
	wantCode(t, err, "ResourceAlreadyExistsException")
	_, err = c.DeleteComponent(ctx, &imagebuilder.DeleteComponentInput{ComponentBuildVersionArn: &agent})
	wantMessage(t, err, "ResourceDependencyException",
		"Resource dependency error: The resource ARN '"+agent+"' has other resources depended on it.")
	_, err = c.DeleteImageRecipe(ctx, &imagebuilder.DeleteImageRecipeInput{ImageRecipeArn: new(c.arn("image-recipe/web-server/x.x.x"))})
	wantCode(t, err, "ResourceNotFoundException") // only one is deleted at a time
	_, err = c.DeleteImageRecipe(ctx, &imagebuilder.DeleteImageRecipeInput{ImageRecipeArn: out.ImageRecipeArn})
	ok(t, err)
	_, err = c.DeleteComponent(ctx, &imagebuilder.DeleteComponentInput{ComponentBuildVersionArn: &agent})
	ok(t, err)
}

func TestImageRecipeRefused(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	agent := c.component("agent", "1.0.0")
	given := func(names ...string) []types.ComponentConfiguration {
		config := types.ComponentConfiguration{ComponentArn: &agent}
		for _, name := range names {
			config.Parameters = append(config.Parameters, types.ComponentParameter{Name: &name, Value: []string{"x"}})
		}
		return []types.ComponentConfiguration{config}
	}
	for _, test := range []struct {
		name          string
		in            imagebuilder.CreateImageRecipeInput
		code, message string
	}{
		{"undeclared parameters",
			imagebuilder.CreateImageRecipeInput{Components: given("Greeting", "S3BucketName", "Key")}, "InvalidParameterCombinationException",
			"The value supplied for parameter 'components[0].parameters' is not valid. The following parameters are not defined in the provided component: S3BucketName, Key"},
		{"no such component",
			imagebuilder.CreateImageRecipeInput{Components: []types.ComponentConfiguration{{ComponentArn: new(c.arn("component/none/x.x.x"))}}}, "InvalidParameterValueException",
			"The value supplied for parameter 'components[0].componentArn' is not valid. The resource '" + c.arn("component/none/x.x.x") + "' does not exist."},
		{"no such parent image",
			imagebuilder.CreateImageRecipeInput{ParentImage: new(c.arn("image/none/1.0.0"))}, "InvalidParameterValueException",
			"The value supplied for parameter 'parentImage' is not valid. The resource '" + c.arn("image/none/1.0.0") + "' does not exist."},
		{"a parent that is no image",
			imagebuilder.CreateImageRecipeInput{ParentImage: &agent}, "InvalidParameterValueException",
			"The value supplied for parameter 'parentImage' is not valid. It names no image."},
		{"a number after a wildcard",
			imagebuilder.CreateImageRecipeInput{SemanticVersion: new("1.x.2")}, "InvalidVersionNumberException",
			"The version '1.x.2' is not valid: all nodes to the right of the first wildcard must also be wildcards."},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := test.in
			in.Name = new("web")
			if in.ParentImage == nil {
				in.ParentImage = new("ami-0123456789abcdef0")
			}
			if in.SemanticVersion == nil {
				in.SemanticVersion = new("1.0.0")
			}
			_, err := c.CreateImageRecipe(ctx, &in)
			wantMessage(t, err, test.code, test.message)
		})
	}
}

// TestRecipeVersions lets the service number the versions of a recipe.
func TestRecipeVersions(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	for _, step := range []struct{ ask, want string }{
		{"1.x.x", "1.0.0"}, {"1.x.x", "1.1.0"}, {"1.1.x", "1.1.1"}, {"1.5.7", "1.5.7"}, {"1.x.x", "1.6.0"},
		{"x.x.x", "2.0.0"}, {"2.0.x", "2.0.1"}, {"7.8.x", "7.8.0"},
	} {
		if got := c.recipe("web", step.ask, "ami-0123456789abcdef0"); got != c.arn("image-recipe/web/"+step.want) {
			t.Errorf("%s became %s, want %s", step.ask, got, step.want)
		}
	}
}

func TestContainerRecipe(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	in := &imagebuilder.CreateContainerRecipeInput{
		Name: new("App"), SemanticVersion: new("1.0.0"), ContainerType: types.ContainerTypeDocker, ParentImage: new("amazonlinux:latest"),
		DockerfileTemplateData: new("FROM {{{ imagebuilder:parentImage }}}"),
		InstanceConfiguration:  &types.InstanceConfiguration{Image: new("ami-0123456789abcdef0")},
		TargetRepository:       &types.TargetContainerRepository{Service: types.ContainerRepositoryServiceEcr, RepositoryName: new("apps")},
		PlatformOverride:       types.PlatformWindows, Tags: map[string]string{"team": "web"},
	}
	out, err := c.CreateContainerRecipe(ctx, in)
	ok(t, err)
	got, err := c.GetContainerRecipe(ctx, &imagebuilder.GetContainerRecipeInput{ContainerRecipeArn: out.ContainerRecipeArn})
	ok(t, err)
	if diff := cmp.Diff(&types.ContainerRecipe{
		Arn: new(c.arn("container-recipe/app/1.0.0")), ContainerType: types.ContainerTypeDocker, Name: in.Name, Version: in.SemanticVersion,
		Owner: new(alice), Platform: types.PlatformWindows, ParentImage: in.ParentImage, DockerfileTemplateData: in.DockerfileTemplateData,
		InstanceConfiguration: in.InstanceConfiguration, TargetRepository: in.TargetRepository, Encrypted: new(true), Tags: in.Tags,
		DateCreated: got.ContainerRecipe.DateCreated,
	}, got.ContainerRecipe, cmpopts.IgnoreUnexported(types.ContainerRecipe{}, types.InstanceConfiguration{}, types.TargetContainerRepository{})); diff != "" {
		t.Error(diff)
	}
	list, err := c.ListContainerRecipes(ctx, &imagebuilder.ListContainerRecipesInput{})
	ok(t, err)
	if len(list.ContainerRecipeSummaryList) != 1 || *list.ContainerRecipeSummaryList[0].InstanceImage != "ami-0123456789abcdef0" {
		t.Errorf("%+v", list.ContainerRecipeSummaryList)
	}
	in.DockerfileTemplateUri, in.ClientToken = new("s3://bucket/Dockerfile"), nil
	_, err = c.CreateContainerRecipe(ctx, in)
	wantCode(t, err, "InvalidParameterCombinationException")
}
