package ram_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// fromPolicy returns the only share created from a policy of the account.
func (c client) fromPolicy() types.ResourceShare {
	c.t.Helper()
	list := c.own()
	if len(list) != 1 || list[0].FeatureSet != types.ResourceShareFeatureSetCreatedFromPolicy {
		c.t.Fatalf("shares %+v, want one that was created from a policy", list)
	}
	return list[0]
}

// TestPromotion tests the whole sequence: a policy, the share created from it, its
// promotion, the invitation and the deletion.
func TestPromotion(t *testing.T) {
	s := writtest.New(t)
	owner, guest, stranger := newClient(t, s, alice), newClient(t, s, bob), newClient(t, s, carol)
	image := owner.image("web")
	wantCode(t, guest.readImage(image), accessDenied)
	owner.putImagePolicy(image, bob, "GetImage", "ListImages")

	// Only the owner sees the share, but the consumer has access.
	share := owner.fromPolicy()
	if *share.OwningAccountId != alice || share.Status != types.ResourceShareStatusActive || !*share.AllowExternalPrincipals {
		t.Errorf("share %+v", share)
	}
	arn := *share.ResourceShareArn
	permissions, err := owner.ListResourceSharePermissions(ctx, &ram.ListResourceSharePermissionsInput{ResourceShareArn: &arn})
	ok(t, err)
	if len(permissions.Permissions) != 1 || permissions.Permissions[0].FeatureSet != types.PermissionFeatureSetStandard {
		t.Errorf("permissions %+v", permissions.Permissions)
	}
	found := owner.associations(ram.GetResourceShareAssociationsInput{AssociationType: types.ResourceShareAssociationTypeResource, ResourceArn: &image})
	if len(found) != 1 || *found[0].ResourceShareArn != arn || found[0].Status != types.ResourceShareAssociationStatusAssociated {
		t.Errorf("associations of the image %+v", found)
	}
	listed, err := owner.ListResources(ctx, &ram.ListResourcesInput{ResourceOwner: types.ResourceOwnerSelf, ResourceArns: []string{image}})
	ok(t, err)
	if len(listed.Resources) != 1 || *listed.Resources[0].ResourceShareArn != arn {
		t.Errorf("resources %+v", listed.Resources)
	}
	ok(t, guest.readImage(image))
	guest.discovers()
	if n := len(guest.others()) + len(guest.invitations()); n > 0 {
		t.Errorf("before the promotion others see %d shares and invitations", n)
	}

	wantCode(t, guest.promote(arn), unknownResource)
	ok(t, owner.promote(arn))
	wantCode(t, owner.promote(arn), badTransition)
	if list := owner.own(); len(list) != 1 || list[0].FeatureSet != types.ResourceShareFeatureSetStandard {
		t.Errorf("after the promotion: %+v", list)
	}
	if got := owner.principals(arn); got != bob+" ASSOCIATING" {
		t.Errorf("principals %s", got)
	}
	ok(t, guest.readImage(image)) // which it could before
	guest.discovers()
	if list := guest.others(); len(list) != 0 {
		t.Errorf("before it is accepted the share is listed: %+v", list)
	}

	invitation := guest.invitation()
	if *invitation.SenderAccountId != alice || *invitation.ReceiverAccountId != bob || invitation.ReceiverArn != nil ||
		*invitation.ResourceShareArn != arn || *invitation.ResourceShareName != *share.Name || invitation.Status != types.ResourceShareInvitationStatusPending {
		t.Errorf("invitation %+v", invitation)
	}
	pending, err := guest.ListPendingInvitationResources(ctx, &ram.ListPendingInvitationResourcesInput{ResourceShareInvitationArn: invitation.ResourceShareInvitationArn})
	ok(t, err)
	if len(pending.Resources) != 1 || *pending.Resources[0].Arn != image || *pending.Resources[0].Type != "imagebuilder:Image" {
		t.Errorf("pending resources %+v", pending.Resources)
	}
	ok(t, guest.accept(*invitation.ResourceShareInvitationArn))
	if got := guest.invitation().Status; got != types.ResourceShareInvitationStatusAccepted {
		t.Errorf("invitation %s", got)
	}
	if got := owner.principals(arn); got != bob+" ASSOCIATED" {
		t.Errorf("principals %s", got)
	}
	guest.discovers(image)
	ok(t, guest.readImage(image))
	if list := guest.others(); len(list) != 1 || *list[0].ResourceShareArn != arn {
		t.Errorf("others' shares %+v", list)
	}
	stranger.discovers()
	wantCode(t, stranger.readImage(image), accessDenied)

	ok(t, owner.disassociate(arn, nil, []string{bob}))
	wantCode(t, guest.readImage(image), accessDenied)
	guest.discovers()
	if list := guest.others(); len(list) != 0 {
		t.Errorf("after the end: %+v", list)
	}
	ok(t, owner.remove(arn))
	if got := owner.policies(image); len(got) != 1 || got[0] != "{}" {
		t.Errorf("policies %q", got)
	}
}

