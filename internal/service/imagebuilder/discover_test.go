package imagebuilder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"
	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// listShared lists what other accounts share with the client's, of one of the
// four types: what the list shows of each.
func (c client) listShared(resource string) []string {
	c.t.Helper()
	list := []string{}
	owner := types.OwnershipShared
	switch resource {
	case "Image":
		out, err := c.ListImages(ctx, &imagebuilder.ListImagesInput{Owner: owner})
		ok(c.t, err)
		for _, v := range out.ImageVersionList {
			list = append(list, *v.Arn)
		}
	case "Component":
		out, err := c.ListComponents(ctx, &imagebuilder.ListComponentsInput{Owner: owner})
		ok(c.t, err)
		for _, v := range out.ComponentVersionList {
			list = append(list, *v.Arn)
		}
	case "ImageRecipe":
		out, err := c.ListImageRecipes(ctx, &imagebuilder.ListImageRecipesInput{Owner: owner})
		ok(c.t, err)
		for _, v := range out.ImageRecipeSummaryList {
			list = append(list, *v.Arn)
		}
	case "ContainerRecipe":
		out, err := c.ListContainerRecipes(ctx, &imagebuilder.ListContainerRecipesInput{Owner: owner})
		ok(c.t, err)
		for _, v := range out.ContainerRecipeSummaryList {
			list = append(list, *v.Arn)
		}
	}
	return list
}

// accept accepts all invitations that an account has.
func accept(t *testing.T, c *ram.Client) {
	t.Helper()
	out, err := c.GetResourceShareInvitations(ctx, &ram.GetResourceShareInvitationsInput{})
	ok(t, err)
	for _, invitation := range out.ResourceShareInvitations {
		if invitation.Status != ramtypes.ResourceShareInvitationStatusPending {
			continue
		}
		_, err := c.AcceptResourceShareInvitation(ctx, &ram.AcceptResourceShareInvitationInput{ResourceShareInvitationArn: invitation.ResourceShareInvitationArn})
		ok(t, err)
	}
}

// TestDiscover tells for each of the four types when bob sees in a list what
// alice shares with him: not by the policy, but once its share is promoted and
// bob has accepted; and no longer than that.
func TestDiscover(t *testing.T) {
	for _, r := range shareables {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := writtest.New(t)
			owner, user := newClient(t, s, alice), newClient(t, s, bob)
			shares, guest := ram.NewFromConfig(s.Config(alice)), ram.NewFromConfig(s.Config(bob))
			arn := r.make(owner, "web")
			version := arn
			if r.name == "Image" || r.name == "Component" {
				version = strings.TrimSuffix(arn, "/1")
			}
			sees := func(when string, want ...string) {
				t.Helper()
				if diff := cmp.Diff(append([]string{}, want...), user.listShared(r.name)); diff != "" {
					t.Errorf("%s, bob lists (-want +got):\n%s", when, diff)
				}
				if list := newClient(t, s, carol).listShared(r.name); len(list) > 0 {
					t.Errorf("%s, carol lists %s", when, list)
				}
			}

			_, _, err := r.put(owner, arn, canonical(arn, bob, r.actions...))
			ok(t, err)
			ok(t, r.read(user, arn))
			sees("with a policy")

			made, err := shares.GetResourceShares(ctx, &ram.GetResourceSharesInput{ResourceOwner: ramtypes.ResourceOwnerSelf})
			ok(t, err)
			if len(made.ResourceShares) != 1 || made.ResourceShares[0].FeatureSet != ramtypes.ResourceShareFeatureSetCreatedFromPolicy {
				t.Fatalf("shares %+v", made.ResourceShares)
			}
			share := made.ResourceShares[0].ResourceShareArn
			_, err = shares.PromoteResourceShareCreatedFromPolicy(ctx, &ram.PromoteResourceShareCreatedFromPolicyInput{ResourceShareArn: share})
			ok(t, err)
			sees("promoted")
			ok(t, r.read(user, arn))
			accept(t, guest)
			sees("accepted", version)
			unread := as(t, s, bob, "eve", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"imagebuilder:List*","Resource":"*"}}`)
			if list := unread.listShared(r.name); len(list) > 0 {
				t.Errorf("who may not read it lists %s", list)
			}

			document, _, err := r.get(owner, arn)
			ok(t, err)
			want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + bob + `:root"},"Action":["imagebuilder:` +
				strings.Join(r.actions, `","imagebuilder:`) + `"],"Resource":"` + arn + `"}]}`
			if diff := cmp.Diff(want, *document); diff != "" {
				t.Errorf("the policy (-want +got):\n%s", diff)
			}
			wantCode(t, r.remove(owner, arn), "ResourceDependencyException")

			_, err = shares.DisassociateResourceShare(ctx, &ram.DisassociateResourceShareInput{ResourceShareArn: share, ResourceArns: []string{arn}})
			ok(t, err)
			sees("disassociated")
			wantCode(t, r.read(user, arn), "AccessDeniedException")
			document, _, err = r.get(owner, arn)
			ok(t, err)
			if *document != "{}" {
				t.Errorf("nothing is left of it but %s", *document)
			}

			// What a share made and what a policy says stand beside each other.
			_, err = shares.AssociateResourceShare(ctx, &ram.AssociateResourceShareInput{ResourceShareArn: share, ResourceArns: []string{arn}})
			ok(t, err)
			_, _, err = r.put(owner, arn, canonical(arn, carol, r.actions...))
			ok(t, err)
			sees("with a policy for carol", version)
			ok(t, r.read(newClient(t, s, carol), arn))
			document, _, err = r.get(owner, arn)
			ok(t, err)
			if !strings.Contains(*document, bob) || !strings.Contains(*document, carol) {
				t.Errorf("the union is %s", *document)
			}

			// A share that reaches nobody does not keep its resource.
			_, err = shares.DisassociateResourceShare(ctx, &ram.DisassociateResourceShareInput{ResourceShareArn: share, Principals: []string{bob}})
			ok(t, err)
			_, _, err = r.put(owner, arn, canonical(arn, alice, r.actions...))
			ok(t, err)
			ok(t, r.remove(owner, arn))
			left, err := shares.GetResourceShareAssociations(ctx, &ram.GetResourceShareAssociationsInput{AssociationType: ramtypes.ResourceShareAssociationTypeResource})
			ok(t, err)
			if len(left.ResourceShareAssociations) > 0 {
				t.Errorf("in shares still: %+v", left.ResourceShareAssociations)
			}
		})
	}
}

