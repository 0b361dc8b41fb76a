package ram_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

const (
	alreadyAccepted = "ResourceShareInvitationAlreadyAcceptedException"
	alreadyRejected = "ResourceShareInvitationAlreadyRejectedException"
	expired         = "ResourceShareInvitationExpiredException"
)

// TestInvitationAnswers answers invitations once, twice, and from another account.
func TestInvitationAnswers(t *testing.T) {
	s := writtest.New(t)
	owner, guest, stranger := newClient(t, s, alice), newClient(t, s, bob), newClient(t, s, carol)
	component := owner.component("agent")
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{component}, Principals: []string{bob}})
	invitation := *guest.invitation().ResourceShareInvitationArn
	if !strings.HasPrefix(invitation, "arn:aws:ram:us-east-1:"+alice+":resource-share-invitation/") {
		t.Errorf("invitation %s", invitation)
	}
	if list := owner.invitations(); len(list) != 0 {
		t.Errorf("the sender sees %+v", list)
	}
	absent := invitation[:len(invitation)-1] + "x"
	for _, c := range []client{owner, stranger} {
		for _, target := range []string{invitation, absent} {
			text := "ResourceShareInvitation " + target + " could not be found."
			wantText(t, c.accept(target), invitationGone, text)
			wantText(t, c.reject(target), invitationGone, text)
			_, err := c.ListPendingInvitationResources(ctx, &ram.ListPendingInvitationResourcesInput{ResourceShareInvitationArn: &target})
			wantText(t, err, invitationGone, text)
			_, err = c.GetResourceShareInvitations(ctx, &ram.GetResourceShareInvitationsInput{ResourceShareInvitationArns: []string{target}})
			wantText(t, err, invitationGone, text)
		}
	}
	far := fromConfig(t, inRegion(s.Config(bob), "eu-west-1"), bob)
	wantCode(t, far.accept(invitation), invitationGone)
	wantCode(t, guest.accept(arn), malformedARN)

	ok(t, guest.reject(invitation))
	wantCode(t, guest.reject(invitation), alreadyRejected)
	wantCode(t, guest.accept(invitation), alreadyRejected)
	if got := owner.principals(arn); got != bob+" FAILED" {
		t.Errorf("principals %s", got)
	}
	_, err := guest.ListPendingInvitationResources(ctx, &ram.ListPendingInvitationResourcesInput{ResourceShareInvitationArn: &invitation})
	wantCode(t, err, alreadyRejected)

	// An account that rejected an invitation can be invited again.
	ok(t, owner.associate(arn, nil, []string{bob}))
	if got := owner.principals(arn); got != bob+" ASSOCIATING" {
		t.Errorf("principals %s", got)
	}
	ok(t, owner.associate(arn, nil, []string{bob})) // and is, once
	var second string
	for _, i := range guest.invitations() {
		if i.Status == types.ResourceShareInvitationStatusPending {
			if second != "" {
				t.Error("two invitations are pending")
			}
			second = *i.ResourceShareInvitationArn
		}
	}
	ok(t, guest.accept(second))
	wantCode(t, guest.accept(second), alreadyAccepted)
	wantCode(t, guest.reject(second), alreadyAccepted)
	_, err = guest.ListPendingInvitationResources(ctx, &ram.ListPendingInvitationResourcesInput{ResourceShareInvitationArn: &second})
	wantCode(t, err, badParameter)
	if got := owner.principals(arn); got != bob+" ASSOCIATED" {
		t.Errorf("principals %s", got)
	}
	for _, in := range []ram.GetResourceShareInvitationsInput{
		{ResourceShareInvitationArns: []string{second}}, {ResourceShareArns: []string{arn}, MaxResults: new(int32(1))},
	} {
		out, err := guest.GetResourceShareInvitations(ctx, &in)
		ok(t, err)
		if len(out.ResourceShareInvitations) != 1 {
			t.Errorf("%+v: %+v", in, out.ResourceShareInvitations)
		}
	}

	// A withdrawn invitation cannot be accepted.
	other := owner.share(ram.CreateResourceShareInput{Principals: []string{carol}})
	withdrawn := *stranger.invitation().ResourceShareInvitationArn
	ok(t, owner.disassociate(other, nil, []string{carol}))
	wantCode(t, stranger.accept(withdrawn), invitationGone)
}

// TestInvitationExpires advances the clock by twelve hours.
func TestInvitationExpires(t *testing.T) {
	s, at := serveAt(t, writ.Config{})
	owner, guest := at.client(t, s, alice), at.client(t, s, bob)
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{owner.component("agent")}, Principals: []string{bob}})
	at.now = at.now.Add(12*time.Hour - time.Millisecond)
	if got := guest.invitation().Status; got != types.ResourceShareInvitationStatusPending {
		t.Errorf("before 12 hours the invitation is %s", got)
	}
	at.now = at.now.Add(time.Millisecond)
	invitation := guest.invitation()
	if invitation.Status != types.ResourceShareInvitationStatusExpired {
		t.Errorf("after 12 hours the invitation is %s", invitation.Status)
	}
	wantCode(t, guest.accept(*invitation.ResourceShareInvitationArn), expired)
	wantCode(t, guest.reject(*invitation.ResourceShareInvitationArn), expired)
	_, err := guest.ListPendingInvitationResources(ctx, &ram.ListPendingInvitationResourcesInput{ResourceShareInvitationArn: invitation.ResourceShareInvitationArn})
	wantCode(t, err, expired)
	if got := owner.principals(arn); got != bob+" FAILED" {
		t.Errorf("principals %s", got)
	}

	// A new invitation can be sent and withdrawn. The old one is unlisted in the end.
	ok(t, owner.associate(arn, nil, []string{bob}))
	if list := guest.invitations(); len(list) != 2 {
		t.Errorf("invitations %+v", list)
	}
	ok(t, owner.disassociate(arn, nil, []string{bob}))
	if got := guest.invitation().Status; got != types.ResourceShareInvitationStatusExpired {
		t.Errorf("the invitation that is left is %s", got)
	}
	at.now = at.now.Add(7*24*time.Hour - 12*time.Hour - time.Millisecond)
	guest.invitation()
	at.now = at.now.Add(time.Millisecond)
	for range 2 { // before and after its row is dropped
		if list := guest.invitations(); len(list) != 0 {
			t.Errorf("invitations %+v", list)
		}
		wantCode(t, guest.accept(*invitation.ResourceShareInvitationArn), invitationGone)
		owner.share(ram.CreateResourceShareInput{Principals: []string{carol}})
	}
}