// TestPromotionOfPermission promotes a share whose policy no permission matches.
func TestPromotionOfPermission(t *testing.T) {
	s := writtest.New(t)
	owner, guest := newClient(t, s, alice), newClient(t, s, bob)
	image := owner.image("web")
	owner.putImagePolicy(image, bob, "GetImage")
	arn := *owner.fromPolicy().ResourceShareArn
	wantText(t, owner.promote(arn), "UnmatchedPolicyPermissionException",
		"There isn't an existing managed permission defined in RAM that has the same IAM permissions as the resource-based policy attached to the resource. "+
			"You should first run PromotePermissionCreatedFromPolicy to create that managed permission.")
	permissions, err := owner.ListResourceSharePermissions(ctx, &ram.ListResourceSharePermissionsInput{ResourceShareArn: &arn})
	ok(t, err)
	_, err = owner.PromotePermissionCreatedFromPolicy(ctx, &ram.PromotePermissionCreatedFromPolicyInput{
		PermissionArn: permissions.Permissions[0].Arn, Name: new("image-get-only"),
	})
	ok(t, err)
	ok(t, owner.promote(arn))
	ok(t, guest.readImage(image))
	ok(t, guest.accept(*guest.invitation().ResourceShareInvitationArn))
	ok(t, guest.readImage(image))
	if text := owner.policies(image)[0]; strings.Contains(text, "ListImages") || !strings.Contains(text, "GetImage") {
		t.Errorf("policy %s", text)
	}
}

// TestUnpromotable tests policies whose shares cannot be promoted, and the operations
// that a share created from a policy rejects.
func TestUnpromotable(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	image := owner.image("web")
	for _, test := range []struct{ principal, action string }{
		{"arn:aws:iam::" + bob + ":role/builder", "GetImage"},
		{"arn:aws:iam::" + bob + ":user/ann", "GetImage"},
		{bob, "*"},
	} {
		owner.putImagePolicy(image, test.principal, test.action)
		wantCode(t, owner.promote(*owner.fromPolicy().ResourceShareArn), notPermitted)
	}
	owner.putImagePolicy(image, bob, "GetImage", "ListImages")
	arn := *owner.fromPolicy().ResourceShareArn
	_, err := owner.UpdateResourceShare(ctx, &ram.UpdateResourceShareInput{ResourceShareArn: &arn, Name: new("mine")})
	wantCode(t, err, notPermitted)
	wantCode(t, owner.associate(arn, nil, []string{carol}), notPermitted)
	wantCode(t, owner.disassociate(arn, nil, []string{bob}), notPermitted)
	wantCode(t, owner.remove(arn), notPermitted)
	_, err = owner.TagResource(ctx, &ram.TagResourceInput{ResourceShareArn: &arn, Tags: []types.Tag{{Key: new("team"), Value: new("red")}}})
	wantCode(t, err, notPermitted)
	if got := owner.principals(arn); got != bob+" ASSOCIATED" {
		t.Errorf("principals %s", got)
	}

	// A policy without other accounts creates no share.
	owner.putImagePolicy(image, alice, "GetImage")
	if list := owner.own(); len(list) != 0 {
		t.Errorf("shares %+v", list)
	}
}

