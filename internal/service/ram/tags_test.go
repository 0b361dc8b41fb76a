package ram_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ/writtest"
)

func TestTags(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	arn, permission := owner.share(ram.CreateResourceShareInput{}), owner.permission("get", getComponent)
	tags := func(pairs ...string) []types.Tag {
		var list []types.Tag
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
		}
		return list
	}
	tag := func(c client, share, resource *string, list []types.Tag) error {
		_, err := c.TagResource(ctx, &ram.TagResourceInput{ResourceShareArn: share, ResourceArn: resource, Tags: list})
		return err
	}
	untag := func(c client, share, resource *string, keys ...string) error {
		_, err := c.UntagResource(ctx, &ram.UntagResourceInput{ResourceShareArn: share, ResourceArn: resource, TagKeys: keys})
		return err
	}
	have := func() string {
		var list []string
		for _, tag := range owner.own()[0].Tags {
			list = append(list, *tag.Key+"="+*tag.Value)
		}
		return strings.Join(list, " ")
	}
	ok(t, tag(owner, &arn, nil, tags("team", "red", "stage", "test")))
	ok(t, tag(owner, nil, &arn, tags("team", "blue")))
	if got := have(); got != "stage=test team=blue" {
		t.Errorf("tags %s", got)
	}
	ok(t, untag(owner, &arn, nil, "stage", "none"))
	if got := have(); got != "team=blue" {
		t.Errorf("tags %s", got)
	}
	ok(t, tag(owner, nil, &permission, tags("team", "red")))
	out, err := owner.GetPermission(ctx, &ram.GetPermissionInput{PermissionArn: &permission})
	ok(t, err)
	if len(out.Permission.Tags) != 1 {
		t.Errorf("tags of the permission %+v", out.Permission.Tags)
	}
	ok(t, untag(owner, nil, &permission, "team"))

	var many []string
	for i := range 50 {
		many = append(many, fmt.Sprint("key", i), "")
	}
	gone, guest := arn[:len(arn)-1]+"x", newClient(t, s, bob)
	for _, test := range []struct {
		err  error
		code string
	}{
		{tag(owner, nil, nil, tags("a", "b")), badParameter},
		{tag(owner, &arn, &permission, tags("a", "b")), badParameter},
		{tag(owner, &gone, nil, tags("a", "b")), unknownResource},
		{tag(guest, &arn, nil, tags("a", "b")), unknownResource},
		{tag(guest, nil, &permission, tags("a", "b")), unknownResource},
		{tag(owner, new("share"), nil, tags("a", "b")), malformedARN},
		{tag(owner, nil, new(defaultComponent), tags("a", "b")), unknownResource},
		{tag(owner, &arn, nil, tags("", "b")), badParameter},
		{tag(owner, &arn, nil, tags("AWS:a", "b")), badParameter},
		{tag(owner, &arn, nil, tags("a", "b", "a", "c")), badParameter},
		{tag(owner, &arn, nil, tags(strings.Repeat("k", 129), "b")), badParameter},
		{tag(owner, &arn, nil, tags("a", strings.Repeat("v", 257))), badParameter},
		{tag(owner, &arn, nil, tags(many...)), "TagLimitExceededException"}, // with that of before
		{untag(owner, &gone, nil, "team"), unknownResource},
		{untag(guest, &arn, nil, "team"), unknownResource},
		{tag(as(t, s, alice, "ann", statement("Allow", "ram:*", "*"), `{"Effect":"Deny","Action":"ram:TagResource","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}}`), &arn, nil, tags("team", "red")), accessDenied},
	} {
		wantCode(t, test.err, test.code)
	}
	if got := have(); got != "team=blue" {
		t.Errorf("after refused calls: %s", got)
	}
}
