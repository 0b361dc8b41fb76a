package organizations_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// billing makes an organization with consolidated billing only.
func (c client) billing() {
	c.t.Helper()
	_, err := c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetConsolidatedBilling})
	ok(c.t, err)
}

func (c client) enableAllFeatures() types.Handshake {
	c.t.Helper()
	out, err := c.EnableAllFeatures(ctx, &organizations.EnableAllFeaturesInput{})
	ok(c.t, err)
	return *out.Handshake
}

func (c client) stateOf(id string) types.HandshakeState {
	c.t.Helper()
	out, err := c.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: &id})
	ok(c.t, err)
	return out.Handshake.State
}

// children are the handshakes of a process by the accounts that they ask.
func (c client) children(process string) map[string]types.Handshake {
	c.t.Helper()
	out, err := c.ListHandshakesForOrganization(ctx, &organizations.ListHandshakesForOrganizationInput{Filter: &types.HandshakeFilter{ParentHandshakeId: &process}})
	ok(c.t, err)
	children := map[string]types.Handshake{}
	for _, h := range out.Handshakes {
		children[*h.Parties[1].Id] = h
	}
	return children
}

func wantReason(t *testing.T, err error, reason types.HandshakeConstraintViolationExceptionReason) {
	t.Helper()
	if e, is := errors.AsType[*types.HandshakeConstraintViolationException](err); !is || e.Reason != reason {
		t.Errorf("got %v, want %s", err, reason)
	}
}

// TestEnableAllFeatures goes through the process: accounts that were invited approve, and the
// management account concludes it.
func TestEnableAllFeatures(t *testing.T) {
	s := writtest.New(t)
	c, guest, other := newClient(t, s, boss), newClient(t, s, bob), newClient(t, s, carol)
	c.billing()
	made := c.newAccount("made")
	guest.accept(c.invite(bob))
	stale := c.invite(carol) // promises consolidated billing

	process := c.enableAllFeatures()
	if process.State != types.HandshakeStateRequested || process.Action != types.ActionTypeEnableAllFeatures ||
		len(process.Parties) != 1 || process.Parties[0].Type != types.HandshakePartyTypeOrganization ||
		len(process.Resources) != 1 || process.ExpirationTimestamp.Sub(*process.RequestedTimestamp) != 90*24*time.Hour {
		t.Errorf("the process %+v", process)
	}
	if state := c.stateOf(stale); state != types.HandshakeStateCanceled {
		t.Errorf("the invitation with consolidated billing is %s", state)
	}
	_, err := c.EnableAllFeatures(ctx, &organizations.EnableAllFeaturesInput{})
	wantReason(t, err, types.HandshakeConstraintViolationExceptionReasonOrganizationIsAlreadyPendingAllFeaturesMigration)
	children := c.children(*process.Id)
	approval := children[bob]
	if approval.Action != types.ActionTypeApproveAllFeatures || approval.State != types.HandshakeStateOpen {
		t.Fatalf("the accounts that were asked: %+v", children)
	}
	if _, asked := children[made]; asked {
		t.Error("an account that was made here and has its role is asked")
	}

	// Who joins now agrees by the invitation.
	other.accept(c.invite(carol))
	_, err = c.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: process.Id})
	wantCode(t, err, "InvalidHandshakeTransitionException")
	_, err = guest.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: process.Id})
	wantCode(t, err, "HandshakeNotFoundException")
	_, err = c.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: approval.Id})
	wantCode(t, err, "AccessDeniedException")
	_, err = c.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: process.Id})
	wantCode(t, err, "AccessDeniedException")

	guest.accept(*approval.Id)
	if state := c.stateOf(*process.Id); state != types.HandshakeStateOpen {
		t.Errorf("all have approved, and the process is %s", state)
	}
	root := c.root()
	enable := &organizations.EnablePolicyTypeInput{RootId: &root, PolicyType: types.PolicyTypeServiceControlPolicy}
	_, err = c.EnablePolicyType(ctx, enable)
	wantCode(t, err, "PolicyTypeNotAvailableForOrganizationException")
	c.accept(*process.Id)
	got, err := c.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	ok(t, err)
	if got.Organization.FeatureSet != types.OrganizationFeatureSetAll {
		t.Errorf("the organization has %s", got.Organization.FeatureSet)
	}
	_, err = c.EnablePolicyType(ctx, enable)
	ok(t, err)
	_, err = c.EnableAllFeatures(ctx, &organizations.EnableAllFeaturesInput{})
	wantReason(t, err, types.HandshakeConstraintViolationExceptionReasonOrganizationAlreadyHasAllFeatures)
}