// TestDiscoverVersions pages through shared components: of each version the
// newest build that is shared, and with byName the newest version.
func TestDiscoverVersions(t *testing.T) {
	s := writtest.New(t)
	owner, user := newClient(t, s, alice), newClient(t, s, bob)
	shares := ram.NewFromConfig(s.Config(alice))
	var builds, want []string
	for i := range 7 {
		version := fmt.Sprintf("1.0.%d", i)
		builds = append(builds, owner.component("agent", version), owner.component("agent", version))
		want = append(want, own+"component/agent/"+version)
	}
	hidden := owner.component("agent", "2.0.0") // is not shared
	builds = append(builds, owner.component("tool", "1.0.0"))
	want = append(want, own+"component/tool/1.0.0")
	_, err := shares.CreateResourceShare(ctx, &ram.CreateResourceShareInput{Name: new("all"), ResourceArns: builds, Principals: []string{bob}})
	ok(t, err)
	accept(t, ram.NewFromConfig(s.Config(bob)))

	in := &imagebuilder.ListComponentsInput{Owner: types.OwnershipShared, MaxResults: new(int32(3))}
	var got []string
	for {
		out, err := user.ListComponents(ctx, in)
		ok(t, err)
		for _, v := range out.ComponentVersionList {
			got = append(got, *v.Arn)
			if *v.Owner != alice {
				t.Errorf("owner %s", *v.Owner)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	byName, err := user.ListComponents(ctx, &imagebuilder.ListComponentsInput{Owner: types.OwnershipShared, ByName: true})
	ok(t, err)
	if got = nil; len(byName.ComponentVersionList) == 2 {
		got = []string{*byName.ComponentVersionList[0].Version, *byName.ComponentVersionList[1].Version}
	}
	if !slices.Equal(got, []string{"1.0.6", "1.0.0"}) {
		t.Errorf("by name %+v", byName.ComponentVersionList)
	}
	out, err := user.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: new(own + "component/agent/x.x.x")})
	ok(t, err)
	if newest := own + "component/agent/1.0.6/2"; *out.Component.Arn != newest {
		t.Errorf("x.x.x is %s, want %s", *out.Component.Arn, newest)
	}
	_, err = user.GetComponent(ctx, &imagebuilder.GetComponentInput{ComponentBuildVersionArn: &hidden})
	wantCode(t, err, "AccessDeniedException")
}