// TestPromotionInput sends invalid queries, without an SDK.
func TestPromotionInput(t *testing.T) {
	s := writtest.New(t)
	const path = "/promoteresourcesharecreatedfrompolicy"
	for _, test := range []struct{ query, code string }{
		{"", missingParameter},
		{"?resourceShareArn=web", malformedARN},
		{"?resourceShareArn=arn%3Aaws%3Aram%3Aus-east-1%3A" + alice + "%3Apermission%2Fweb", malformedARN},
		{"?resourceShareArn=arn%3Aaws%3Aram%3Aus-east-1%3A" + alice + "%3Aresource-share%2F27d09b4b-5e12-41d1-a4f2-19deb2e9a2c5", unknownResource},
		{"?resourceShareArn=arn%3Aaws%3Aram%3Aus-east-1%3A" + bob + "%3Aresource-share%2F27d09b4b-5e12-41d1-a4f2-19deb2e9a2c5", unknownResource},
	} {
		status, code, answer := raw(t, s, alice, "POST", path+test.query, "")
		if text, _ := answer["message"].(string); status != 400 || code != test.code || text == "" || len(answer) != 1 {
			t.Errorf("%q: %d %s %v", test.query, status, code, answer)
		}
	}
	owner := newClient(t, s, alice)
	image := owner.image("web")
	owner.putImagePolicy(image, bob, "GetImage", "ListImages")
	query := "?resourceShareArn=" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace(*owner.fromPolicy().ResourceShareArn)
	status, _, answer := raw(t, s, alice, "POST", path+query, "")
	if status != 200 || answer["returnValue"] != true || len(answer) != 1 {
		t.Errorf("%d %v", status, answer)
	}
}

// TestPromotionTakesTime checks the feature sets of a share during its promotion.
func TestPromotionTakesTime(t *testing.T) {
	s, at := serveAt(t, writ.Config{Lifecycle: writ.LifecycleRealistic})
	owner := at.client(t, s, alice)
	component := owner.component("agent")
	_, err := owner.images.PutComponentPolicy(ctx, &imagebuilder.PutComponentPolicyInput{
		ComponentArn: &component, Policy: new(imagePolicy(component, bob, "GetComponent", "ListComponents")),
	})
	ok(t, err)
	ok(t, owner.promote(*owner.fromPolicy().ResourceShareArn))
	for _, step := range []struct {
		after time.Duration
		want  types.ResourceShareFeatureSet
	}{
		{0, types.ResourceShareFeatureSetPromotingToStandard},
		{9 * time.Second, types.ResourceShareFeatureSetPromotingToStandard},
		{time.Second, types.ResourceShareFeatureSetStandard},
	} {
		at.now = at.now.Add(step.after)
		if got := owner.own()[0].FeatureSet; got != step.want {
			t.Errorf("at %v: %s, want %s", at.now, got, step.want)
		}
	}
}

// TestPromotionNeedsPut tests that a promotion requires permission to put a policy on
// the resource, because RAM does so on the caller's behalf.
func TestPromotionNeedsPut(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	image := owner.image("web")
	owner.putImagePolicy(image, bob, "GetImage", "ListImages")
	arn := *owner.fromPolicy().ResourceShareArn
	wantCode(t, as(t, s, alice, "ann", statement("Allow", "ram:*", "*")).promote(arn), accessDenied)
	ok(t, as(t, s, alice, "eve", statement("Allow", "ram:*", "*"), statement("Allow", "imagebuilder:PutImagePolicy", image)).promote(arn))
}