// TestPendingInvitations tests the limit of pending invitations.
func TestPendingInvitations(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	var principals []string
	for i := range 20 {
		principals = append(principals, fmt.Sprint(200000000000+i))
	}
	arn := owner.share(ram.CreateResourceShareInput{Principals: principals})
	wantCode(t, owner.associate(arn, nil, []string{bob}), "ResourceShareLimitExceededException")
	ok(t, newClient(t, s, principals[0]).accept(*newClient(t, s, principals[0]).invitation().ResourceShareInvitationArn))
	ok(t, owner.associate(arn, nil, []string{bob}))
	wantCode(t, owner.associate(arn, nil, []string{carol}), "ResourceShareLimitExceededException")
}

// TestInvitedIdentity invites a role of another account. Its account answers the
// invitation; only the role gets access.
func TestInvitedIdentity(t *testing.T) {
	s := writtest.New(t)
	owner, guest := newClient(t, s, alice), newClient(t, s, bob)
	image := owner.image("web")
	ann := as(t, s, bob, "ann", statement("Allow", "*", "*"))
	eve := as(t, s, bob, "eve", statement("Allow", "*", "*"))
	user := "arn:aws:iam::" + bob + ":user/ann"
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{image}, Principals: []string{user}})
	invitation := guest.invitation()
	if invitation.ReceiverArn == nil || *invitation.ReceiverArn != user || *invitation.ReceiverAccountId != bob {
		t.Errorf("invitation %+v", invitation)
	}
	wantCode(t, ann.readImage(image), accessDenied)
	ok(t, eve.accept(*invitation.ResourceShareInvitationArn))
	ok(t, ann.readImage(image))
	wantCode(t, eve.readImage(image), accessDenied)
	if list := eve.others(); len(list) != 1 || *list[0].ResourceShareArn != arn {
		t.Errorf("the share is in the context of the account: %+v", list)
	}
}

// TestInvitationGrants tests that the identity policies of the receiver decide which
// of its principals can answer.
func TestInvitationGrants(t *testing.T) {
	s := writtest.New(t)
	owner, guest := newClient(t, s, alice), newClient(t, s, bob)
	owner.share(ram.CreateResourceShareInput{Name: new("web"), Principals: []string{bob}})
	invitation := *guest.invitation().ResourceShareInvitationArn
	const accept = "ram:AcceptResourceShareInvitation"
	condition := func(effect, key, value string) string {
		return `{"Effect":"` + effect + `","Action":"` + accept + `","Resource":"*","Condition":{"StringEquals":{"` + key + `":"` + value + `"}}}`
	}
	wantCode(t, as(t, s, bob, "u1").accept(invitation), accessDenied)
	wantCode(t, as(t, s, bob, "u2", statement("Allow", "ram:RejectResourceShareInvitation", "*")).accept(invitation), accessDenied)
	wantCode(t, as(t, s, bob, "u3", statement("Allow", accept, "*"), statement("Deny", accept, invitation)).accept(invitation), accessDenied)
	wantCode(t, as(t, s, bob, "u4", condition("Allow", "ram:ShareOwnerAccountId", carol)).accept(invitation), accessDenied)
	wantCode(t, as(t, s, bob, "u5", condition("Allow", "ram:ResourceShareName", "other")).accept(invitation), accessDenied)
	wantCode(t, as(t, s, carol, "u6", statement("Allow", accept, "*")).accept(invitation), invitationGone)
	ok(t, as(t, s, bob, "u7", condition("Allow", "ram:ResourceShareName", "web"), condition("Deny", "ram:ShareOwnerAccountId", carol)).accept(invitation))
}

// TestConcurrentAnswers accepts one invitation from many clients: one succeeds.
func TestConcurrentAnswers(t *testing.T) {
	s := writtest.New(t)
	owner, guest := newClient(t, s, alice), newClient(t, s, bob)
	arn := owner.share(ram.CreateResourceShareInput{Principals: []string{bob}})
	invitation := *guest.invitation().ResourceShareInvitationArn
	var wg sync.WaitGroup
	var accepted atomic.Int32
	errs := make(chan error, 16)
	for range cap(errs) {
		wg.Go(func() {
			if err := guest.accept(invitation); err != nil {
				errs <- err
				return
			}
			accepted.Add(1)
		})
	}
	wg.Wait()
	close(errs)
	if accepted.Load() != 1 {
		t.Errorf("%d clients accepted", accepted.Load())
	}
	for err := range errs {
		wantCode(t, err, alreadyAccepted)
	}
	if got := owner.principals(arn); got != bob+" ASSOCIATED" {
		t.Errorf("principals %s", got)
	}
}
