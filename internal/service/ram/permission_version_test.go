package ram_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"

	"github.com/writdev/writ/writtest"
)

// permissionVersion adds a version to a permission.
func (c client) permissionVersion(arn, template string) {
	c.t.Helper()
	_, err := c.CreatePermissionVersion(ctx, &ram.CreatePermissionVersionInput{PermissionArn: &arn, PolicyTemplate: &template})
	ok(c.t, err)
}

// versions returns the version numbers of a permission, with a star at the default.
func (c client) versions(arn string) string {
	c.t.Helper()
	var list []string
	p := ram.NewListPermissionVersionsPaginator(c, &ram.ListPermissionVersionsInput{PermissionArn: &arn, MaxResults: new(int32(2))})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		ok(c.t, err)
		for _, v := range page.Permissions {
			number, status := *v.Version, "UNATTACHABLE"
			if *v.DefaultVersion {
				number, status = number+"*", "ATTACHABLE"
			}
			if *v.Status != status {
				c.t.Errorf("version %s is %s", number, *v.Status)
			}
			list = append(list, number)
		}
	}
	return strings.Join(list, " ")
}

// TestPermissionVersions creates and deletes versions.
func TestPermissionVersions(t *testing.T) {
	s := writtest.New(t)
	c, user := newClient(t, s, alice), newClient(t, s, bob)
	arn := c.permission("p", getComponent)
	component := c.component("agent")
	share := c.shared(user, component, arn)

	out, err := c.CreatePermissionVersion(ctx, &ram.CreatePermissionVersionInput{PermissionArn: &arn, PolicyTemplate: new(listComponents), ClientToken: new("t")})
	ok(t, err)
	if p := out.Permission; *p.Version != "2" || !*p.DefaultVersion || *p.Permission != listComponents || *out.ClientToken != "t" {
		t.Errorf("version %+v", p)
	}
	_, err = c.CreatePermissionVersion(ctx, &ram.CreatePermissionVersionInput{PermissionArn: &arn, PolicyTemplate: new(`{"Effect":"Deny"}`)})
	wantCode(t, err, "MalformedPolicyTemplateException")
	for range 3 {
		c.permissionVersion(arn, getComponent)
	}
	_, err = c.CreatePermissionVersion(ctx, &ram.CreatePermissionVersionInput{PermissionArn: &arn, PolicyTemplate: new(getComponent)})
	wantCode(t, err, "PermissionVersionsLimitExceededException")
	if got := c.versions(arn); got != "1 2 3 4 5*" {
		t.Errorf("versions %s", got)
	}

	remove := func(number int32) error {
		_, err := c.DeletePermissionVersion(ctx, &ram.DeletePermissionVersionInput{PermissionArn: &arn, PermissionVersion: &number})
		return err
	}
	setDefault := func(number int32) error {
		_, err := c.SetDefaultPermissionVersion(ctx, &ram.SetDefaultPermissionVersionInput{PermissionArn: &arn, PermissionVersion: &number})
		return err
	}
	wantCode(t, remove(5), notPermitted) // the default
	wantCode(t, remove(1), notPermitted) // the share's
	wantCode(t, remove(6), unknownResource)
	ok(t, remove(3))
	wantCode(t, remove(3), unknownResource)
	wantCode(t, setDefault(3), unknownResource)
	ok(t, setDefault(2))
	if got := c.versions(arn); got != "1 2* 4 5" {
		t.Errorf("versions %s", got)
	}
	got, err := c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: &arn})
	ok(t, err)
	if *got.Permission.Version != "2" || *got.Permission.Permission != listComponents {
		t.Errorf("default %+v", got.Permission)
	}
	got, err = c.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: &arn, PermissionVersion: new(int32(1))})
	ok(t, err)
	if *got.Permission.Version != "1" || *got.Permission.DefaultVersion || *got.Permission.Permission != getComponent {
		t.Errorf("version 1 %+v", got.Permission)
	}

	// The share keeps its version until the permission is attached again.
	if got := c.attached(share); got != "p/1" {
		t.Errorf("the share has %s", got)
	}
	if got := c.policy(component); strings.Contains(got, "ListComponents") {
		t.Errorf("policy %s", got)
	}
	_, err = c.AssociateResourceSharePermission(ctx, &ram.AssociateResourceSharePermissionInput{
		ResourceShareArn: &share, PermissionArn: &arn, Replace: new(true), PermissionVersion: new(int32(4)),
	})
	wantCode(t, err, notPermitted) // not the default
	ok(t, c.attach(share, arn, true))
	if got := c.attached(share); got != "p/2" {
		t.Errorf("the share has %s", got)
	}
	if got := c.policy(component); !strings.Contains(got, "ListComponents") {
		t.Errorf("policy %s", got)
	}
	ok(t, remove(1))
	ok(t, remove(5))
	c.permissionVersion(arn, getComponent)
	if got := c.versions(arn); got != "2 4 6*" { // no number is given twice
		t.Errorf("versions %s", got)
	}
	_, err = c.DeletePermission(ctx, &ram.DeletePermissionInput{PermissionArn: &arn})
	wantCode(t, err, notPermitted) // the share's
	ok(t, c.attach(share, defaultComponent, true))
	_, err = c.DeletePermission(ctx, &ram.DeletePermissionInput{PermissionArn: &arn})
	ok(t, err)
}
