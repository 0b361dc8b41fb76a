package ram_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ/writtest"
)

// put puts a policy on a component that allows bob some actions.
func (c client) put(component string, actions ...string) {
	c.t.Helper()
	_, err := c.images.PutComponentPolicy(ctx, &imagebuilder.PutComponentPolicyInput{
		ComponentArn: &component, Policy: new(imagePolicy(component, bob, actions...)),
	})
	ok(c.t, err)
}

// policy returns the policy of a component.
func (c client) policy(component string) string {
	c.t.Helper()
	out, err := c.images.GetComponentPolicy(ctx, &imagebuilder.GetComponentPolicyInput{ComponentArn: &component})
	ok(c.t, err)
	return *out.Policy
}

// reads reports whether the account can read a component.
func (c client) reads(component string) bool {
	c.t.Helper()
	_, err := c.images.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: &component})
	if err != nil {
		wantCode(c.t, err, accessDenied)
	}
	return err == nil
}

// policyShare returns the share created from the policy of a resource.
func (c client) policyShare(resource string) string {
	c.t.Helper()
	out, err := c.GetResourceShareAssociations(ctx, &ram.GetResourceShareAssociationsInput{
		AssociationType: types.ResourceShareAssociationTypeResource, ResourceArn: &resource,
	})
	ok(c.t, err)
	if len(out.ResourceShareAssociations) != 1 {
		c.t.Fatalf("shares of %s: %+v", resource, out.ResourceShareAssociations)
	}
	return *out.ResourceShareAssociations[0].ResourceShareArn
}

// attach attaches a permission to a share.
func (c client) attach(share, permission string, replace bool) error {
	_, err := c.AssociateResourceSharePermission(ctx, &ram.AssociateResourceSharePermissionInput{
		ResourceShareArn: &share, PermissionArn: &permission, Replace: &replace,
	})
	return err
}

// detach is the inverse of attach.
func (c client) detach(share, permission string) error {
	_, err := c.DisassociateResourceSharePermission(ctx, &ram.DisassociateResourceSharePermissionInput{
		ResourceShareArn: &share, PermissionArn: &permission,
	})
	return err
}

// attached returns the names and versions of the permissions of a share.
func (c client) attached(share string) string {
	c.t.Helper()
	var list []string
	p := ram.NewListResourceSharePermissionsPaginator(c, &ram.ListResourceSharePermissionsInput{ResourceShareArn: &share, MaxResults: new(int32(1))})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		for _, s := range page.Permissions {
			list = append(list, strings.TrimPrefix(*s.Name, "AWSRAMDefaultPermission")+"/"+*s.Version)
		}
	}
	return strings.Join(list, " ")
}

// shared creates a share of a component with another account, which accepts it.
func (c client) shared(with client, component, permission string) string {
	c.t.Helper()
	arn := c.share(ram.CreateResourceShareInput{
		ResourceArns: []string{component}, Principals: []string{with.account}, PermissionArns: []string{permission},
	})
	for _, invitation := range with.invitations() {
		if invitation.Status == types.ResourceShareInvitationStatusPending {
			ok(c.t, with.accept(*invitation.ResourceShareInvitationArn))
		}
	}
	return arn
}

// TestSharePermissions attaches permissions to a share and detaches them.
func TestSharePermissions(t *testing.T) {
	s := writtest.New(t)
	c, user := newClient(t, s, alice), newClient(t, s, bob)
	get, other := c.permission("get", getComponent), c.permission("other", getComponent)
	component := c.component("agent")
	share := c.shared(user, component, defaultComponent)

	wantCode(t, c.attach(share, get, false), badParameter)
	wantCode(t, c.attach(share, defaultComponent, false), badParameter)
	if got := c.attached(share); got != "ImageBuilderComponent/1" {
		t.Errorf("the share has %s", got)
	}
	ok(t, c.attach(share, get, true))
	ok(t, c.attach(share, defaultImage, false)) // another type
	if got := c.attached(share); got != "get/1 ImageBuilderImage/1" {
		t.Errorf("the share has %s", got)
	}
	if got := c.policy(component); strings.Contains(got, "ListComponents") || !strings.Contains(got, "GetComponent") {
		t.Errorf("policy %s", got)
	}
	wantCode(t, c.detach(share, get), notPermitted) // its component is there
	wantCode(t, c.detach(share, other), badParameter)
	ok(t, c.detach(share, defaultImage))
	wantCode(t, c.detach(share, defaultImage), badParameter)
	_, err := c.DisassociateResourceShare(ctx, &ram.DisassociateResourceShareInput{ResourceShareArn: &share, ResourceArns: []string{component}})
	ok(t, err)
	ok(t, c.detach(share, get))
	if got := c.attached(share); got != "" {
		t.Errorf("the share has %s", got)
	}

	// A share created from a policy can be changed only through its policy.
	c.put(component, "GetComponent", "ListComponents")
	followed := c.policyShare(component)
	wantCode(t, c.attach(followed, get, true), notPermitted)
	wantCode(t, c.detach(followed, defaultComponent), notPermitted)

	gone := strings.Replace(share, "resource-share/", "resource-share/0", 1)
	wantCode(t, c.attach(gone, get, true), unknownResource)
	wantCode(t, c.attach(share, permissionARN("gone"), true), unknownResource)
	wantCode(t, c.attach("share", get, true), malformedARN)
	wantCode(t, c.attach(share, "permission", true), malformedARN)
	wantCode(t, user.attach(share, defaultComponent, true), unknownResource)
	_, err = user.ListResourceSharePermissions(ctx, &ram.ListResourceSharePermissionsInput{ResourceShareArn: &share})
	wantCode(t, err, accessDenied)
	_, err = c.ListResourceSharePermissions(ctx, &ram.ListResourceSharePermissionsInput{ResourceShareArn: &gone})
	wantCode(t, err, unknownResource)
}

