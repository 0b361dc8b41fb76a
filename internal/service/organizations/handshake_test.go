package organizations_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

func TestHandshake(t *testing.T) {
	s := writtest.New(t)
	c, guest, stranger := newClient(t, s, boss), newClient(t, s, bob), newClient(t, s, carol)
	o := c.organization()
	id := c.invite(bob)
	invite := func(party types.HandshakeParty) error {
		_, err := c.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{Target: &party})
		return err
	}
	wantCode(t, invite(types.HandshakeParty{Id: aws.String(bob), Type: types.HandshakePartyTypeAccount}), "DuplicateHandshakeException")
	wantInvalid(t, invite(types.HandshakeParty{Id: aws.String("nobody@writ.example"), Type: types.HandshakePartyTypeEmail}), types.InvalidInputExceptionReasonInvalidEmailAddressTarget)
	wantInvalid(t, invite(types.HandshakeParty{Id: aws.String("o-1234567890"), Type: types.HandshakePartyTypeOrganization}), types.InvalidInputExceptionReasonInvalidPartyTypeTarget)

	// Both sides see it, and nobody else.
	for _, by := range []client{c, guest} {
		got, err := by.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: &id})
		ok(t, err)
		if h := got.Handshake; h.State != types.HandshakeStateOpen || h.Action != types.ActionTypeInviteAccountToOrganization ||
			*h.Arn != "arn:aws:organizations::"+boss+":handshake/"+*o.Id+"/invite/"+id {
			t.Errorf("handshake %+v", h)
		}
	}
	_, err := stranger.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: &id})
	wantCode(t, err, "HandshakeNotFoundException")
	received, err := guest.ListHandshakesForAccount(ctx, &organizations.ListHandshakesForAccountInput{})
	ok(t, err)
	sent, err := c.ListHandshakesForOrganization(ctx, &organizations.ListHandshakesForOrganizationInput{})
	ok(t, err)
	if len(received.Handshakes) != 1 || len(sent.Handshakes) != 1 || *sent.Handshakes[0].Id != *received.Handshakes[0].Id {
		t.Errorf("received %+v, sent %+v", received.Handshakes, sent.Handshakes)
	}

	// Who sent it cancels, who got it accepts or declines.
	accept := func(by client, id string) error {
		_, err := by.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: &id})
		return err
	}
	decline := func(by client, id string) error {
		_, err := by.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: &id})
		return err
	}
	cancel := func(by client, id string) error {
		_, err := by.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: &id})
		return err
	}
	wantCode(t, accept(c, id), "AccessDeniedException")
	wantCode(t, accept(stranger, id), "HandshakeNotFoundException")
	wantCode(t, cancel(guest, id), "AWSOrganizationsNotInUseException")
	ok(t, decline(guest, id))
	wantCode(t, decline(guest, id), "HandshakeAlreadyInStateException")
	wantCode(t, accept(guest, id), "InvalidHandshakeTransitionException")
	wantCode(t, cancel(c, id), "InvalidHandshakeTransitionException")

	id = c.invite(bob)
	ok(t, cancel(c, id))
	wantCode(t, accept(guest, id), "InvalidHandshakeTransitionException")

	id = c.invite(bob)
	ok(t, accept(guest, id))
	got, err := guest.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	ok(t, err)
	if *got.Organization.Id != *o.Id {
		t.Errorf("joined %s, want %s", *got.Organization.Id, *o.Id)
	}
	id = c.invite(carol) // which is no business of other members
	_, err = guest.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: &id})
	wantCode(t, err, "HandshakeNotFoundException")
	err = invite(types.HandshakeParty{Id: aws.String(bob), Type: types.HandshakePartyTypeAccount})
	if e, is := errors.AsType[*types.HandshakeConstraintViolationException](err); !is || e.Reason != types.HandshakeConstraintViolationExceptionReasonAlreadyInAnOrganization {
		t.Errorf("an invitation of a member: %v", err)
	}
}

// TestTwoInvitations accepts the second of two organizations' invitations.
func TestTwoInvitations(t *testing.T) {
	s := writtest.New(t)
	first, second, guest := newClient(t, s, boss), newClient(t, s, carol), newClient(t, s, bob)
	first.organization()
	second.organization()
	one, two := first.invite(bob), second.invite(bob)
	guest.accept(two)
	_, err := guest.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: &one})
	if e, is := errors.AsType[*types.HandshakeConstraintViolationException](err); !is || e.Reason != types.HandshakeConstraintViolationExceptionReasonAlreadyInAnOrganization {
		t.Errorf("the other invitation: %v", err)
	}
	got, err := guest.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: &one})
	ok(t, err)
	if got.Handshake.State != types.HandshakeStateOpen {
		t.Errorf("the invitation that could not be accepted is %s", got.Handshake.State)
	}
}

// TestHandshakePermissions accepts as a user whose own policies must allow it.
func TestHandshakePermissions(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, boss)
	c.organization()
	id := c.invite(bob)
	_, err := as(t, s, bob, "reader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:DescribeHandshake","Resource":"*"}}`).
		AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: &id})
	wantCode(t, err, "AccessDeniedException")
	const accept = `{"Effect":"Allow","Action":"organizations:AcceptHandshake","Resource":"arn:aws:organizations::` + boss + `:handshake/*"}`
	_, err = as(t, s, bob, "roleless", `{"Version":"2012-10-17","Statement":`+accept+`}`).
		AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: &id})
	wantCode(t, err, "AccessDeniedException")
	as(t, s, bob, "joiner", `{"Version":"2012-10-17","Statement":[`+accept+`,{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*",
		"Condition":{"StringEquals":{"iam:AWSServiceName":"organizations.amazonaws.com"}}}]}`).accept(id)
}

func TestHandshakeExpires(t *testing.T) {
	s, clock := serveAt(t, writ.Config{})
	c, guest := clock.client(t, s, boss), clock.client(t, s, bob)
	c.organization()
	id := c.invite(bob)
	clock.now = clock.now.Add(15 * 24 * time.Hour)
	_, err := guest.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: &id})
	wantCode(t, err, "InvalidHandshakeTransitionException")
	c.invite(bob) // the old one is no duplicate
	clock.now = clock.now.Add(30 * 24 * time.Hour)
	_, err = guest.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: &id})
	wantCode(t, err, "HandshakeNotFoundException")
}

// TestInviteByEmail invites an account that was made here.
func TestInviteByEmail(t *testing.T) {
	s := writtest.New(t)
	maker, c := newClient(t, s, carol), newClient(t, s, boss)
	maker.organization()
	c.organization()
	dev := maker.newAccount("dev")
	_, err := maker.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &dev})
	ok(t, err)
	out, err := c.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Id: aws.String("dev@writ.example"), Type: types.HandshakePartyTypeEmail},
		Tags:   []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
	})
	ok(t, err)
	newClient(t, s, dev).accept(*out.Handshake.Id)
	tags, err := c.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: &dev})
	ok(t, err)
	if len(tags.Tags) != 1 || *tags.Tags[0].Value != "red" {
		t.Errorf("tags %+v", tags.Tags)
	}
}
