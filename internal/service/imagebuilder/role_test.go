package imagebuilder_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/writdev/writ/writtest"
)

// passing is a policy that allows Image Builder, and to pass one resource to a service.
func passing(resource, service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"imagebuilder:*","Resource":"*"},
		{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + resource + `","Condition":{"StringEquals":{"iam:PassedToService":"` + service + `"}}}]}`
}

// TestPassRole: roles that Image Builder will assume must be passed, and those of instance
// profiles to EC2.
func TestPassRole(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	recipe, infrastructure := c.recipe("web", "1.0.0", "ami-0123456789abcdef0"), c.infrastructure("basic")
	const role = "arn:aws:iam::" + alice + ":role/runner"
	may := as(t, s, alice, "may", passing(role, "imagebuilder.amazonaws.com"))
	image := func(c client, role string) error {
		_, err := c.CreateImage(ctx, &imagebuilder.CreateImageInput{ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure, ExecutionRole: &role})
		return err
	}
	pipeline := func(c client, role string) error {
		_, err := c.CreateImagePipeline(ctx, &imagebuilder.CreateImagePipelineInput{
			Name: new("nightly"), ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure, ExecutionRole: &role})
		return err
	}
	for name, call := range map[string]func(client, string) error{"CreateImage": image, "CreateImagePipeline": pipeline} {
		t.Run(name, func(t *testing.T) {
			for _, denied := range []client{
				as(t, s, alice, "none-"+name, allow("imagebuilder:*", "*")),
				as(t, s, alice, "other-"+name, passing(role+"2", "imagebuilder.amazonaws.com")),
				as(t, s, alice, "ec2-"+name, passing(role, "ec2.amazonaws.com")),
			} {
				if message := wantCode(t, call(denied, role), "AccessDeniedException"); !strings.Contains(message, "iam:PassRole on resource: "+role) {
					t.Error(message)
				}
			}
			wantCode(t, call(c, strings.Replace(role, alice, bob, 1)), "AccessDeniedException")
			ok(t, call(may, "runner"))
		})
	}
	_, err := may.UpdateImagePipeline(ctx, &imagebuilder.UpdateImagePipelineInput{
		ImagePipelineArn: new(c.arn("image-pipeline/nightly")), ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure, ExecutionRole: new("admin")})
	wantCode(t, err, "AccessDeniedException")

	i := iam.NewFromConfig(s.Config(alice))
	_, err = i.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("builds"), AssumeRolePolicyDocument: new(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`)})
	ok(t, err)
	_, err = i.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("profile")})
	ok(t, err)
	_, err = i.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("profile"), RoleName: new("builds")})
	ok(t, err)
	configure := func(c client, profile string) error {
		_, err := c.UpdateInfrastructureConfiguration(ctx, &imagebuilder.UpdateInfrastructureConfigurationInput{
			InfrastructureConfigurationArn: &infrastructure, InstanceProfileName: &profile})
		return err
	}
	wantCode(t, configure(may, "profile"), "AccessDeniedException")
	wantCode(t, configure(may, "made-later"), "AccessDeniedException")
	ok(t, configure(as(t, s, alice, "ec2", passing("arn:aws:iam::"+alice+":role/builds", "ec2.amazonaws.com")), "profile"))
}

// TestKeys: what a customer managed key encrypts, only those use who may use the key.
func TestKeys(t *testing.T) {
	s := writtest.New(t)
	k := kms.NewFromConfig(s.Config(alice))
	key, err := k.CreateKey(ctx, &kms.CreateKeyInput{})
	ok(t, err)
	arn := key.KeyMetadata.Arn
	c := newClient(t, s, alice)
	component := func(c client) error {
		_, err := c.CreateComponent(ctx, &imagebuilder.CreateComponentInput{
			Name: new("agent"), SemanticVersion: new("1.0.0"), Platform: types.PlatformLinux, Data: new(shell), KmsKeyId: arn})
		return err
	}
	outside := as(t, s, alice, "outside", allow("imagebuilder:*", "*"))
	wantCode(t, component(outside), "AccessDeniedException")
	ok(t, component(c))
	get := func(c client) error {
		_, err := c.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: new(c.arn("component/agent/1.0.0/1"))})
		return err
	}
	if message := wantCode(t, get(outside), "AccessDeniedException"); !strings.Contains(message, "kms:Decrypt") {
		t.Error(message)
	}
	through := as(t, s, alice, "through", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"imagebuilder:*","Resource":"*"},
		{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"imagebuilder.us-east-1.amazonaws.com"}}}]}`)
	ok(t, component(through))
	ok(t, get(through))
	_, err = k.DisableKey(ctx, &kms.DisableKeyInput{KeyId: arn})
	ok(t, err)
	wantCode(t, component(c), "InvalidParameterValueException")
	wantCode(t, get(c), "InvalidParameterValueException")
}
