package imagebuilder_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

const allowAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"imagebuilder:*","Resource":"*"}}`

// TestShare tells for each of the four types who can read what alice shares with
// bob, and that nobody else can change it.
func TestShare(t *testing.T) {
	for _, r := range shareables {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := writtest.New(t)
			owner := newClient(t, s, alice)
			arn := r.make(owner, "web")
			user := as(t, s, bob, "ann", allowAll)
			noIdentity := as(t, s, bob, "eve", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"imagebuilder:List*","Resource":"*"}}`)
			stranger := newClient(t, s, carol)

			for _, c := range []client{user, newClient(t, s, bob), stranger} {
				wantCode(t, r.read(c, arn), "AccessDeniedException")
			}
			_, _, err := r.put(owner, arn, canonical(arn, bob, r.actions...))
			ok(t, err)
			ok(t, r.read(user, arn))
			ok(t, r.read(newClient(t, s, bob), arn))
			wantCode(t, r.read(noIdentity, arn), "AccessDeniedException")
			wantCode(t, r.read(stranger, arn), "AccessDeniedException")

			// What is shared can be read, not changed, whatever the policy says.
			_, _, err = r.put(owner, arn, canonical(arn, bob, "*"))
			ok(t, err)
			_, _, err = r.put(user, arn, canonical(arn, carol, r.actions...))
			wantCode(t, err, "ForbiddenException")
			wantCode(t, r.remove(user, arn), "ForbiddenException")
			_, err = user.TagResource(ctx, &imagebuilder.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"mine": "now"}})
			wantCode(t, err, "ForbiddenException")
			_, _, err = r.get(user, arn)
			ok(t, err) // the policy allows reading the policy, too

			// An explicit Deny wins, on either side.
			deny := strings.Replace(canonical(arn, bob, r.actions...), `"Statement":[`,
				`"Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::`+bob+`:user/ann"},"Action":"imagebuilder:*","Resource":"`+arn+`"},`, 1)
			_, _, err = r.put(owner, arn, deny)
			ok(t, err)
			wantCode(t, r.read(user, arn), "AccessDeniedException")
			ok(t, r.read(newClient(t, s, bob), arn))

			// A revocation is obeyed by the next request.
			_, _, err = r.put(owner, arn, canonical(arn, alice, r.actions...))
			ok(t, err)
			wantCode(t, r.read(newClient(t, s, bob), arn), "AccessDeniedException")
		})
	}
}

// TestShareNewest reads what is shared by version and by wildcard: of another
// account's versions those that are shared are found, and no others.
func TestShareNewest(t *testing.T) {
	s := writtest.New(t)
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	first := owner.component("agent", "1.0.0")
	owner.component("agent", "2.0.0")
	get := func(version string) (*imagebuilder.GetComponentOutput, error) {
		return user.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: new(own + "component/agent/" + version)})
	}
	_, err := get("x.x.x")
	if message := wantCode(t, err, "AccessDeniedException"); strings.Contains(message, "2.0.0") {
		t.Errorf("the denial tells what there is: %s", message)
	}
	_, err = owner.PutComponentPolicy(ctx, &imagebuilder.PutComponentPolicyInput{
		ComponentArn: &first, Policy: new(canonical(first, bob, "GetComponent")),
	})
	ok(t, err)
	for _, version := range []string{"x.x.x", "1.x.x", "1.0.x", "1.0.0", "1.0.0/1"} {
		out, err := get(version)
		ok(t, err)
		if *out.Component.Arn != first {
			t.Errorf("%s is %s, want %s", version, *out.Component.Arn, first)
		}
	}
	_, err = get("2.x.x")
	wantCode(t, err, "AccessDeniedException")
}

