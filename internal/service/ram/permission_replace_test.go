package ram_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ"
)

// TestReplacePermissions replaces a permission in all shares that have it, and checks
// the policies of their resources.
func TestReplacePermissions(t *testing.T) {
	s, clock := serveAt(t, writ.Config{Lifecycle: writ.LifecycleRealistic})
	c, user := clock.client(t, s, alice), clock.client(t, s, bob)
	p := c.permission("p", getComponent)
	components := []string{c.component("one"), c.component("two"), c.component("three")}
	one := c.shared(user, components[0], p)
	c.permissionVersion(p, listComponents)
	two, three := c.shared(user, components[1], p), c.shared(user, components[2], defaultComponent)
	c.put(components[2], "GetComponent", "ListComponents") // makes a share that follows
	user.shared(c, user.component("theirs"), defaultComponent)

	replace := func(from string, version *int32, to string) (*types.ReplacePermissionAssociationsWork, error) {
		out, err := c.ReplacePermissionAssociations(ctx, &ram.ReplacePermissionAssociationsInput{
			FromPermissionArn: &from, FromPermissionVersion: version, ToPermissionArn: &to, ClientToken: new(fmt.Sprint(from[len(from)-4:], to[len(to)-4:], version != nil)),
		})
		if err != nil {
			return nil, err
		}
		return out.ReplacePermissionAssociationsWork, nil
	}
	parameters, err := c.CreatePermission(ctx, &ram.CreatePermissionInput{
		Name: new("parameters"), ResourceType: new("ssm:Parameter"), PolicyTemplate: new(`{"Effect":"Allow","Action":["ssm:GetParameter"]}`),
	})
	ok(t, err)
	_, err = replace(p, nil, *parameters.Permission.Arn)
	wantCode(t, err, badParameter)
	_, err = replace(p, new(int32(3)), defaultComponent)
	wantCode(t, err, unknownResource)
	_, err = replace(permissionARN("gone"), nil, p)
	wantCode(t, err, unknownResource)
	_, err = replace(p, nil, permissionARN("gone"))
	wantCode(t, err, unknownResource)

	// Of the shares with p, only the one with its version 1 gets another permission.
	other := c.permission("other", listComponents)
	first, err := replace(p, new(int32(1)), other)
	ok(t, err)
	if *first.FromPermissionArn != p || *first.FromPermissionVersion != "1" || *first.ToPermissionArn != other || *first.ToPermissionVersion != "1" ||
		first.Status != types.ReplacePermissionAssociationsWorkStatusInProgress || first.CreationTime == nil || first.LastUpdatedTime == nil {
		t.Errorf("work %+v", first)
	}
	have := func(want string) {
		t.Helper()
		if got := c.attached(one) + " " + c.attached(two) + " " + c.attached(three); got != want {
			t.Errorf("permissions %s, want %s", got, want)
		}
	}
	have("other/1 p/2 ImageBuilderComponent/1")
	if got := c.policy(components[0]); !strings.Contains(got, "ListComponents") {
		t.Errorf("policy %s", got)
	}
	again, err := replace(p, new(int32(1)), other)
	ok(t, err)
	if *again.Id != *first.Id {
		t.Error("one client token makes two works")
	}

	// Shares created from policies and shares of other accounts do not change.
	clock.now = clock.now.Add(time.Minute)
	second, err := replace(defaultComponent, nil, p)
	ok(t, err)
	have("other/1 p/2 p/2")
	followed := 0
	out, err := c.ListPermissionAssociations(ctx, &ram.ListPermissionAssociationsInput{PermissionArn: new(defaultComponent)})
	ok(t, err)
	for _, a := range out.Permissions {
		if a.FeatureSet == types.PermissionFeatureSetCreatedFromPolicy {
			followed++
		}
	}
	if followed != 1 || len(out.Permissions) != 1 {
		t.Errorf("the default permission is used by %+v", out.Permissions)
	}
	theirs, err := user.ListPermissionAssociations(ctx, &ram.ListPermissionAssociationsInput{PermissionArn: new(defaultComponent)})
	ok(t, err)
	if len(theirs.Permissions) != 1 {
		t.Errorf("bob's share has %+v", theirs.Permissions)
	}

	// Replace all versions by the default version of the same permission.
	c.permissionVersion(p, getComponent)
	_, err = c.SetDefaultPermissionVersion(ctx, &ram.SetDefaultPermissionVersionInput{PermissionArn: &p, PermissionVersion: new(int32(1))})
	ok(t, err)
	third, err := replace(p, nil, p)
	ok(t, err)
	if third.FromPermissionVersion != nil || *third.ToPermissionVersion != "1" {
		t.Errorf("work %+v", third)
	}
	have("other/1 p/1 p/1")
	if got := c.policy(components[1]); strings.Contains(got, "ListComponents") {
		t.Errorf("policy %s", got)
	}

	works := func(c client, in ram.ListReplacePermissionAssociationsWorkInput) string {
		var list []string
		pages := ram.NewListReplacePermissionAssociationsWorkPaginator(c, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			ok(t, err)
			for _, w := range page.ReplacePermissionAssociationsWorks {
				name := map[string]string{*first.Id: "first", *second.Id: "second", *third.Id: "third"}[*w.Id]
				if updated := w.LastUpdatedTime.Sub(*w.CreationTime); updated != 0 && updated != 30*time.Second {
					t.Errorf("%s was updated after %v", name, updated)
				}
				list = append(list, name+" "+string(w.Status))
			}
		}
		slices.Sort(list)
		return strings.Join(list, ", ")
	}
	for _, test := range []struct {
		in   ram.ListReplacePermissionAssociationsWorkInput
		want string
	}{
		{ram.ListReplacePermissionAssociationsWorkInput{}, "first COMPLETED, second IN_PROGRESS, third IN_PROGRESS"},
		{ram.ListReplacePermissionAssociationsWorkInput{MaxResults: new(int32(1))}, "first COMPLETED, second IN_PROGRESS, third IN_PROGRESS"},
		{ram.ListReplacePermissionAssociationsWorkInput{WorkIds: []string{*first.Id}}, "first COMPLETED"},
		{ram.ListReplacePermissionAssociationsWorkInput{WorkIds: []string{"none"}}, ""},
		{ram.ListReplacePermissionAssociationsWorkInput{Status: types.ReplacePermissionAssociationsWorkStatusInProgress}, "second IN_PROGRESS, third IN_PROGRESS"},
		{ram.ListReplacePermissionAssociationsWorkInput{Status: types.ReplacePermissionAssociationsWorkStatusFailed}, ""},
	} {
		if got := works(c, test.in); got != test.want {
			t.Errorf("%+v: %s, want %s", test.in, got, test.want)
		}
	}
	if got := works(user, ram.ListReplacePermissionAssociationsWorkInput{}); got != "" {
		t.Errorf("bob sees %s", got)
	}
	clock.now = clock.now.Add(30 * time.Second)
	if got := works(c, ram.ListReplacePermissionAssociationsWorkInput{}); got != "first COMPLETED, second COMPLETED, third COMPLETED" {
		t.Errorf("at last %s", got)
	}
}
