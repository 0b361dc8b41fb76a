package ram_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ/writtest"
)

// TestOrganization shares inside an organization: with invitations before sharing is
// enabled, and without them afterwards.
func TestOrganization(t *testing.T) {
	s := writtest.New(t)
	org := newOrganization(t, s)
	member := org.account("member")
	owner, guest := newClient(t, s, alice), newClient(t, s, member)
	image := owner.image("web")
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{image}, AllowExternalPrincipals: new(false)})
	wantText(t, owner.associate(arn, nil, []string{org.arn}), unknownResource, "Organization "+org.id+" could not be found.")
	wantText(t, owner.associate(arn, nil, []string{member}), badParameter, "The resource you are attempting to share can only be shared within your AWS Organization. "+
		"This error may also occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress.")
	open := owner.share(ram.CreateResourceShareInput{Principals: []string{member}})
	if got := owner.principals(open); got != member+" ASSOCIATING" {
		t.Errorf("principals %s", got)
	}
	if a := owner.associations(ram.GetResourceShareAssociationsInput{AssociationType: types.ResourceShareAssociationTypePrincipal}); *a[0].External {
		t.Errorf("a member is external: %+v", a)
	}

	// Trusted access alone does not enable sharing.
	_, err := org.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: new("ram.amazonaws.com")})
	ok(t, err)
	wantCode(t, owner.associate(arn, nil, []string{org.arn}), unknownResource)
	owner.enable()

	ok(t, owner.associate(arn, nil, []string{member}))
	if got := owner.principals(arn); got != member+" ASSOCIATED" {
		t.Errorf("principals %s", got)
	}
	ok(t, guest.readImage(image))
	guest.discovers(image)
	if list := guest.invitations(); len(list) != 1 { // that of before
		t.Errorf("invitations %+v", list)
	}
	wantCode(t, owner.associate(arn, nil, []string{bob}), badParameter)
	wantCode(t, guest.disassociate(arn, nil, []string{member}), notPermitted) // it is there as a member
	ok(t, owner.disassociate(arn, nil, []string{member}))
	wantCode(t, guest.readImage(image), accessDenied)
}

// TestOrganizationPrincipals shares with the organization and with an organizational
// unit.
func TestOrganizationPrincipals(t *testing.T) {
	s := writtest.New(t)
	org := newOrganization(t, s)
	member, other := org.account("member"), org.account("other")
	unit := org.unit("builders", member)
	owner, guest, apart, stranger := newClient(t, s, alice), newClient(t, s, member), newClient(t, s, other), newClient(t, s, bob)
	owner.enable()
	image := owner.image("web")
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{image}, Principals: []string{org.arn}})
	want := document(`{"Effect":"Allow","Principal":"*","Action":["imagebuilder:GetImage","imagebuilder:ListImages"],"Resource":"` + image +
		`","Condition":{"StringEquals":{"aws:PrincipalOrgID":"` + org.id + `"}}}`)
	if got := owner.policies(image)[0]; got != want {
		t.Errorf("policy\n got %s\nwant %s", got, want)
	}
	for _, c := range []client{guest, apart} {
		ok(t, c.readImage(image))
		c.discovers(image)
		if list := c.others(); len(list) != 1 || *list[0].ResourceShareArn != arn {
			t.Errorf("%s sees %+v", c.account, list)
		}
		wantCode(t, c.disassociate(arn, nil, []string{c.account}), notPermitted)
	}
	wantCode(t, stranger.readImage(image), accessDenied)

	ok(t, owner.associate(arn, nil, []string{unit}))
	ok(t, owner.disassociate(arn, nil, []string{org.arn}))
	ok(t, guest.readImage(image))
	guest.discovers(image)
	wantCode(t, apart.readImage(image), accessDenied)
	apart.discovers()

	// Another organization and its units are reported as not found.
	strange := strings.Replace(org.arn, org.id, "o-77777mmmmm", 1)
	wantText(t, owner.associate(arn, nil, []string{strange}), unknownResource, "Organization o-77777mmmmm could not be found.")
	wantCode(t, owner.associate(arn, nil, []string{strings.Replace(org.arn, alice, bob, 1)}), unknownResource)
	wantCode(t, owner.associate(arn, nil, []string{unit[:len(unit)-1] + "z"}), unknownResource)
	foreign := stranger.share(ram.CreateResourceShareInput{})
	wantCode(t, stranger.associate(foreign, nil, []string{org.arn}), unknownResource)
	wantCode(t, stranger.associate(foreign, nil, []string{unit}), unknownResource)
}

