package ssm_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// TestPolicyOfShares checks that the policy of a parameter's shares is listed among its policies, and that
// only RAM can change it.
func TestPolicyOfShares(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	parameter := c.shareable(alice, "p")
	own, err := c.putPolicy(parameter, shareOf(parameter, carol))
	ok(t, err)
	shares := ram.NewFromConfig(s.Config(alice))
	share, err := shares.CreateResourceShare(ctx, &ram.CreateResourceShareInput{
		Name: new("hosts"), ResourceArns: []string{parameter}, Principals: []string{bob},
	})
	ok(t, err)
	with := ram.NewFromConfig(s.Config(bob))
	invitations, err := with.GetResourceShareInvitations(ctx, &ram.GetResourceShareInvitationsInput{})
	ok(t, err)
	_, err = with.AcceptResourceShareInvitation(ctx, &ram.AcceptResourceShareInvitationInput{
		ResourceShareInvitationArn: invitations.ResourceShareInvitations[0].ResourceShareInvitationArn,
	})
	ok(t, err)
	find := func() (shared types.GetResourcePoliciesResponseEntry) {
		t.Helper()
		list := c.policies(parameter)
		if len(list) != 2 {
			t.Fatalf("%d policies", len(list))
		}
		for _, p := range list {
			if *p.PolicyId != *own.id {
				shared = p
			}
		}
		return shared
	}
	shared := find()
	if !idForm.MatchString(*shared.PolicyId) || !hashForm.MatchString(*shared.PolicyHash) || !strings.Contains(*shared.Policy, "ssm:GetParameter") {
		t.Errorf("the share's policy is %+v", shared)
	}
	if diff := cmp.Diff(shared, find(), ignoreSerde); diff != "" {
		t.Errorf("read again:\n%s", diff)
	}
	_, err = c.putPolicy(parameter, shareOf(parameter, carol), policyVersion{shared.PolicyId, shared.PolicyHash})
	wantParameters(t, err, "PolicyId")
	if !strings.Contains(err.Error(), "managed through RAM") {
		t.Errorf("message %v", err)
	}
	wantParameters(t, c.deletePolicy(parameter, policyVersion{shared.PolicyId, shared.PolicyHash}), "PolicyId")

	// It does not count toward the limit of the owner's policies.
	for range 9 {
		_, err := c.putPolicy(parameter, shareOf(parameter, carol))
		ok(t, err)
	}
	_, err = c.putPolicy(parameter, shareOf(parameter, carol))
	wantLimit(t, err, "Count", 10)
	_, err = shares.DeleteResourceShare(ctx, &ram.DeleteResourceShareInput{ResourceShareArn: share.ResourceShare.ResourceShareArn})
	ok(t, err)
	if got := len(c.policies(parameter)); got != 10 {
		t.Errorf("%d policies without the share", got)
	}
}

// TestPolicyMakesShare checks that a policy that names another account creates a share, which exists as long
// as the policy names it.
func TestPolicyMakesShare(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	shares := ram.NewFromConfig(s.Config(alice))
	count := func() (active int) {
		t.Helper()
		out, err := shares.GetResourceShares(ctx, &ram.GetResourceSharesInput{ResourceOwner: "SELF", ResourceShareStatus: "ACTIVE"})
		ok(t, err)
		for _, share := range out.ResourceShares {
			if share.FeatureSet == "CREATED_FROM_POLICY" {
				active++
			}
		}
		return active
	}
	want := func(n int) {
		t.Helper()
		if got := count(); got != n {
			t.Errorf("%d shares, want %d", got, n)
		}
	}
	parameter := c.shareable(alice, "p")
	v, err := c.putPolicy(parameter, shareOf(parameter, alice)) // the owner's own account counts
	ok(t, err)
	want(1)
	v, err = c.putPolicy(parameter, shareOf(parameter, bob), v)
	ok(t, err)
	want(1)
	second, err := c.putPolicy(parameter, shareOf(parameter, carol))
	ok(t, err)
	want(2)
	ok(t, c.deletePolicy(parameter, second))
	want(1)
	v, err = c.putPolicy(parameter, shareOf(parameter, alice), v)
	ok(t, err)
	want(1)
	v, err = c.putPolicy(parameter, document(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+alice+`:user/ann"},"Action":"ssm:GetParameter","Resource":"`+parameter+`"}`), v)
	ok(t, err)
	want(0)
	_, err = c.putPolicy(parameter, shareOf(parameter, bob), v)
	ok(t, err)
	ok(t, c.delete("p"))
	want(0)
	_, err = c.putPolicy(groupOf(alice), members(alice, bob)) // RAM does not share it
	ok(t, err)
	want(0)
}
