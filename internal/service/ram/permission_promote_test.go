package ram_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ/writtest"
)

// TestPromotePermission puts a policy that no permission matches, promotes the
// permission created from it and the share, and tests that the former is deleted.
func TestPromotePermission(t *testing.T) {
	s := writtest.New(t)
	c, user := newClient(t, s, alice), newClient(t, s, bob)
	component := c.component("agent")
	c.put(component, "GetComponent")
	share := c.policyShare(component)
	list, err := c.ListResourceSharePermissions(ctx, &ram.ListResourceSharePermissionsInput{ResourceShareArn: &share})
	ok(t, err)
	made := list.Permissions[0]
	if made.FeatureSet != types.PermissionFeatureSetCreatedFromPolicy || made.PermissionType != types.PermissionTypeCustomerManaged || *made.ResourceType != "imagebuilder:Component" {
		t.Fatalf("permission %+v", made)
	}
	for name, err := range c.changes(*made.Arn, 1) {
		if name == "promote" {
			ok(t, err)
			continue
		}
		wantCode(t, err, notPermitted)
	}
	standard := c.shared(user, c.component("other"), defaultComponent)
	wantCode(t, c.attach(standard, *made.Arn, true), notPermitted)
	_, err = c.ReplacePermissionAssociations(ctx, &ram.ReplacePermissionAssociationsInput{FromPermissionArn: made.Arn, ToPermissionArn: new(defaultComponent)})
	wantCode(t, err, notPermitted)
	_, err = c.DeletePermission(ctx, &ram.DeletePermissionInput{PermissionArn: new(permissionARN("promoted"))})
	ok(t, err)

	promote := func(arn, name string) (*ram.PromotePermissionCreatedFromPolicyOutput, error) {
		return c.PromotePermissionCreatedFromPolicy(ctx, &ram.PromotePermissionCreatedFromPolicyInput{PermissionArn: &arn, Name: &name})
	}
	wantCode(t, c.promote(share), "UnmatchedPolicyPermissionException")
	_, err = promote(*made.Arn, "not a name")
	wantCode(t, err, badParameter)
	_, err = promote(*made.Arn, strings.Repeat("a", 37))
	wantCode(t, err, badParameter)
	_, err = promote(permissionARN("gone"), "x")
	wantCode(t, err, unknownResource)
	taken := c.permission("taken", listComponents)
	_, err = promote(*made.Arn, "taken")
	wantCode(t, err, "PermissionAlreadyExistsException")
	_, err = promote(taken, "x")
	wantCode(t, err, notPermitted)

	wide := c.component("wide")
	c.put(wide, "Get*")
	list, err = c.ListResourceSharePermissions(ctx, &ram.ListResourceSharePermissionsInput{ResourceShareArn: new(c.policyShare(wide))})
	ok(t, err)
	_, err = promote(*list.Permissions[0].Arn, "wide")
	if message := wantCode(t, err, "InvalidPolicyException"); !strings.Contains(message, `"imagebuilder:Get*" is not an action`) {
		t.Errorf("message %s", message)
	}

	out, err := promote(*made.Arn, "get-only")
	ok(t, err)
	if p := out.Permission; *p.Arn != permissionARN("get-only") || *p.Version != "1" || !*p.DefaultVersion || *p.Status != "ATTACHABLE" ||
		*p.IsResourceTypeDefault || p.PermissionType != types.PermissionTypeCustomerManaged || p.FeatureSet != types.PermissionFeatureSetPromotingToStandard {
		t.Errorf("promoted %+v", p)
	}
	read, err := c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: out.Permission.Arn})
	ok(t, err)
	if read.Permission.FeatureSet != types.PermissionFeatureSetStandard {
		t.Errorf("read after its promotion: %v", read.Permission.FeatureSet)
	}
	// The share keeps its permission, and the created permission exists.
	if got := c.attached(share); got != *made.Name+"/1" {
		t.Errorf("the share has %s", got)
	}
	if !user.reads(component) {
		t.Error("bob reads nothing before the promotion")
	}
	ok(t, c.promote(share))
	if got := c.attached(share); got != "get-only/1" {
		t.Errorf("the promoted share has %s", got)
	}
	_, err = c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: made.Arn})
	wantCode(t, err, unknownResource)
	if !user.reads(component) {
		t.Error("bob lost his access by the promotion")
	}

	// The permission now decides: a condition that bob does not meet revokes his access.
	red := c.permission("red", `{"Effect":"Allow","Action":["imagebuilder:GetComponent"],"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}`)
	ok(t, c.attach(share, red, true))
	if user.reads(component) {
		t.Error("bob reads what only a red team may")
	}
	ok(t, c.attach(share, defaultComponent, true))
	if !user.reads(component) {
		t.Error("bob does not read what he may again")
	}
}