// TestPromotionInOrganization promotes a share with a member of the organization, who
// needs no invitation.
func TestPromotionInOrganization(t *testing.T) {
	s := writtest.New(t)
	org := newOrganization(t, s)
	member := org.account("member")
	owner, guest := newClient(t, s, alice), newClient(t, s, member)
	owner.enable()
	image := owner.image("web")
	owner.putImagePolicy(image, member, "GetImage", "ListImages")
	guest.discovers()
	arn := *owner.fromPolicy().ResourceShareArn
	ok(t, owner.promote(arn))
	guest.discovers(image)
	ok(t, guest.readImage(image))
	if list := guest.invitations(); len(list) != 0 {
		t.Errorf("invitations %+v", list)
	}
}

// TestLeaveOrganization tests that an account that leaves the organization loses its
// associations and pending invitations.
func TestLeaveOrganization(t *testing.T) {
	s := writtest.New(t)
	org := newOrganization(t, s)
	member, other := org.account("member"), org.account("other")
	owner, guest, apart := newClient(t, s, alice), newClient(t, s, member), newClient(t, s, other)
	image := owner.image("web")
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{image}, Principals: []string{other}})
	invitation := *apart.invitation().ResourceShareInvitationArn
	owner.enable()
	ok(t, owner.associate(arn, nil, []string{member}))
	ok(t, guest.readImage(image))
	for _, account := range []string{member, other} {
		_, err := org.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &account})
		ok(t, err)
	}
	wantCode(t, guest.readImage(image), accessDenied)
	wantCode(t, apart.accept(invitation), invitationGone)
	if got := owner.principals(arn); got != "" {
		t.Errorf("principals %s", got)
	}
}

// TestEnableSharing tests that only the management account can enable sharing.
func TestEnableSharing(t *testing.T) {
	s := writtest.New(t)
	const text = "Unable to enable sharing with AWS Organizations. Received AccessDeniedException from AWSOrganizations with the following error message: " +
		"You don't have permissions to access this resource."
	owner := newClient(t, s, alice)
	enable := func(c client) error {
		_, err := c.EnableSharingWithAwsOrganization(ctx, &ram.EnableSharingWithAwsOrganizationInput{})
		return err
	}
	wantText(t, enable(owner), notPermitted, text)
	org := newOrganization(t, s)
	wantText(t, enable(newClient(t, s, org.account("member"))), notPermitted, text)
	for range 2 {
		ok(t, enable(owner))
	}
	role, err := iam.NewFromConfig(s.Config(alice)).GetRole(ctx, &iam.GetRoleInput{RoleName: new("AWSServiceRoleForResourceAccessManager")})
	ok(t, err)
	if *role.Role.Path != "/aws-service-role/ram.amazonaws.com/" {
		t.Errorf("role %+v", role.Role)
	}
	trusted, err := org.ListAWSServiceAccessForOrganization(ctx, &organizations.ListAWSServiceAccessForOrganizationInput{})
	ok(t, err)
	if len(trusted.EnabledServicePrincipals) != 1 || *trusted.EnabledServicePrincipals[0].ServicePrincipal != "ram.amazonaws.com" {
		t.Errorf("trusted services %+v", trusted.EnabledServicePrincipals)
	}
}
