package imagebuilder_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

func TestTags(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	arn := c.recipe("web", "1.0.0", "ami-0123456789abcdef0")
	tag := func(c client, arn string, tags map[string]string) error {
		_, err := c.TagResource(ctx, &imagebuilder.TagResourceInput{ResourceArn: &arn, Tags: tags})
		return err
	}
	want := func(tags map[string]string) {
		t.Helper()
		out, err := c.ListTagsForResource(ctx, &imagebuilder.ListTagsForResourceInput{ResourceArn: &arn})
		ok(t, err)
		if diff := cmp.Diff(tags, out.Tags); diff != "" {
			t.Error(diff)
		}
	}
	want(map[string]string{})
	ok(t, tag(c, arn, map[string]string{"team": "web", "stage": "test", "a/b c": ""}))
	ok(t, tag(c, arn, map[string]string{"stage": "live"}))
	want(map[string]string{"team": "web", "stage": "live", "a/b c": ""})
	got, err := c.GetImageRecipe(ctx, &imagebuilder.GetImageRecipeInput{ImageRecipeArn: &arn})
	ok(t, err)
	if got.ImageRecipe.Tags["stage"] != "live" {
		t.Errorf("the recipe has %v", got.ImageRecipe.Tags)
	}

	many := map[string]string{}
	for i := range 48 {
		many[fmt.Sprint("key", i)] = "x"
	}
	wantMessage(t, tag(c, arn, many), "InvalidParameterException", "A resource may have at most 50 tags.")
	want(map[string]string{"team": "web", "stage": "live", "a/b c": ""})

	_, err = c.UntagResource(ctx, &imagebuilder.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"team", "a/b c", "unknown"}})
	ok(t, err)
	want(map[string]string{"stage": "live"})
	wantCode(t, tag(c, c.arn("image-recipe/none/1.0.0"), map[string]string{"a": "b"}), "ResourceNotFoundException")
	_, err = c.ListTagsForResource(ctx, &imagebuilder.ListTagsForResourceInput{ResourceArn: new(c.arn("image/web/1.0.0/1"))})
	wantCode(t, err, "ResourceNotFoundException")
}

// TestTagConditions are policies about tags: on the resource, in the request.
func TestTagConditions(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	arn := c.recipe("web", "1.0.0", "ami-0123456789abcdef0")
	user := as(t, s, alice, "ann", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"imagebuilder:GetImageRecipe","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"web"}}},
		{"Effect":"Allow","Action":"imagebuilder:TagResource","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"web"}}},
		{"Effect":"Allow","Action":"imagebuilder:UntagResource","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}}]}`)
	read := func() error {
		_, err := user.GetImageRecipe(ctx, &imagebuilder.GetImageRecipeInput{ImageRecipeArn: &arn})
		return err
	}
	tag := func(value string) error {
		_, err := user.TagResource(ctx, &imagebuilder.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"team": value}})
		return err
	}
	untag := func(keys ...string) error {
		_, err := user.UntagResource(ctx, &imagebuilder.UntagResourceInput{ResourceArn: &arn, TagKeys: keys})
		return err
	}
	wantCode(t, read(), "AccessDeniedException")
	wantCode(t, tag("other"), "AccessDeniedException")
	ok(t, tag("web"))
	ok(t, read())
	wantCode(t, untag("team", "stage"), "AccessDeniedException")
	ok(t, untag("team"))
	wantCode(t, read(), "AccessDeniedException")
}