// TestSharePermissionGrants tests which actions a change of permissions requires: the
// operation on the share and on the permission, and the actions that put the policies
// of the resources.
func TestSharePermissionGrants(t *testing.T) {
	s := writtest.New(t)
	c, user := newClient(t, s, alice), newClient(t, s, bob)
	component := c.component("agent")
	share, get := c.shared(user, component, defaultComponent), c.permission("get", getComponent)
	may := func(name string, statements ...string) client { return as(t, s, alice, name, statements...) }
	onShare := allow("ram:AssociateResourceSharePermission", share)
	onPermission := allow("ram:AssociateResourceSharePermission", get)
	put := allow("imagebuilder:PutComponentPolicy", component)
	wantCode(t, may("u1", onPermission, put).attach(share, get, true), accessDenied)
	wantCode(t, may("u2", onShare, put).attach(share, get, true), accessDenied)
	wantCode(t, may("u3", onShare, onPermission).attach(share, get, true), accessDenied)
	// A caller without access does not learn which permissions exist.
	wantCode(t, may("u4", onShare, put).attach(share, permissionARN("gone"), true), accessDenied)
	if got := c.attached(share); got != "ImageBuilderComponent/1" {
		t.Errorf("the share has %s", got)
	}
	ok(t, may("u5", onShare, onPermission, put).attach(share, get, true))
	if got := c.attached(share); got != "get/1" {
		t.Errorf("the share has %s", got)
	}

	replace := func(c client) error {
		_, err := c.ReplacePermissionAssociations(ctx, &ram.ReplacePermissionAssociationsInput{FromPermissionArn: &get, ToPermissionArn: new(defaultComponent)})
		return err
	}
	from := allow("ram:ReplacePermissionAssociations", get)
	to := allow("ram:ReplacePermissionAssociations", defaultComponent)
	wantCode(t, replace(may("u6", to, put)), accessDenied)
	wantCode(t, replace(may("u7", from, put)), accessDenied)
	wantCode(t, replace(may("u8", from, to)), accessDenied)
	ok(t, replace(may("u9", from, to, put)))
	if got := c.attached(share); got != "ImageBuilderComponent/1" {
		t.Errorf("the share has %s", got)
	}

	// The condition keys of permissions.
	byType := func(name, resourceType string) error {
		_, err := may(name, `{"Effect":"Allow","Action":"ram:DeletePermission","Resource":"*","Condition":{"StringEquals":{
			"ram:PermissionResourceType":"`+resourceType+`","ram:PermissionArn":"`+get+`"}}}`).DeletePermission(ctx, &ram.DeletePermissionInput{PermissionArn: &get})
		return err
	}
	wantCode(t, byType("u10", "ssm:Parameter"), accessDenied)
	ok(t, byType("u11", "imagebuilder:Component"))
	// A denial for an AWS managed permission also applies to the other form of its ARN.
	spelled := may("u12", allow("ram:*", "*"), deny("ram:GetPermission", defaultImage))
	for _, arn := range []string{defaultImage, strings.Replace(defaultImage, "permission/", "permission/imagebuilder:", 1)} {
		_, err := spelled.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: &arn})
		wantCode(t, err, accessDenied)
	}
}

// allow and deny return statements of identity policies.

func allow(action, resource string) string {
	return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}`
}

func deny(action, resource string) string {
	return `{"Effect":"Deny","Action":"` + action + `","Resource":"` + resource + `"}`
}
