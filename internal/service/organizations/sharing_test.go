package organizations_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	ibtypes "github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ/writtest"
)

// shared makes a component of an account and a share of it, both of one name.
func shared(t *testing.T, s *writtest.Server, account, name string, principals ...string) string {
	t.Helper()
	made, err := imagebuilder.NewFromConfig(s.Config(account)).CreateComponent(ctx, &imagebuilder.CreateComponentInput{
		Name: &name, SemanticVersion: aws.String("1.0.0"), Platform: ibtypes.PlatformLinux, Uri: aws.String("s3://bucket/agent.yml"),
	})
	ok(t, err)
	_, err = ram.NewFromConfig(s.Config(account)).CreateResourceShare(ctx, &ram.CreateResourceShareInput{
		Name: &name, ResourceArns: []string{*made.ComponentBuildVersionArn}, Principals: principals,
	})
	ok(t, err)
	return *made.ComponentBuildVersionArn
}

// reads reports whether an account can read a component, and whether it finds
// any by asking what is shared with it: both or neither.
func reads(t *testing.T, s *writtest.Server, account, component string) bool {
	t.Helper()
	c := imagebuilder.NewFromConfig(s.Config(account))
	_, err := c.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: &component})
	if err != nil {
		wantCode(t, err, "AccessDeniedException")
	}
	list, listErr := c.ListComponents(ctx, &imagebuilder.ListComponentsInput{Owner: ibtypes.OwnershipShared})
	ok(t, listErr)
	found := false
	for _, v := range list.ComponentVersionList {
		found = found || *v.Arn+"/1" == component
	}
	if found != (err == nil) {
		t.Errorf("%s reads %s: %v; finds it: %t", account, component, err, found)
	}
	return err == nil
}

// TestSharingFollowsTheTree shares with an organization, a unit and an account:
// who comes in reads at once, who goes does not, whichever way.
func TestSharingFollowsTheTree(t *testing.T) {
	for name, leave := range map[string]func(w world) error{
		"leaves": func(w world) error {
			_, err := w.bob.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
			return err
		},
		"is removed": func(w world) error {
			_, err := w.boss.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: aws.String(bob)})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			org, err := w.boss.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
			ok(t, err)
			unit := func(id string) string {
				out, err := w.boss.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &id})
				ok(t, err)
				return *out.OrganizationalUnit.Arn
			}
			_, err = ram.NewFromConfig(w.s.Config(boss)).EnableSharingWithAwsOrganization(ctx, &ram.EnableSharingWithAwsOrganizationInput{})
			ok(t, err)
			var components []string
			for who, principal := range map[string]string{"all": *org.Organization.Arn, "outer": unit(w.outer), "inner": unit(w.inner), "account": bob} {
				component := shared(t, w.s, boss, who, principal)
				if !reads(t, w.s, bob, component) || reads(t, w.s, carol, component) {
					t.Errorf("shared with %s", who)
				}
				w.boss.move(bob, w.inner, w.root)
				if got, want := reads(t, w.s, bob, component), who == "all" || who == "account"; got != want {
					t.Errorf("shared with %s, in the root: %t", who, got)
				}
				w.boss.move(bob, w.root, w.outer)
				if got, want := reads(t, w.s, bob, component), who != "inner"; got != want {
					t.Errorf("shared with %s, in the outer unit: %t", who, got)
				}
				w.boss.move(bob, w.outer, w.inner)
				components = append(components, component)
			}
			his := shared(t, w.s, bob, "his", *org.Organization.Arn, boss)
			if !reads(t, w.s, boss, his) {
				t.Error("boss does not read what bob shares")
			}
			ok(t, leave(w))
			for _, component := range components {
				if reads(t, w.s, bob, component) {
					t.Errorf("outside, bob reads %s", component)
				}
			}
			if reads(t, w.s, boss, his) {
				t.Error("boss reads what bob has taken with him")
			}
			w.bob.accept(w.boss.invite(bob))
			if reads(t, w.s, boss, his) {
				t.Error("what bob shared with his organization is shared again, which nobody asked for")
			}
		})
	}
}

// TestDisableServiceOfRAM ends sharing without invitations.
func TestDisableServiceOfRAM(t *testing.T) {
	w := newWorld(t)
	_, err := ram.NewFromConfig(w.s.Config(boss)).EnableSharingWithAwsOrganization(ctx, &ram.EnableSharingWithAwsOrganizationInput{})
	ok(t, err)
	_, err = w.boss.DisableAWSServiceAccess(ctx, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: aws.String("ram.amazonaws.com")})
	ok(t, err)
	if reads(t, w.s, bob, shared(t, w.s, boss, "agent", bob)) {
		t.Error("bob is not asked")
	}
	out, err := ram.NewFromConfig(w.s.Config(bob)).GetResourceShareInvitations(ctx, &ram.GetResourceShareInvitationsInput{})
	ok(t, err)
	if len(out.ResourceShareInvitations) != 1 || out.ResourceShareInvitations[0].Status != ramtypes.ResourceShareInvitationStatusPending {
		t.Errorf("invitations %+v", out.ResourceShareInvitations)
	}
}
