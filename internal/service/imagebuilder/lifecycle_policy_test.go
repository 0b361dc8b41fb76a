package imagebuilder_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

func tidy() *imagebuilder.CreateLifecyclePolicyInput {
	return &imagebuilder.CreateLifecyclePolicyInput{
		Name: new("Tidy Up"), ExecutionRole: new("tidier"), ResourceType: types.LifecyclePolicyResourceTypeAmiImage,
		PolicyDetails: []types.LifecyclePolicyDetail{
			{Action: &types.LifecyclePolicyDetailAction{Type: types.LifecyclePolicyDetailActionTypeDeprecate},
				Filter: &types.LifecyclePolicyDetailFilter{Type: types.LifecyclePolicyDetailFilterTypeCount, Value: new(int32(2))}},
			{Action: &types.LifecyclePolicyDetailAction{
				Type: types.LifecyclePolicyDetailActionTypeDelete, IncludeResources: &types.LifecyclePolicyDetailActionIncludeResources{Amis: true, Snapshots: true}},
				Filter: &types.LifecyclePolicyDetailFilter{
					Type: types.LifecyclePolicyDetailFilterTypeAge, Value: new(int32(3)), Unit: types.LifecyclePolicyTimeUnitDays, RetainAtLeast: new(int32(1))}},
		},
		ResourceSelection: &types.LifecyclePolicyResourceSelection{TagMap: map[string]string{"team": "web"}},
		Tags:              map[string]string{"kind": "policy"},
	}
}

func (c client) states(recipe string) string {
	c.t.Helper()
	out, err := c.ListImageBuildVersions(ctx, &imagebuilder.ListImageBuildVersionsInput{ImageVersionArn: new(c.arn("image/" + recipe))})
	ok(c.t, err)
	var list []string
	for _, image := range out.ImageSummaryList {
		list = append(list, (*image.Version)[6:]+" "+string(image.State.Status))
	}
	return strings.Join(list, ", ")
}

