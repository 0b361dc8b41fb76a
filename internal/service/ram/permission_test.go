package ram_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// The permissions of the tests.
const (
	defaultComponent = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionImageBuilderComponent"
	defaultImage     = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionImageBuilderImage"
	defaultParameter = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionSSMParameterReadOnly"
	getComponent     = `{"Effect":"Allow","Action":["imagebuilder:GetComponent"]}`
	listComponents   = `{"Effect":"Allow","Action":["imagebuilder:GetComponent","imagebuilder:ListComponents"]}`
)

// permissionARN returns the ARN of a permission of alice's account.
func permissionARN(name string) string {
	return "arn:aws:ram:" + writtest.Region + ":" + alice + ":permission/" + name
}

// permission creates a permission for components and returns its ARN.
func (c client) permission(name, template string) string {
	c.t.Helper()
	out, err := c.CreatePermission(ctx, &ram.CreatePermissionInput{Name: &name, ResourceType: new("imagebuilder:Component"), PolicyTemplate: &template})
	ok(c.t, err)
	return *out.Permission.Arn
}

// permissions lists names, versions and feature sets, page by page.
func (c client) permissions(in ram.ListPermissionsInput) string {
	c.t.Helper()
	var list []string
	p := ram.NewListPermissionsPaginator(c, &in)
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		for _, s := range page.Permissions {
			list = append(list, strings.TrimPrefix(strings.TrimPrefix(*s.Name, "AWSRAM"), "DefaultPermission"))
		}
	}
	return strings.Join(list, " ")
}

var ignoreUnexported = cmpopts.IgnoreUnexported(types.ResourceSharePermissionSummary{}, types.ResourceSharePermissionDetail{}, types.Tag{})

// TestPermission creates and reads a permission, and checks all members of the outputs.
func TestPermission(t *testing.T) {
	s, clock := serveAt(t, writ.Config{})
	c, now := clock.client(t, s, alice), clock.now.UTC()
	out, err := c.CreatePermission(ctx, &ram.CreatePermissionInput{
		Name: new("get-only"), ResourceType: new("imagebuilder:Component"), PolicyTemplate: new(getComponent),
		Tags: []types.Tag{{Key: new("team"), Value: new("red")}}, ClientToken: new("once"),
	})
	ok(t, err)
	want := types.ResourceSharePermissionSummary{
		Arn: new(permissionARN("get-only")), Name: new("get-only"), ResourceType: new("imagebuilder:Component"),
		Version: new("1"), DefaultVersion: new(true), Status: new("ATTACHABLE"), IsResourceTypeDefault: new(false),
		PermissionType: types.PermissionTypeCustomerManaged, FeatureSet: types.PermissionFeatureSetStandard,
		CreationTime: &now, LastUpdatedTime: &now, Tags: []types.Tag{{Key: new("team"), Value: new("red")}},
	}
	if diff := cmp.Diff(&want, out.Permission, ignoreUnexported); diff != "" || *out.ClientToken != "once" {
		t.Errorf("created, token %s (-want +got):\n%s", *out.ClientToken, diff)
	}
	got, err := c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: out.Permission.Arn})
	ok(t, err)
	detail := types.ResourceSharePermissionDetail{
		Arn: want.Arn, Name: want.Name, ResourceType: want.ResourceType, Version: want.Version, DefaultVersion: want.DefaultVersion,
		Status: types.PermissionStatusAttachable, IsResourceTypeDefault: want.IsResourceTypeDefault, Permission: new(getComponent),
		PermissionType: want.PermissionType, FeatureSet: want.FeatureSet, CreationTime: &now, LastUpdatedTime: &now, Tags: want.Tags,
	}
	if diff := cmp.Diff(&detail, got.Permission, ignoreUnexported); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	list, err := c.ListPermissions(ctx, &ram.ListPermissionsInput{PermissionType: types.PermissionTypeFilterCustomerManaged})
	ok(t, err)
	if diff := cmp.Diff([]types.ResourceSharePermissionSummary{want}, list.Permissions, ignoreUnexported); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}

	deleted, err := c.DeletePermission(ctx, &ram.DeletePermissionInput{PermissionArn: want.Arn})
	ok(t, err)
	if !*deleted.ReturnValue || deleted.PermissionStatus != types.PermissionStatusDeleted {
		t.Errorf("deleted %+v", deleted)
	}
	_, err = c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: want.Arn})
	wantCode(t, err, unknownResource)
	if again := c.permission("get-only", getComponent); again != *want.Arn {
		t.Errorf("made again as %s", again)
	}
	list, err = c.ListPermissions(ctx, &ram.ListPermissionsInput{PermissionType: types.PermissionTypeFilterCustomerManaged})
	ok(t, err)
	if tags := list.Permissions[0].Tags; len(tags) != 0 {
		t.Errorf("the new permission has the tags %v of the old", tags)
	}
}

