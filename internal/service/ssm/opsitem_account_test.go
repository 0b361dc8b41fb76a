package ssm_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

const opsItemDenied = "OpsItemAccessDeniedException"

const systemsManager = "ssm.amazonaws.com"

// organize creates an organization of a management account and members, with trusted access for Systems
// Manager.
func organize(t *testing.T, config func(account string) aws.Config, management string, members ...string) *organizations.Client {
	t.Helper()
	c := organizations.NewFromConfig(config(management))
	_, err := c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	ok(t, err)
	for _, member := range members {
		out, err := c.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
			Target: &orgtypes.HandshakeParty{Id: &member, Type: orgtypes.HandshakePartyTypeAccount},
		})
		ok(t, err)
		_, err = organizations.NewFromConfig(config(member)).AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: out.Handshake.Id})
		ok(t, err)
	}
	_, err = c.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new(systemsManager)})
	ok(t, err)
	return c
}

// into sets the account in which an OpsItem is created.
func into(account string) func(*ssm.CreateOpsItemInput) {
	return func(in *ssm.CreateOpsItemInput) { in.AccountId = &account }
}

// readOf reads an OpsItem by its ARN.
func (c client) readOf(account, id string) (*types.OpsItem, error) {
	out, err := c.GetOpsItem(ctx, &ssm.GetOpsItemInput{OpsItemId: &id, OpsItemArn: new(arnOf(account, "opsitem/"+id))})
	if err != nil {
		return nil, err
	}
	return out.OpsItem, nil
}

// editOf changes an OpsItem by its ARN.
func (c client) editOf(account, id, title string) error {
	_, err := c.UpdateOpsItem(ctx, &ssm.UpdateOpsItemInput{OpsItemId: &id, OpsItemArn: new(arnOf(account, "opsitem/"+id)), Title: &title})
	return err
}