// TestShareNewestWithOthers has newer versions and builds that are shared with
// somebody else: to bob they are as if they were not there.
func TestShareNewestWithOthers(t *testing.T) {
	s := writtest.New(t)
	owner, user, other := newClient(t, s, alice), newClient(t, s, bob), newClient(t, s, carol)
	infrastructure := user.infrastructure("mine")
	share := func(kind, arn, account string) {
		t.Helper()
		r := shareables[slices.IndexFunc(shareables, func(r shareable) bool { return r.name == kind })]
		_, _, err := r.put(owner, arn, canonical(arn, account, r.actions...))
		ok(t, err)
	}
	recipe := func(c client, version string) (string, error) {
		out, err := c.GetImageRecipe(ctx, &imagebuilder.GetImageRecipeInput{ImageRecipeArn: new(own + "image-recipe/base/" + version)})
		if err != nil {
			return "", err
		}
		return *out.ImageRecipe.Arn, nil
	}
	image := func(version string) (string, error) {
		out, err := user.CreateImage(ctx, &imagebuilder.CreateImageInput{
			ImageRecipeArn: new(own + "image-recipe/base/" + version), InfrastructureConfigurationArn: &infrastructure,
		})
		if err != nil {
			return "", err
		}
		return *out.ImageBuildVersionArn, nil
	}
	want := func(wanted string) func(string, error) {
		return func(got string, err error) {
			t.Helper()
			ok(t, err)
			if got != wanted {
				t.Errorf("got %s, want %s", got, wanted)
			}
		}
	}

	older, newer := owner.recipe("base", "1.0.0", "ami-0123456789abcdef0"), owner.recipe("base", "1.1.0", "ami-0123456789abcdef0")
	share("ImageRecipe", newer, carol)
	for _, version := range []string{"x.x.x", "1.1.x"} { // nothing is for bob: the denial speaks of what he asked for
		_, err := recipe(user, version)
		message := wantCode(t, err, "AccessDeniedException")
		if strings.Contains(message, "1.1.0") || !strings.Contains(message, own+"image-recipe/base/"+version) {
			t.Errorf("denied: %s", message)
		}
		_, err = image(version)
		if message := wantCode(t, err, "AccessDeniedException"); strings.Contains(message, "1.1.0") {
			t.Errorf("denied: %s", message)
		}
	}
	share("ImageRecipe", older, bob)
	want(older)(recipe(user, "x.x.x"))
	want(newer)(recipe(other, "x.x.x"))
	want(user.arn("image/base/1.0.0/1"))(image("x.x.x"))
	_, err := recipe(user, "1.1.x")
	if message := wantCode(t, err, "AccessDeniedException"); strings.Contains(message, "1.1.0") {
		t.Errorf("denied: %s", message)
	}

	component := func(c client) (string, error) {
		out, err := c.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: new(own + "component/agent-x/1.0.0")})
		if err != nil {
			return "", err
		}
		return *out.Component.Arn, nil
	}
	first, second := owner.component("agent-x", "1.0.0"), owner.component("agent-x", "1.0.0")
	share("Component", first, bob)
	share("Component", second, carol)
	want(first)(component(user))
	want(second)(component(other))
	want(second)(component(owner))
}

// TestShareNewestAudit reads by wildcard where nothing is refused: what is shared
// with nobody does not count there either, so that the log tells what would be.
func TestShareNewestAudit(t *testing.T) {
	s := writtest.NewFromConfig(t, writ.Config{Enforce: writ.EnforceAudit})
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	shared := owner.anImage("web")
	owner.image(own+"image-recipe/web/1.0.0", own+"infrastructure-configuration/web")
	owner.putImagePolicy(shared, canonical(shared, bob, "GetImage"))
	out, err := user.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: new(own + "image/web/x.x.x")})
	ok(t, err)
	if *out.Image.Arn != shared {
		t.Errorf("x.x.x is %s, want %s", *out.Image.Arn, shared)
	}
}

// TestUseShared uses what another account shares: a component and a parent
// image in a recipe, and a recipe for an image and for a pipeline.
func TestUseShared(t *testing.T) {
	s := writtest.New(t)
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	component, image := owner.component("agent", "1.0.0"), owner.anImage("base")
	recipe := own + "image-recipe/base/1.0.0"
	infrastructure := user.infrastructure("mine")

	newRecipe := func() (*imagebuilder.CreateImageRecipeOutput, error) {
		return user.CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{
			Name: new("web"), SemanticVersion: new("1.0.0"), ParentImage: &image,
			Components: []types.ComponentConfiguration{{ComponentArn: &component}},
		})
	}
	newImage := func() (*imagebuilder.CreateImageOutput, error) {
		return user.CreateImage(ctx, &imagebuilder.CreateImageInput{ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure})
	}
	_, err := newRecipe()
	wantCode(t, err, "AccessDeniedException")
	owner.putImagePolicy(image, canonical(image, bob, "GetImage"))
	_, err = newRecipe()
	wantCode(t, err, "AccessDeniedException") // the component is not shared yet
	_, err = owner.PutComponentPolicy(ctx, &imagebuilder.PutComponentPolicyInput{
		ComponentArn: &component, Policy: new(canonical(component, bob, "GetComponent")),
	})
	ok(t, err)
	made, err := newRecipe()
	ok(t, err)
	if want := user.arn("image-recipe/web/1.0.0"); *made.ImageRecipeArn != want {
		t.Errorf("recipe %s, want %s", *made.ImageRecipeArn, want)
	}

	_, err = newImage()
	wantCode(t, err, "AccessDeniedException")
	_, err = owner.PutImageRecipePolicy(ctx, &imagebuilder.PutImageRecipePolicyInput{
		ImageRecipeArn: &recipe, Policy: new(canonical(recipe, bob, "GetImageRecipe")),
	})
	ok(t, err)
	out, err := newImage()
	ok(t, err)
	if want := user.arn("image/base/1.0.0/1"); *out.ImageBuildVersionArn != want {
		t.Errorf("image %s, want %s", *out.ImageBuildVersionArn, want)
	}
	_, err = user.CreateImagePipeline(ctx, &imagebuilder.CreateImagePipelineInput{
		Name: new("nightly"), ImageRecipeArn: &recipe, InfrastructureConfigurationArn: &infrastructure,
	})
	ok(t, err)

	// The infrastructure is never another account's, shared or not.
	_, err = user.CreateImage(ctx, &imagebuilder.CreateImageInput{
		ImageRecipeArn: &recipe, InfrastructureConfigurationArn: new(own + "infrastructure-configuration/base"),
	})
	wantCode(t, err, "InvalidParameterValueException")

	// While bob uses them, alice cannot delete them, not even unshared.
	_, err = owner.PutComponentPolicy(ctx, &imagebuilder.PutComponentPolicyInput{
		ComponentArn: &component, Policy: new(canonical(component, alice, "GetComponent")),
	})
	ok(t, err)
	_, err = owner.DeleteComponent(ctx, &imagebuilder.DeleteComponentInput{ComponentBuildVersionArn: &component})
	wantCode(t, err, "ResourceDependencyException")
}