// TestCreatePermission tests the errors of CreatePermission.
func TestCreatePermission(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	const component = "imagebuilder:Component"
	for _, test := range []struct{ name, resourceType, template, want string }{
		{"", component, getComponent, badParameter},
		{"a b", component, getComponent, badParameter},
		{strings.Repeat("a", 37), component, getComponent, badParameter},
		{strings.Repeat("a", 36), component, getComponent, ""},
		{"a.b_c-1", component, getComponent, ""},
		{"a.b_c-1", component, getComponent, "PermissionAlreadyExistsException"},
		{"a.b_c-1", "ssm:Parameter", `{"Effect":"Allow","Action":["ssm:GetParameter"]}`, "PermissionAlreadyExistsException"},
		{"x", "imagebuilder:component", getComponent, badParameter},
		{"x", "ec2:Subnet", getComponent, badParameter},
		{"x", component, `{}`, "MalformedPolicyTemplateException"},
	} {
		_, err := c.CreatePermission(ctx, &ram.CreatePermissionInput{Name: &test.name, ResourceType: &test.resourceType, PolicyTemplate: &test.template})
		if test.want == "" {
			ok(t, err)
			continue
		}
		wantCode(t, err, test.want)
		status := 400
		if test.want == "PermissionAlreadyExistsException" {
			status = 409
		}
		if e, is := errors.AsType[*awshttp.ResponseError](err); !is || e.HTTPStatusCode() != status {
			t.Errorf("%s with status %d, want %d", test.want, e.HTTPStatusCode(), status)
		}
	}
	_, err := c.CreatePermission(ctx, &ram.CreatePermissionInput{Name: new("x"), ResourceType: new(component), PolicyTemplate: new(getComponent),
		Tags: []types.Tag{{Key: new("aws:team"), Value: new("red")}}})
	wantCode(t, err, badParameter)

	// Requests with the same token create one permission.
	in := ram.CreatePermissionInput{Name: new("token"), ResourceType: new(component), PolicyTemplate: new(getComponent), ClientToken: new("t1")}
	for range 2 {
		out, err := c.CreatePermission(ctx, &in)
		ok(t, err)
		if *out.Permission.Arn != permissionARN("token") {
			t.Errorf("made %s", *out.Permission.Arn)
		}
	}
	in.Name = new("other")
	_, err = c.CreatePermission(ctx, &in)
	wantCode(t, err, "IdempotentParameterMismatchException")

	for i := range 7 {
		c.permission(fmt.Sprint("n", i), getComponent)
	}
	_, err = c.CreatePermission(ctx, &ram.CreatePermissionInput{Name: new("n10"), ResourceType: new(component), PolicyTemplate: new(getComponent)})
	wantCode(t, err, "PermissionLimitExceededException")
	_, err = c.CreatePermission(ctx, &ram.CreatePermissionInput{
		Name: new("p"), ResourceType: new("ssm:Parameter"), PolicyTemplate: new(`{"Effect":"Allow","Action":["ssm:GetParameter"]}`),
	})
	ok(t, err)
	newClient(t, s, bob).permission("token", getComponent) // a name of its own
}

