package kms_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/writdev/writ/writtest"
)

// TestResourceControl checks that a resource control policy applies to the keys of a member account, but not
// to AWS managed keys.
func TestResourceControl(t *testing.T) {
	s := writtest.New(t)
	boss := organizations.NewFromConfig(s.Config(alice))
	_, err := boss.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	ok(t, err)
	made, err := boss.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: new("dev"), Email: new("dev@example.com")})
	ok(t, err)
	dev := root(t, s, *made.CreateAccountStatus.AccountId)
	key := dev.key()
	dev.describe(key)

	roots, err := boss.ListRoots(ctx, &organizations.ListRootsInput{})
	ok(t, err)
	top := roots.Roots[0].Id
	_, err = boss.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: top, PolicyType: types.PolicyTypeResourceControlPolicy})
	ok(t, err)
	p, err := boss.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Type: types.PolicyTypeResourceControlPolicy, Name: new("blind"), Description: new(""),
		Content: new(document(`{"Effect":"Deny","Principal":"*","Action":"kms:DescribeKey","Resource":"*"}`)),
	})
	ok(t, err)
	_, err = boss.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: p.Policy.PolicySummary.Id, TargetId: top})
	ok(t, err)

	_, err = dev.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	wantCode(t, err, accessDenied)
	if m := dev.describe("alias/aws/ssm"); *m.Arn == key {
		t.Errorf("the alias refers to %s", key)
	}
}
