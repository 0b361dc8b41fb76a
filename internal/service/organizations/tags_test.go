package organizations_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func TestTags(t *testing.T) {
	w := newWorld(t)
	p := w.boss.policy(types.PolicyTypeServiceControlPolicy, "deny", denyList)
	policy, err := w.boss.PutResourcePolicy(ctx, &organizations.PutResourcePolicyInput{
		Content: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":"organizations:ListRoots","Resource":"*"}}`),
	})
	ok(t, err)
	tag := func(id string, tags ...types.Tag) error {
		_, err := w.boss.TagResource(ctx, &organizations.TagResourceInput{ResourceId: &id, Tags: tags})
		return err
	}
	list := func(id string) (tags []types.Tag) {
		pages := organizations.NewListTagsForResourcePaginator(w.boss.Client, &organizations.ListTagsForResourceInput{ResourceId: &id})
		for pages.HasMorePages() {
			p, err := pages.NextPage(ctx)
			ok(t, err)
			tags = append(tags, p.Tags...)
		}
		return tags
	}
	red := types.Tag{Key: aws.String("team"), Value: aws.String("red")}
	for _, id := range []string{w.root, w.inner, bob, p, *policy.ResourcePolicy.ResourcePolicySummary.Id} {
		ok(t, tag(id, red))
		if got := list(id); len(got) != 1 || *got[0].Value != "red" {
			t.Errorf("tags of %s: %+v", id, got)
		}
		_, err := w.boss.UntagResource(ctx, &organizations.UntagResourceInput{ResourceId: &id, TagKeys: []string{"team"}})
		ok(t, err)
		if got := list(id); len(got) != 0 {
			t.Errorf("tags of %s: %+v", id, got)
		}
	}
	wantCode(t, tag("p-00000000", red), "TargetNotFoundException")
	wantCode(t, tag("ou-0000-00000000", red), "TargetNotFoundException")
	wantCode(t, tag("rp-00000000", red), "TargetNotFoundException")
	wantCode(t, tag(carol, red), "TargetNotFoundException")
	wantInvalid(t, tag(bob, red, red), types.InvalidInputExceptionReasonDuplicateTagKey)
	wantInvalid(t, tag(bob, types.Tag{Key: aws.String("aws:x"), Value: aws.String("")}), types.InvalidInputExceptionReasonInvalidSystemTagsParameter)
	var many []types.Tag
	for i := range 51 {
		many = append(many, types.Tag{Key: aws.String(fmt.Sprint("key", i)), Value: aws.String("")})
	}
	wantViolation(t, tag(bob, many...), types.ConstraintViolationExceptionReasonMaxTagLimitExceeded)

	// Tags are what conditions ask for.
	ok(t, tag(w.inner, red))
	u := as(t, w.s, boss, "red", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:DescribeOrganizationalUnit","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}}`)
	for id, want := range map[string]bool{w.inner: true, w.outer: false} {
		if _, err := u.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &id}); (err == nil) != want {
			t.Errorf("%s: %v, want allowed %v", id, err, want)
		}
	}

	// What leaves loses them, and who makes something with tags needs to be
	// allowed to tag.
	ok(t, tag(bob, red))
	_, err = w.bob.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	ok(t, err)
	w.bob.accept(w.boss.invite(bob))
	if got := list(bob); len(got) != 0 {
		t.Errorf("tags of an account that left: %+v", got)
	}
	maker := as(t, w.s, boss, "maker", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:CreateOrganizationalUnit","Resource":"*"}}`)
	create := func(name string, tags ...types.Tag) error {
		_, err := maker.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &w.root, Name: &name, Tags: tags})
		return err
	}
	ok(t, create("plain"))
	wantCode(t, create("tagged", red), "AccessDeniedException")
}
