package ram_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// TestPermissionAssociations lists shares and their permissions with each filter.
func TestPermissionAssociations(t *testing.T) {
	s := writtest.New(t)
	c, user := newClient(t, s, alice), newClient(t, s, bob)
	p := c.permission("p", getComponent)
	names := map[string]string{} // of shares
	for i := range 3 {
		name := fmt.Sprint("share", i)
		names[c.shared(user, c.component(name), p)] = name
	}
	c.permissionVersion(p, listComponents)
	latest := c.shared(user, c.component("latest"), p)
	names[latest] = "latest"
	managed := c.shared(user, c.component("managed"), defaultComponent)
	names[managed] = "managed"
	ok(t, c.attach(managed, defaultParameter, false))
	followed := c.component("followed")
	c.put(followed, "GetComponent", "ListComponents")
	names[c.policyShare(followed)] = "followed"
	deleted := c.shared(user, c.component("deleted"), p)
	_, err := c.DeleteResourceShare(ctx, &ram.DeleteResourceShareInput{ResourceShareArn: &deleted})
	ok(t, err)
	user.shared(c, user.component("theirs"), defaultComponent)

	list := func(in ram.ListPermissionAssociationsInput) map[string]int {
		got := map[string]int{}
		pages := ram.NewListPermissionAssociationsPaginator(c, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			ok(t, err)
			for _, a := range page.Permissions {
				name := names[*a.ResourceShareArn]
				got[fmt.Sprintf("%s:%s:%s:%s/%s", name, *a.ResourceType, a.FeatureSet, *a.Status, *a.PermissionVersion)]++
				if isDefault := strconv.FormatBool(*a.DefaultVersion); isDefault != strconv.FormatBool(*a.Arn != p || *a.PermissionVersion == "2") {
					t.Errorf("%s: default %s", name, isDefault)
				}
			}
		}
		return got
	}
	set := func(names ...string) map[string]int {
		m := map[string]int{}
		for _, name := range names {
			full := map[string]string{
				"latest": "latest:imagebuilder:Component:STANDARD:ASSOCIATED/2", "managed": "managed:imagebuilder:Component:STANDARD:ASSOCIATED/1",
				"managed parameters": "managed:ssm:Parameter:STANDARD:ASSOCIATED/1", "followed": "followed:imagebuilder:Component:CREATED_FROM_POLICY:ASSOCIATED/1",
			}[name]
			if full == "" {
				full = name + ":imagebuilder:Component:STANDARD:ASSOCIATED/1"
			}
			m[full]++
		}
		return m
	}
	own := []string{"share0", "share1", "share2", "latest"}
	everything := append([]string{"managed", "managed parameters", "followed"}, own...)
	for _, test := range []struct {
		in   ram.ListPermissionAssociationsInput
		want map[string]int
	}{
		{ram.ListPermissionAssociationsInput{}, set(everything...)},
		{ram.ListPermissionAssociationsInput{MaxResults: new(int32(1))}, set(everything...)},
		{ram.ListPermissionAssociationsInput{PermissionArn: &p}, set(own...)},
		{ram.ListPermissionAssociationsInput{PermissionArn: &p, MaxResults: new(int32(1))}, set(own...)},
		{ram.ListPermissionAssociationsInput{PermissionArn: &p, PermissionVersion: new(int32(1))}, set("share0", "share1", "share2")},
		{ram.ListPermissionAssociationsInput{PermissionArn: &p, DefaultVersion: new(true)}, set("latest")},
		{ram.ListPermissionAssociationsInput{PermissionArn: &p, DefaultVersion: new(false)}, set(own...)},
		{ram.ListPermissionAssociationsInput{PermissionArn: new(defaultComponent)}, set("managed", "followed")},
		{ram.ListPermissionAssociationsInput{FeatureSet: types.PermissionFeatureSetCreatedFromPolicy}, set("followed")},
		{ram.ListPermissionAssociationsInput{PermissionArn: new(defaultComponent), FeatureSet: types.PermissionFeatureSetStandard}, set("managed")},
		{ram.ListPermissionAssociationsInput{AssociationStatus: types.ResourceShareAssociationStatusAssociated, PermissionArn: &p}, set(own...)},
		{ram.ListPermissionAssociationsInput{AssociationStatus: types.ResourceShareAssociationStatusFailed}, set()},
		{ram.ListPermissionAssociationsInput{ResourceType: new("imagebuilder:component"), PermissionArn: new(defaultComponent)}, set("managed", "followed")},
		{ram.ListPermissionAssociationsInput{ResourceType: new("ssm:Parameter")}, set()}, // attached, but there is no parameter in it
	} {
		if diff := cmp.Diff(test.want, list(test.in)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.in, diff)
		}
	}
	_, err = c.ListPermissionAssociations(ctx, &ram.ListPermissionAssociationsInput{ResourceType: new("ec2:Subnet")})
	wantCode(t, err, badParameter)
	_, err = c.ListPermissionAssociations(ctx, &ram.ListPermissionAssociationsInput{PermissionArn: new(permissionARN("gone"))})
	wantCode(t, err, unknownResource)
}