// TestAmazon reads and uses what Amazon publishes.
func TestAmazon(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	const amazon = "arn:aws:imagebuilder:" + writtest.Region + ":aws:"
	for _, version := range []string{"x.x.x", "2024.x.x", "2024.4.1", "2024.4.1/1"} {
		out, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: new(amazon + "image/windows-server-2022-english-full-base-x86/" + version)})
		ok(t, err)
		if out.Image.Platform != types.PlatformWindows || out.Image.ImageSource != types.ImageSourceAmazonManaged || out.Image.State.Status != types.ImageStatusAvailable {
			t.Errorf("image %+v", out.Image)
		}
	}
	_, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: new(amazon + "image/no-such-system/x.x.x")})
	wantCode(t, err, "ResourceNotFoundException")

	recipe := c.recipe("web", "1.0.0", amazon+"image/windows-server-2022-english-full-base-x86/x.x.x", amazon+"component/update-windows/x.x.x")
	got, err := c.GetImageRecipe(ctx, &imagebuilder.GetImageRecipeInput{ImageRecipeArn: &recipe})
	ok(t, err)
	if got.ImageRecipe.Platform != types.PlatformWindows || !strings.HasSuffix(*got.ImageRecipe.ParentImage, "/x.x.x") {
		t.Errorf("recipe %+v", got.ImageRecipe)
	}
	image, err := c.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: new(c.image(recipe, c.infrastructure("web")))})
	ok(t, err)
	if *image.Image.OsVersion != "Microsoft Windows Server 2022" {
		t.Errorf("operating system %s", *image.Image.OsVersion)
	}

	// All accounts may, if their own side lets them; nothing can be shared on.
	const image2 = amazon + "image/amazon-linux-2-x86/2024.4.1/1"
	for policy, code := range map[string]string{
		allowAll: "",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"imagebuilder:List*","Resource":"*"}}`: "AccessDeniedException",
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`:                   "AccessDeniedException",
	} {
		user := as(t, s, bob, "ann", policy)
		_, err := user.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: new(image2)})
		if code != "" {
			wantCode(t, err, code)
		} else {
			ok(t, err)
		}
	}
	policy, err := c.GetImagePolicy(ctx, &imagebuilder.GetImagePolicyInput{ImageArn: new(image2)})
	ok(t, err)
	if *policy.Policy != "{}" {
		t.Errorf("policy %s", *policy.Policy)
	}
}

// TestRegion keeps regions apart: what stands in one cannot be seen, used or
// changed from another, not even by ARN.
func TestRegion(t *testing.T) {
	s := writtest.New(t)
	there := s.Config(alice)
	there.Region = "eu-west-1"
	c, far := newClient(t, s, alice), client{imagebuilder.NewFromConfig(there), t, alice}
	recipe := far.recipe("web", "1.0.0", "ami-0123456789abcdef0")
	image := far.image(recipe, far.infrastructure("basic"))
	for what, err := range map[string]error{
		"get":              shareables[0].read(c, image),
		"get by version":   shareables[0].read(c, strings.TrimSuffix(image, "/1")),
		"get by wildcards": shareables[2].read(c, strings.Replace(recipe, "1.0.0", "x.x.x", 1)),
		"delete":           shareables[0].remove(c, image),
	} {
		t.Run(what, func(t *testing.T) { wantCode(t, err, "ResourceNotFoundException") })
	}
	_, _, err := shareables[0].put(c, image, canonical(image, bob, "GetImage"))
	wantCode(t, err, "ResourceNotFoundException")
	_, err = c.CreateImageRecipe(ctx, &imagebuilder.CreateImageRecipeInput{Name: new("web"), SemanticVersion: new("1.0.0"), ParentImage: &image})
	wantCode(t, err, "InvalidParameterValueException")
	list, err := c.ListImageRecipes(ctx, &imagebuilder.ListImageRecipesInput{})
	ok(t, err)
	if len(list.ImageRecipeSummaryList) > 0 {
		t.Errorf("%+v", list.ImageRecipeSummaryList)
	}
	ok(t, shareables[0].read(far, image))
}