// TestManagedPermissions reads AWS managed permissions by both forms of their ARNs, and
// tests that they cannot be changed.
func TestManagedPermissions(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	for arn, actions := range map[string][]string{
		defaultImage:     {"imagebuilder:GetImage", "imagebuilder:ListImages"},
		defaultComponent: {"imagebuilder:GetComponent", "imagebuilder:ListComponents"},
		"arn:aws:ram::aws:permission/imagebuilder:AWSRAMDefaultPermissionImageBuilderImageRecipe":     {"imagebuilder:GetImageRecipe", "imagebuilder:ListImageRecipes"},
		"arn:aws:ram::aws:permission/imagebuilder:AWSRAMDefaultPermissionImageBuilderContainerRecipe": {"imagebuilder:GetContainerRecipe", "imagebuilder:ListContainerRecipes"},
		defaultParameter: {"ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameters"},
	} {
		out, err := c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: &arn, PermissionVersion: new(int32(1))})
		ok(t, err)
		var got struct {
			Effect string
			Action []string
		}
		p := out.Permission
		ok(t, json.Unmarshal([]byte(*p.Permission), &got))
		if diff := cmp.Diff(actions, got.Action); diff != "" || got.Effect != "Allow" {
			t.Errorf("%s: %s %s", arn, got.Effect, diff)
		}
		if *p.Arn != strings.Replace(arn, "permission/imagebuilder:", "permission/", 1) || p.PermissionType != types.PermissionTypeAwsManaged ||
			p.FeatureSet != types.PermissionFeatureSetStandard || !*p.IsResourceTypeDefault || p.CreationTime.IsZero() {
			t.Errorf("%s: %+v", arn, p)
		}
		for name, change := range c.changes(arn, 1) {
			if wantCode(t, change, notPermitted); change == nil {
				t.Errorf("%s may %s", arn, name)
			}
		}
	}
	_, err := c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: new(defaultImage), PermissionVersion: new(int32(2))})
	wantCode(t, err, unknownResource)
	_, err = c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: new("arn:aws:ram::aws:permission/AWSRAMNone")})
	wantCode(t, err, unknownResource)
	_, err = c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: new("not-an-arn")})
	wantCode(t, err, malformedARN)
}

// changes calls each operation that changes a permission, and returns the errors.
func (c client) changes(arn string, version int32) map[string]error {
	return map[string]error{
		"delete":           second(c.DeletePermission(ctx, &ram.DeletePermissionInput{PermissionArn: &arn})),
		"add a version":    second(c.CreatePermissionVersion(ctx, &ram.CreatePermissionVersionInput{PermissionArn: &arn, PolicyTemplate: new(listComponents)})),
		"delete a version": second(c.DeletePermissionVersion(ctx, &ram.DeletePermissionVersionInput{PermissionArn: &arn, PermissionVersion: &version})),
		"set the default":  second(c.SetDefaultPermissionVersion(ctx, &ram.SetDefaultPermissionVersionInput{PermissionArn: &arn, PermissionVersion: &version})),
		"promote":          second(c.PromotePermissionCreatedFromPolicy(ctx, &ram.PromotePermissionCreatedFromPolicyInput{PermissionArn: &arn, Name: new("promoted")})),
	}
}

func second[T any](_ T, err error) error { return err }

// TestListPermissions tests filters and pages.
func TestListPermissions(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	c.permission("b", getComponent)
	c.permission("a", getComponent)
	newClient(t, s, bob).permission("c", getComponent)
	const managed = "ImageBuilderComponent ImageBuilderContainerRecipe ImageBuilderImage ImageBuilderImageRecipe SSMParameterReadOnly PermissionSSMParameterReadOnlyWithHistory"
	for _, test := range []struct {
		in   ram.ListPermissionsInput
		want string
	}{
		{ram.ListPermissionsInput{}, managed + " a b"},
		{ram.ListPermissionsInput{MaxResults: new(int32(1))}, managed + " a b"},
		{ram.ListPermissionsInput{PermissionType: types.PermissionTypeFilterAll}, managed + " a b"},
		{ram.ListPermissionsInput{PermissionType: types.PermissionTypeFilterAwsManaged}, managed},
		{ram.ListPermissionsInput{PermissionType: "AWS"}, managed},
		{ram.ListPermissionsInput{PermissionType: types.PermissionTypeFilterCustomerManaged}, "a b"},
		{ram.ListPermissionsInput{PermissionType: "LOCAL", MaxResults: new(int32(1))}, "a b"},
		{ram.ListPermissionsInput{ResourceType: new("imagebuilder:component")}, "ImageBuilderComponent a b"},
		{ram.ListPermissionsInput{ResourceType: new("ssm:Parameter"), PermissionType: types.PermissionTypeFilterCustomerManaged}, ""},
	} {
		if got := c.permissions(test.in); got != test.want {
			t.Errorf("%+v:\n got %s\nwant %s", test.in, got, test.want)
		}
	}
	for _, test := range []struct {
		in   ram.ListPermissionsInput
		want string
	}{
		{ram.ListPermissionsInput{PermissionType: "MINE"}, badParameter},
		{ram.ListPermissionsInput{ResourceType: new("ec2:Subnet")}, badParameter},
		{ram.ListPermissionsInput{NextToken: new("made up")}, "InvalidNextTokenException"},
		{ram.ListPermissionsInput{MaxResults: new(int32(501))}, badParameter},
	} {
		_, err := c.ListPermissions(ctx, &test.in)
		wantCode(t, err, test.want)
	}
}