// TestCentralAccounts: bob manages the organization of which alice is a member; carol is its delegated
// administrator for Systems Manager.
func TestCentralAccounts(t *testing.T) {
	s := writtest.New(t)
	org := organize(t, s.Config, bob, alice, carol)
	a, b, c := newClient(t, s, alice), newClient(t, s, bob), newClient(t, s, carol)
	id := a.open("Disk nearly full")
	none := "oi-000000000000"
	denied := func(c client, code string) {
		t.Helper()
		_, err := c.tryOpen("Central", into(alice))
		wantCode(t, err, code)
		for _, id := range []string{id, none} { // the errors do not reveal which of them exists
			_, err = c.readOf(alice, id)
			wantCode(t, err, code)
			wantCode(t, c.editOf(alice, id, "Mine"), code)
		}
	}
	central := func(c client, account string) {
		t.Helper()
		out, err := c.tryOpen("Central", into(alice), tagged(1))
		ok(t, err)
		if !strings.HasPrefix(*out.OpsItemArn, arnOf(alice, "opsitem/oi-")) {
			t.Errorf("made %s", *out.OpsItemArn)
		}
		ok(t, c.editOf(alice, *out.OpsItemId, "By "+account))
		got, err := c.readOf(alice, *out.OpsItemId)
		ok(t, err)
		if *got.OpsItemArn != *out.OpsItemArn || *got.Title != "By "+account || *got.CreatedBy != "arn:aws:iam::"+account+":root" || *got.LastModifiedBy != *got.CreatedBy {
			t.Errorf("got %+v", got)
		}
		if own := a.opsItem(*out.OpsItemId); *own.Title != *got.Title { // it belongs to the member
			t.Errorf("the member sees %s", *own.Title)
		}
		_, err = c.readOf(alice, none)
		wantCode(t, err, opsItemMissing)
	}

	denied(b, accessDenied) // no policy allows it
	v, err := a.putPolicy(groupOf(alice), members(alice, bob))
	ok(t, err)
	central(b, bob)
	denied(c, accessDenied)

	// Being named in the policy is not sufficient: the account must also be a central account.
	v, err = a.putPolicy(groupOf(alice), strings.Replace(members(alice, bob), `"`+bob+`"`, `"`+bob+`","`+carol+`"`, 1), v)
	ok(t, err)
	denied(c, opsItemDenied)
	_, err = c.readOf(alice, id)
	if got := wantCode(t, err, opsItemDenied); got != "You don't have permission to view OpsItems in the specified account. Verify that your account is configured either as a Systems Manager delegated administrator or that you are logged into the Organizations management account." {
		t.Errorf("message %q", got)
	}
	register := func(service string) {
		t.Helper()
		_, err := org.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: new(carol), ServicePrincipal: &service})
		ok(t, err)
	}
	register("ram.amazonaws.com")
	denied(c, opsItemDenied)
	register(systemsManager)
	central(c, carol)
	_, err = org.DeregisterDelegatedAdministrator(ctx, &organizations.DeregisterDelegatedAdministratorInput{AccountId: new(carol), ServicePrincipal: new(systemsManager)})
	ok(t, err)
	denied(c, opsItemDenied)
	_, err = org.DisableAWSServiceAccess(ctx, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: new(systemsManager)})
	ok(t, err)
	denied(b, opsItemDenied)
	_, err = org.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new(systemsManager)})
	ok(t, err)

	// The central account's own policies apply as well, for each action separately.
	reader := as(t, s, bob, "reader", identity("Allow", "ssm:GetOpsItem", arnOf(alice, "opsitem/*")), identity("Allow", "ssm:CreateOpsItem", "*"))
	_, err = reader.readOf(alice, id)
	ok(t, err)
	wantCode(t, reader.editOf(alice, id, "Mine"), accessDenied)
	reader.open("untagged", into(alice))
	_, err = reader.tryOpen("tagged", into(alice), tagged(1))
	wantCode(t, err, accessDenied)
	denied(as(t, s, bob, "nobody", identity("Allow", "ssm:DescribeOpsItems", "*")), accessDenied)

	// An id alone refers to the caller's own OpsItem.
	_, err = b.GetOpsItem(ctx, &ssm.GetOpsItemInput{OpsItemId: &id})
	wantCode(t, err, opsItemMissing)
	_, err = b.DeleteOpsItem(ctx, &ssm.DeleteOpsItemInput{OpsItemId: &id})
	ok(t, err)
	a.opsItem(id)
	if list := b.summaries(); len(list) != 0 {
		t.Errorf("the central account has %v", list)
	}
	other := b.open("Mine")
	for _, arn := range []string{
		arnOf(alice, "opsitem/"+other), strings.Replace(arnOf(alice, "opsitem/"+id), writtest.Region, "eu-west-1", 1),
		arnOf(alice, "opsitem/"+id+"/event/1"), arnOf(alice, "opsitemgroup/default"),
	} {
		_, err := b.GetOpsItem(ctx, &ssm.GetOpsItemInput{OpsItemId: &id, OpsItemArn: &arn})
		wantNames(t, err, "OpsItemArn")
	}
	if got, err := a.readOf(alice, id); err != nil || *got.Title != "Disk nearly full" {
		t.Errorf("by the ARN of its own: %v, %v", got, err)
	}

	// The member removes the policy, and the next request is denied.
	ok(t, a.deletePolicy(groupOf(alice), v))
	denied(b, accessDenied)
}

// TestStrangers checks that accounts outside the member's organization have no access, whatever the policy
// allows. The policy also applies to the member's own callers.
func TestStrangers(t *testing.T) {
	s := writtest.New(t)
	a, b := newClient(t, s, alice), newClient(t, s, bob)
	id := a.open("Disk nearly full")
	v, err := a.putPolicy(groupOf(alice), members(alice, bob))
	ok(t, err)
	_, err = b.readOf(alice, id)
	wantCode(t, err, opsItemDenied)
	organize(t, s.Config, bob, carol)
	_, err = b.readOf(alice, id)
	wantCode(t, err, opsItemDenied)
	_, err = b.tryOpen("Central", into(alice))
	wantCode(t, err, opsItemDenied)
	a.open("my own account, said", into(alice))

	_, err = a.putPolicy(groupOf(alice), document(`{"Effect":"Deny","Principal":{"AWS":"`+alice+`"},"Action":"ssm:GetOpsItem","Resource":"`+arnOf(alice, "opsitem/*")+`"}`), v)
	ok(t, err)
	_, err = a.GetOpsItem(ctx, &ssm.GetOpsItemInput{OpsItemId: &id})
	wantCode(t, err, accessDenied)
}
