package imagebuilder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// components walks through all pages of ListComponents and returns the ARNs,
// without what all of them begin with.
func (c client) components(in imagebuilder.ListComponentsInput) []string {
	c.t.Helper()
	list := []string{}
	for pages := 0; ; pages++ {
		out, err := c.ListComponents(ctx, &in)
		ok(c.t, err)
		if in.MaxResults != nil && len(out.ComponentVersionList) > int(*in.MaxResults) {
			c.t.Errorf("a page of %d", len(out.ComponentVersionList))
		}
		for _, v := range out.ComponentVersionList {
			_, short, _ := strings.Cut(*v.Arn, ":component/")
			list = append(list, short)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil || pages > 100 {
			return list
		}
	}
}

func TestListComponents(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	for _, version := range []string{"1.0.0", "1.0.0", "1.10.0", "1.9.0", "10.0.0", "2.0.0"} {
		c.component("agent", version)
	}
	c.component("agent-test", "1.0.0")
	for range 12 { // builds 10 to 12 sort between 1 and 2
		c.component("shell", "1.0.0")
	}
	newClient(t, s, bob).component("bob", "1.0.0")
	_, err := c.CreateComponent(ctx, &imagebuilder.CreateComponentInput{
		Name: new("windows only"), SemanticVersion: new("1.0.0"), Platform: types.PlatformWindows,
		SupportedOsVersions: []string{"Microsoft Windows Server 2022"}, Description: new("Opens."),
		Data: new("schemaVersion: 1.0\nphases: [{name: test}]"),
	})
	ok(t, err)
	all := []string{"agent-test/1.0.0", "agent/1.0.0", "agent/1.10.0", "agent/1.9.0", "agent/10.0.0", "agent/2.0.0", "shell/1.0.0", "windows-only/1.0.0"}
	byName := []string{"agent-test/1.0.0", "agent/10.0.0", "shell/1.0.0", "windows-only/1.0.0"}

	for size := int32(1); size <= 9; size++ {
		if diff := cmp.Diff(all, c.components(imagebuilder.ListComponentsInput{MaxResults: &size})); diff != "" {
			t.Errorf("pages of %d: %s", size, diff)
		}
		if diff := cmp.Diff(byName, c.components(imagebuilder.ListComponentsInput{MaxResults: &size, ByName: true})); diff != "" {
			t.Errorf("by name, pages of %d: %s", size, diff)
		}
	}
	for _, test := range []struct {
		name    string
		filters []types.Filter
		want    []string
	}{
		{"name", []types.Filter{{Name: new("name"), Values: []string{"agent"}}}, all[1:6]},
		{"one of two names", []types.Filter{{Name: new("name"), Values: []string{"agent-test", "shell"}}}, []string{all[0], all[6]}},
		{"name and version", []types.Filter{{Name: new("name"), Values: []string{"agent"}}, {Name: new("version"), Values: []string{"1.0.0"}}}, all[1:2]},
		{"platform", []types.Filter{{Name: new("platform"), Values: []string{"Windows"}}}, all[7:]},
		{"type", []types.Filter{{Name: new("type"), Values: []string{"TEST"}}}, all[7:]},
		{"operating system", []types.Filter{{Name: new("supportedOsVersion"), Values: []string{"Microsoft Windows Server 2022"}}}, all[7:]},
		{"description", []types.Filter{{Name: new("description"), Values: []string{"Opens."}}}, all[7:]},
		{"case matters", []types.Filter{{Name: new("platform"), Values: []string{"windows"}}}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int32{1, 25} {
				if diff := cmp.Diff(test.want, c.components(imagebuilder.ListComponentsInput{Filters: test.filters, MaxResults: &size})); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	for _, name := range []string{"Name", "owner"} {
		_, err := c.ListComponents(ctx, &imagebuilder.ListComponentsInput{Filters: []types.Filter{{Name: &name, Values: []string{"x"}}}})
		wantMessage(t, err, "InvalidParameterValueException", "The value supplied for parameter 'filters' is not valid. There is no filter named '"+name+"'.")
	}
}

func TestListOwner(t *testing.T) {
	s := writtest.New(t)
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	arn := owner.component("agent", "1.0.0")
	_, err := owner.PutComponentPolicy(ctx, &imagebuilder.PutComponentPolicyInput{
		ComponentArn: &arn, Policy: new(canonical(arn, bob, "GetComponent", "ListComponents")),
	})
	ok(t, err)
	user.component("mine", "1.0.0")
	for _, who := range types.Ownership("").Values() {
		got := user.components(imagebuilder.ListComponentsInput{Owner: who})
		switch who {
		case types.OwnershipSelf:
			if diff := cmp.Diff([]string{"mine/1.0.0"}, got); diff != "" {
				t.Errorf("owner Self: %s", diff)
			}
		case types.OwnershipAmazon:
			if !slices.Contains(got, "update-linux/1.0.0") || slices.Contains(got, "mine/1.0.0") {
				t.Errorf("owner Amazon: %v", got)
			}
		default:
			if len(got) > 0 {
				t.Errorf("owner %s: %v", who, got)
			}
		}
	}
	few, many := int32(3), int32(25)
	if diff := cmp.Diff(
		user.components(imagebuilder.ListComponentsInput{Owner: types.OwnershipAmazon, MaxResults: &many}),
		user.components(imagebuilder.ListComponentsInput{Owner: types.OwnershipAmazon, MaxResults: &few}),
	); diff != "" {
		t.Error(diff)
	}
	images, err := user.ListImages(ctx, &imagebuilder.ListImagesInput{Owner: types.OwnershipAmazon, Filters: []types.Filter{
		{Name: new("platform"), Values: []string{"Windows"}}, {Name: new("osVersion"), Values: []string{"Microsoft Windows Server 2022"}},
	}})
	ok(t, err)
	if list := images.ImageVersionList; len(list) != 1 || *list[0].Owner != "Amazon" ||
		*list[0].Arn != "arn:aws:imagebuilder:us-east-1:aws:image/windows-server-2022-english-full-base-x86/2024.4.1" {
		t.Errorf("%+v", list)
	}
	recipes, err := user.ListImageRecipes(ctx, &imagebuilder.ListImageRecipesInput{Owner: types.OwnershipAmazon})
	ok(t, err)
	if recipes.ImageRecipeSummaryList == nil || len(recipes.ImageRecipeSummaryList) != 0 {
		t.Errorf("%+v", recipes)
	}
}

// TestListFiltersFirst asks for builds and versions that are not the newest: the
// newest of those that pass the filters is listed.
func TestListFiltersFirst(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	infrastructure := c.infrastructure("basic")
	recipe := c.recipe("web", "1.0.0", "ami-0123456789abcdef0")
	c.image(recipe, infrastructure)
	c.image(recipe, infrastructure)
	c.image(c.recipe("web", "2.0.0", "ami-0123456789abcdef0"), infrastructure)
	for _, test := range []struct {
		version string
		byName  bool
		want    []string
	}{
		{"1.0.0/1", false, []string{"1.0.0"}},
		{"1.0.0/2", false, []string{"1.0.0"}},
		{"1.0.0/3", false, nil},
		{"1.0.0", false, []string{"1.0.0"}},
		{"1.0.0", true, []string{"1.0.0"}},
		{"1.0.0/1", true, []string{"1.0.0"}},
	} {
		out, err := c.ListImages(ctx, &imagebuilder.ListImagesInput{
			ByName: test.byName, MaxResults: new(int32(1)), Filters: []types.Filter{{Name: new("version"), Values: []string{test.version}}},
		})
		ok(t, err)
		var got []string
		for _, v := range out.ImageVersionList {
			got = append(got, *v.Version)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || out.NextToken != nil {
			t.Errorf("version %s, by name %t: %s", test.version, test.byName, diff)
		}
	}
}

// TestScan does what a scanner of policies does: every version, every build,
// its policy.
func TestScan(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	recipe, infrastructure := c.recipe("web", "1.0.0", "ami-0123456789abcdef0"), c.infrastructure("basic")
	shared := c.image(recipe, infrastructure)
	c.image(recipe, infrastructure)
	c.putImagePolicy(shared, canonical(shared, bob, "GetImage"))

	var found []string
	images, err := c.ListImages(ctx, &imagebuilder.ListImagesInput{IncludeDeprecated: new(true)})
	ok(t, err)
	for _, version := range images.ImageVersionList {
		if *version.Version != "1.0.0" || *version.Owner != alice {
			t.Errorf("%+v", version)
		}
		builds, err := c.ListImageBuildVersions(ctx, &imagebuilder.ListImageBuildVersionsInput{ImageVersionArn: version.Arn})
		ok(t, err)
		for _, build := range builds.ImageSummaryList {
			if build.State.Status != types.ImageStatusAvailable || build.OutputResources == nil {
				t.Errorf("%+v", build)
			}
			policy, err := c.GetImagePolicy(ctx, &imagebuilder.GetImagePolicyInput{ImageArn: build.Arn})
			ok(t, err)
			found = append(found, fmt.Sprintf("%s %s %t", *build.Version, (*build.Arn)[len(*build.Arn)-1:], *policy.Policy != "{}"))
		}
	}
	if diff := cmp.Diff([]string{"1.0.0/1 1 true", "1.0.0/2 2 false"}, found); diff != "" {
		t.Error(diff)
	}
	all, err := c.ListImageBuildVersions(ctx, &imagebuilder.ListImageBuildVersionsInput{Filters: []types.Filter{{Name: new("version"), Values: []string{"1.0.0/2"}}}})
	ok(t, err)
	if len(all.ImageSummaryList) != 1 {
		t.Errorf("%d builds of all versions, want 1", len(all.ImageSummaryList))
	}
	c.component("agent", "1.0.0")
	components, err := c.ListComponentBuildVersions(ctx, &imagebuilder.ListComponentBuildVersionsInput{ComponentVersionArn: new(c.arn("component/agent/1.0.0"))})
	ok(t, err)
	if len(components.ComponentSummaryList) != 1 || components.NextToken != nil {
		t.Errorf("%+v", components)
	}
}

// TestListEmpty looks at lists of nothing on the wire: the list is there, the
// token is not.
func TestListEmpty(t *testing.T) {
	s := writtest.New(t)
	for operation, member := range map[string]string{
		"ListComponents": "componentVersionList", "ListComponentBuildVersions": "componentSummaryList",
		"ListImages": "imageVersionList", "ListImageBuildVersions": "imageSummaryList",
		"ListImageRecipes": "imageRecipeSummaryList", "ListContainerRecipes": "containerRecipeSummaryList",
		"ListImagePipelines":               "imagePipelineList",
		"ListInfrastructureConfigurations": "infrastructureConfigurationSummaryList",
		"ListDistributionConfigurations":   "distributionConfigurationSummaryList",
	} {
		t.Run(operation, func(t *testing.T) {
			status, _, answer := raw(t, s, alice, "POST", "/"+operation, "{}")
			list, isList := answer[member].([]any)
			if _, token := answer["nextToken"]; status != 200 || !isList || len(list) > 0 || token {
				t.Errorf("%d %v", status, answer)
			}
			for _, token := range []string{"x", "TGlzdEltYWdl", "!"} {
				status, code, answer := raw(t, s, alice, "POST", "/"+operation, `{"nextToken":"`+token+`"}`)
				if status != 400 || code != "InvalidPaginationTokenException" {
					t.Errorf("token %s: %d %s %v", token, status, code, answer)
				}
			}
		})
	}
}

// TestListTokenOfOther sends the token of one list to another.
func TestListTokenOfOther(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	c.component("a-one", "1.0.0")
	c.component("b-two", "1.0.0")
	out, err := c.ListComponents(ctx, &imagebuilder.ListComponentsInput{MaxResults: new(int32(1))})
	ok(t, err)
	_, err = c.ListImages(ctx, &imagebuilder.ListImagesInput{NextToken: out.NextToken})
	wantCode(t, err, "InvalidPaginationTokenException")
}