// TestForeignPermissions tests that the errors for a permission of another account are
// those for one that does not exist.
func TestForeignPermissions(t *testing.T) {
	s := writtest.New(t)
	there := newClient(t, s, alice).permission("there", getComponent)
	newClient(t, s, alice).permissionVersion(there, listComponents)
	c := newClient(t, s, bob)
	share := c.share(ram.CreateResourceShareInput{})
	answers := map[string]string{}
	for _, arn := range []string{there, permissionARN("gone")} {
		errs := c.changes(arn, 1)
		for name, err := range map[string]error{
			"get":      second(c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: &arn})),
			"versions": second(c.ListPermissionVersions(ctx, &ram.ListPermissionVersionsInput{PermissionArn: &arn})),
			"uses":     second(c.ListPermissionAssociations(ctx, &ram.ListPermissionAssociationsInput{PermissionArn: &arn})),
			"attach": second(c.AssociateResourceSharePermission(ctx, &ram.AssociateResourceSharePermissionInput{
				ResourceShareArn: &share, PermissionArn: &arn, Replace: new(true)})),
			"detach":       second(c.DisassociateResourceSharePermission(ctx, &ram.DisassociateResourceSharePermissionInput{ResourceShareArn: &share, PermissionArn: &arn})),
			"replace":      second(c.ReplacePermissionAssociations(ctx, &ram.ReplacePermissionAssociationsInput{FromPermissionArn: &arn, ToPermissionArn: new(defaultComponent)})),
			"replace with": second(c.ReplacePermissionAssociations(ctx, &ram.ReplacePermissionAssociationsInput{FromPermissionArn: new(defaultComponent), ToPermissionArn: &arn})),
		} {
			errs[name] = err
		}
		for name, err := range errs {
			if err == nil {
				t.Fatalf("bob may %s %s", name, arn)
			}
			text := requestID.ReplaceAllString(strings.ReplaceAll(err.Error(), arn, "ARN"), "ID")
			if known, asked := answers[name]; asked && known != text {
				t.Errorf("%s: %s\nand\n%s", name, known, text)
			}
			answers[name] = text
			if name == "get" || name == "uses" || name == "replace" {
				wantCode(t, err, accessDenied)
				continue
			}
			wantText(t, err, unknownResource, "Permission "+arn+" could not be found.")
		}
	}
}

// TestPermissionRegion tests that a permission exists in its own region only.
func TestPermissionRegion(t *testing.T) {
	s := writtest.New(t)
	arn := newClient(t, s, alice).permission("p", getComponent)
	cfg := s.Config(alice)
	cfg.Region = "eu-west-1"
	c := fromConfig(t, cfg, alice)
	_, err := c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: &arn})
	wantCode(t, err, unknownResource)
	if got := c.permissions(ram.ListPermissionsInput{PermissionType: types.PermissionTypeFilterCustomerManaged}); got != "" {
		t.Errorf("permissions %s", got)
	}
	c.permission("p", getComponent) // a name of its own
}

var requestID = regexp.MustCompile(`RequestID: [0-9a-f-]+`)