// TestLifecyclePolicy runs a policy day by day.
func TestLifecyclePolicy(t *testing.T) {
	s, advance := clocked(t, writ.Config{})
	c := newClient(t, s, alice)
	recipe, infrastructure := c.recipe("web", "1.0.0", "ami-0123456789abcdef0"), c.infrastructure("basic")
	var images []string
	for range 3 {
		image := c.image(recipe, infrastructure)
		_, err := c.TagResource(ctx, &imagebuilder.TagResourceInput{ResourceArn: &image, Tags: map[string]string{"team": "web"}})
		ok(t, err)
		images = append(images, image)
		advance("1h")
	}
	out, err := c.CreateLifecyclePolicy(ctx, tidy())
	ok(t, err)
	arn := out.LifecyclePolicyArn
	get := func() *types.LifecyclePolicy {
		t.Helper()
		got, err := c.GetLifecyclePolicy(ctx, &imagebuilder.GetLifecyclePolicyInput{LifecyclePolicyArn: arn})
		ok(t, err)
		return got.LifecyclePolicy
	}
	if v := get(); *arn != c.arn("lifecycle-policy/tidy-up") || v.Status != types.LifecyclePolicyStatusEnabled || v.DateLastRun != nil || v.Tags["kind"] != "policy" {
		t.Errorf("%+v", v)
	}
	_, err = c.CreateLifecyclePolicy(ctx, tidy())
	wantCode(t, err, "ResourceAlreadyExistsException")
	advance("23h")
	if got := c.states("web/1.0.0"); got != "1 AVAILABLE, 2 AVAILABLE, 3 AVAILABLE" {
		t.Errorf("before a day is over: %s", got)
	}
	advance("1h")
	if got := c.states("web/1.0.0"); got != "1 DEPRECATED, 2 AVAILABLE, 3 AVAILABLE" {
		t.Errorf("after a day: %s", got)
	}
	if v := get(); v.DateLastRun == nil || !v.DateLastRun.Equal(start.Add(27*time.Hour)) {
		t.Errorf("last run %v", v.DateLastRun)
	}
	c.putImagePolicy(images[1], canonical(images[1], bob, "GetImage", "ListImages")) // shared: it stays
	advance("72h")
	if got := c.states("web/1.0.0"); got != "2 AVAILABLE, 3 AVAILABLE" {
		t.Errorf("after four days: %s", got)
	}
	list, err := c.ListLifecycleExecutions(ctx, &imagebuilder.ListLifecycleExecutionsInput{ResourceArn: arn})
	ok(t, err)
	if n := len(list.LifecycleExecutions); n != 4 {
		t.Fatalf("%d executions", n)
	}
	ofImage, err := c.ListLifecycleExecutions(ctx, &imagebuilder.ListLifecycleExecutionsInput{ResourceArn: &images[0]})
	ok(t, err)
	if len(ofImage.LifecycleExecutions) != 2 {
		t.Errorf("of the image that was deprecated and deleted: %+v", ofImage.LifecycleExecutions)
	}
	failed := 0
	for _, e := range list.LifecycleExecutions {
		got, err := c.GetLifecycleExecution(ctx, &imagebuilder.GetLifecycleExecutionInput{LifecycleExecutionId: e.LifecycleExecutionId})
		ok(t, err)
		resources, err := c.ListLifecycleExecutionResources(ctx, &imagebuilder.ListLifecycleExecutionResourcesInput{LifecycleExecutionId: e.LifecycleExecutionId})
		ok(t, err)
		for _, r := range resources.Resources {
			if *r.ResourceId == images[1] && r.State.Status == types.LifecycleExecutionResourceStatusFailed {
				failed++
				if got.LifecycleExecution.State.Status != types.LifecycleExecutionStatusFailed || !strings.Contains(*r.State.Reason, "depended on") {
					t.Errorf("%+v %+v", got.LifecycleExecution.State, r.State)
				}
			}
			if *r.ResourceId == images[0] && r.Action.Name == types.LifecycleExecutionResourceActionNameDelete {
				outputs, err := c.ListLifecycleExecutionResources(ctx, &imagebuilder.ListLifecycleExecutionResourcesInput{
					LifecycleExecutionId: e.LifecycleExecutionId, ParentResourceId: r.ResourceId})
				ok(t, err)
				if o := outputs.Resources; len(o) != 1 || !strings.HasPrefix(*o[0].ResourceId, "ami-") || len(o[0].Snapshots) != 1 {
					t.Errorf("outputs %+v", o)
				}
			}
		}
	}
	if failed == 0 {
		t.Error("no execution tells that a shared image was not deleted")
	}
	in := tidy()
	_, err = c.UpdateLifecyclePolicy(ctx, &imagebuilder.UpdateLifecyclePolicyInput{
		LifecyclePolicyArn: arn, ExecutionRole: in.ExecutionRole, ResourceType: in.ResourceType, PolicyDetails: in.PolicyDetails,
		ResourceSelection: in.ResourceSelection, Status: types.LifecyclePolicyStatusDisabled,
	})
	ok(t, err)
	advance("480h")
	if v := get(); !v.DateLastRun.Equal(start.Add(99*time.Hour)) || v.DateUpdated == nil {
		t.Errorf("a disabled policy ran at %v", v.DateLastRun)
	}
	byStatus, err := c.ListLifecyclePolicies(ctx, &imagebuilder.ListLifecyclePoliciesInput{Filters: []types.Filter{{Name: new("status"), Values: []string{"DISABLED"}}}})
	ok(t, err)
	if len(byStatus.LifecyclePolicySummaryList) != 1 {
		t.Errorf("%+v", byStatus.LifecyclePolicySummaryList)
	}
	_, err = c.DeleteLifecyclePolicy(ctx, &imagebuilder.DeleteLifecyclePolicyInput{LifecyclePolicyArn: arn})
	ok(t, err)
	_, err = c.GetLifecyclePolicy(ctx, &imagebuilder.GetLifecyclePolicyInput{LifecyclePolicyArn: arn})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestLifecyclePolicyRefused(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	for name, change := range map[string]func(*imagebuilder.CreateLifecyclePolicyInput){
		"no selection": func(in *imagebuilder.CreateLifecyclePolicyInput) {
			in.ResourceSelection = &types.LifecyclePolicyResourceSelection{}
		},
		"two selections": func(in *imagebuilder.CreateLifecyclePolicyInput) {
			in.ResourceSelection.Recipes = []types.LifecyclePolicyResourceSelectionRecipe{{Name: new("web"), SemanticVersion: new("1.0.0")}}
		},
		"no unit":          func(in *imagebuilder.CreateLifecyclePolicyInput) { in.PolicyDetails[1].Filter.Unit = "" },
		"a unit of counts": func(in *imagebuilder.CreateLifecyclePolicyInput) { in.PolicyDetails[0].Filter.Unit = "DAYS" },
		"an action twice":  func(in *imagebuilder.CreateLifecyclePolicyInput) { in.PolicyDetails[0] = in.PolicyDetails[1] },
		"containers": func(in *imagebuilder.CreateLifecyclePolicyInput) {
			in.ResourceType = types.LifecyclePolicyResourceTypeContainerImage
		},
		"too many": func(in *imagebuilder.CreateLifecyclePolicyInput) { in.PolicyDetails[0].Filter.Value = new(int32(1001)) },
	} {
		t.Run(name, func(t *testing.T) {
			in := tidy()
			change(in)
			_, err := c.CreateLifecyclePolicy(ctx, in)
			wantCode(t, err, "InvalidParameterValueException")
		})
	}
	in := tidy()
	in.ExecutionRole = new("arn:aws:iam::" + bob + ":role/x")
	_, err := c.CreateLifecyclePolicy(ctx, in)
	wantCode(t, err, "AccessDeniedException")
	limited := as(t, s, alice, "limited", allow("imagebuilder:*", "*"))
	_, err = limited.CreateLifecyclePolicy(ctx, tidy())
	wantCode(t, err, "AccessDeniedException") // to pass the role
	containers := as(t, s, alice, "containers", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["imagebuilder:*","iam:PassRole"],"Resource":"*"},
		{"Effect":"Deny","Action":"imagebuilder:*","Resource":"*","Condition":{"StringEquals":{"imagebuilder:LifecyclePolicyResourceType":"AMI_IMAGE"}}}]}`)
	_, err = containers.CreateLifecyclePolicy(ctx, tidy())
	wantCode(t, err, "AccessDeniedException")
}

// TestResourceState changes states of an image, at once and at a time.
func TestResourceState(t *testing.T) {
	s, advance := clocked(t, writ.Config{Lifecycle: writ.LifecycleRealistic})
	c := newClient(t, s, alice)
	image := c.anImage("web")
	change := func(to types.ResourceStatus, at *time.Time) (string, error) {
		out, err := c.StartResourceStateUpdate(ctx, &imagebuilder.StartResourceStateUpdateInput{
			ResourceArn: &image, State: &types.ResourceState{Status: to}, UpdateAt: at, IncludeResources: &types.ResourceStateUpdateIncludeResources{Amis: true}})
		if err != nil {
			return "", err
		}
		return *out.LifecycleExecutionId, nil
	}
	_, err := change(types.ResourceStatusDeprecated, nil)
	wantCode(t, err, "ResourceInUseException")
	advance("10m")
	_, err = change(types.ResourceStatusDeprecated, nil)
	ok(t, err)
	if got := c.states("web/1.0.0"); got != "1 DEPRECATED" {
		t.Error(got)
	}
	listed := func(deprecated *bool) int {
		t.Helper()
		out, err := c.ListImages(ctx, &imagebuilder.ListImagesInput{IncludeDeprecated: deprecated})
		ok(t, err)
		return len(out.ImageVersionList)
	}
	if without, with := listed(nil), listed(new(true)); without != 0 || with != 1 {
		t.Errorf("deprecated images are listed %d times, %d where they are asked for", without, with)
	}
	_, err = change(types.ResourceStatusAvailable, nil)
	ok(t, err)
	cancelled, err := change(types.ResourceStatusDeleted, new(start.Add(70*time.Minute)))
	ok(t, err)
	cancel := func(id string) error {
		_, err := c.CancelLifecycleExecution(ctx, &imagebuilder.CancelLifecycleExecutionInput{LifecycleExecutionId: &id})
		return err
	}
	ok(t, cancel(cancelled))
	wantCode(t, cancel(cancelled), "InvalidRequestException")
	wantCode(t, cancel("lce-00000000-0000-0000-0000-000000000000"), "ResourceNotFoundException")
	advance("2h")
	if got := c.states("web/1.0.0"); got != "1 AVAILABLE" {
		t.Errorf("after a cancelled deletion: %s", got)
	}
	later, err := change(types.ResourceStatusDeleted, new(start.Add(190*time.Minute)))
	ok(t, err)
	state := func() types.LifecycleExecutionStatus {
		t.Helper()
		out, err := c.GetLifecycleExecution(ctx, &imagebuilder.GetLifecycleExecutionInput{LifecycleExecutionId: &later})
		ok(t, err)
		return out.LifecycleExecution.State.Status
	}
	if got := state(); got != types.LifecycleExecutionStatusPending {
		t.Error(got)
	}
	advance("1h")
	if got, left := state(), c.states("web/1.0.0"); got != types.LifecycleExecutionStatusSuccess || left != "" {
		t.Errorf("%s, and there are %q", got, left)
	}
	_, err = newClient(t, s, bob).StartResourceStateUpdate(ctx, &imagebuilder.StartResourceStateUpdateInput{ResourceArn: &image, State: &types.ResourceState{Status: "DELETED"}})
	wantCode(t, err, "ForbiddenException")
}