// TestAllFeaturesRefused lets an account decline: the process waits until the account is gone.
func TestAllFeaturesRefused(t *testing.T) {
	s := writtest.New(t)
	c, guest := newClient(t, s, boss), newClient(t, s, bob)
	c.billing()
	guest.accept(c.invite(bob))
	process := c.enableAllFeatures()
	_, err := guest.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: c.children(*process.Id)[bob].Id})
	ok(t, err)
	if state := c.stateOf(*process.Id); state != types.HandshakeStateRequested {
		t.Errorf("an account declined, and the process is %s", state)
	}
	_, err = guest.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	ok(t, err)
	c.accept(*process.Id)
}

// TestAllFeaturesEnd cancels the process and lets it expire.
func TestAllFeaturesEnd(t *testing.T) {
	s, clock := serveAt(t, writ.Config{})
	c, guest := clock.client(t, s, boss), clock.client(t, s, bob)
	c.billing()
	guest.accept(c.invite(bob))
	process := c.enableAllFeatures()
	promised := c.invite(carol)
	_, err := c.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: process.Id})
	ok(t, err)
	for _, id := range []string{*process.Id, *c.children(*process.Id)[bob].Id, promised} {
		if state := c.stateOf(id); state != types.HandshakeStateCanceled {
			t.Errorf("the process was canceled, and handshake %s is %s", id, state)
		}
	}
	process = c.enableAllFeatures()
	clock.now = clock.now.Add(90 * 24 * time.Hour)
	if state := c.stateOf(*process.Id); state != types.HandshakeStateExpired {
		t.Errorf("after 90 days the process is %s", state)
	}
	_, err = guest.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: c.children(*process.Id)[bob].Id})
	wantCode(t, err, "InvalidHandshakeTransitionException")
	c.enableAllFeatures()
}

// TestServiceRole looks for the service-linked role of Organizations in each account, and
// asks for the permission to make it where the caller's is needed.
func TestServiceRole(t *testing.T) {
	s := writtest.New(t)
	name := "AWSServiceRoleForOrganizations"
	has := func(account string) bool {
		_, err := iam.NewFromConfig(s.Config(account)).GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		return err == nil
	}
	limited := as(t, s, boss, "limited", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:*","Resource":"*"}}`)
	_, err := limited.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	wantCode(t, err, "AccessDeniedException")
	c := newClient(t, s, boss)
	c.billing()
	made := c.newAccount("made")
	guest := newClient(t, s, bob)
	guest.accept(c.invite(bob))
	if !has(boss) || !has(made) || has(bob) {
		t.Errorf("roles: management %v, created %v, invited to consolidated billing %v", has(boss), has(made), has(bob))
	}

	// An account that was made here and lost its role is asked for it.
	_, err = iam.NewFromConfig(s.Config(made)).DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: &name})
	ok(t, err)
	children := c.children(*c.enableAllFeatures().Id)
	if children[made].Action != types.ActionTypeAddOrganizationsServiceLinkedRole {
		t.Errorf("the account without its role is asked to %s", children[made].Action)
	}
	newClient(t, s, made).accept(*children[made].Id)
	guest.accept(*children[bob].Id)
	if !has(made) || !has(bob) {
		t.Errorf("after approval: created %v, invited %v", has(made), has(bob))
	}
	out, err := iam.NewFromConfig(s.Config(bob)).GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	ok(t, err)
	if *out.Role.Arn != "arn:aws:iam::"+bob+":role/aws-service-role/organizations.amazonaws.com/"+name {
		t.Errorf("the role is %s", *out.Role.Arn)
	}
}
