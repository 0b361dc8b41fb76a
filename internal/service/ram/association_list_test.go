package ram_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ/writtest"
)

// fixture is the state that the tests of lists read: alice shares an image with bob
// and carol, and a component with bob; carol shares a component with bob.
type fixture struct {
	owner, guest, stranger client
	image, component, lent string
	wide, narrow, carols   string // shares
}

func newFixture(t *testing.T) fixture {
	s := writtest.New(t)
	g := fixture{owner: newClient(t, s, alice), guest: newClient(t, s, bob), stranger: newClient(t, s, carol)}
	g.image, g.component, g.lent = g.owner.image("web"), g.owner.component("agent"), g.stranger.component("lent")
	g.wide = g.owner.share(ram.CreateResourceShareInput{Name: new("wide"), ResourceArns: []string{g.image}, Principals: []string{bob, carol}})
	g.narrow = g.owner.share(ram.CreateResourceShareInput{Name: new("narrow"), ResourceArns: []string{g.component, g.image}, Principals: []string{bob}})
	g.carols = g.stranger.share(ram.CreateResourceShareInput{Name: new("carol's"), ResourceArns: []string{g.lent}, Principals: []string{bob}})
	for _, c := range []client{g.guest, g.stranger} {
		for _, i := range c.invitations() {
			ok(t, c.accept(*i.ResourceShareInvitationArn))
		}
	}
	return g
}

// withNames replaces ARNs by names and sorts the list.
func withNames(g fixture, list []string) string {
	names := strings.NewReplacer(g.image, "image", g.component, "component", g.lent, "lent",
		g.wide, "wide", g.narrow, "narrow", g.carols, "carols", alice, "alice", bob, "bob", carol, "carol")
	for i, text := range list {
		list[i] = names.Replace(text)
	}
	return fmt.Sprint(sorted(list))
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// TestListResources tests each filter, with one page and with many.
func TestListResources(t *testing.T) {
	g := newFixture(t)
	self, others := types.ResourceOwnerSelf, types.ResourceOwnerOtherAccounts
	for _, test := range []struct {
		c    client
		in   ram.ListResourcesInput
		want []string
	}{
		{g.owner, ram.ListResourcesInput{ResourceOwner: self}, []string{"wide image", "narrow component", "narrow image"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: others}, nil},
		{g.guest, ram.ListResourcesInput{ResourceOwner: self}, nil},
		{g.guest, ram.ListResourcesInput{ResourceOwner: others}, []string{"wide image", "narrow component", "narrow image", "carols lent"}},
		{g.stranger, ram.ListResourcesInput{ResourceOwner: others}, []string{"wide image"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, Principal: new(carol)}, []string{"wide image"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, Principal: new("999999999999")}, nil},
		{g.guest, ram.ListResourcesInput{ResourceOwner: others, Principal: new(bob), ResourceShareArns: []string{g.wide}}, []string{"wide image"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, ResourceType: new("imagebuilder:Component")}, []string{"narrow component"}},
		{g.guest, ram.ListResourcesInput{ResourceOwner: others, ResourceType: new("imagebuilder:component")}, []string{"narrow component", "carols lent"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, ResourceArns: []string{g.image, g.lent}}, []string{"wide image", "narrow image"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, ResourceArns: []string{g.image, g.component}}, []string{"wide image", "narrow component", "narrow image"}},
		{g.guest, ram.ListResourcesInput{ResourceOwner: others, ResourceArns: []string{g.image, g.lent}}, []string{"wide image", "narrow image", "carols lent"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, ResourceShareArns: []string{g.narrow}}, []string{"narrow component", "narrow image"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, ResourceShareArns: []string{g.narrow, g.wide}, ResourceArns: []string{g.image}}, []string{"wide image", "narrow image"}},
		{g.guest, ram.ListResourcesInput{ResourceOwner: others, ResourceShareArns: []string{g.carols}}, []string{"carols lent"}},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, ResourceRegionScope: types.ResourceRegionScopeFilterGlobal}, nil},
		{g.owner, ram.ListResourcesInput{ResourceOwner: self, ResourceRegionScope: types.ResourceRegionScopeFilterRegional, ResourceShareArns: []string{g.wide}}, []string{"wide image"}},
	} {
		for _, size := range []int32{1, 2, 500} {
			in := test.in
			in.MaxResults = &size
			var got []string
			for p := ram.NewListResourcesPaginator(test.c, &in); p.HasMorePages(); {
				page, err := p.NextPage(ctx)
				ok(t, err)
				for _, r := range page.Resources {
					if r.Status != types.ResourceStatusAvailable || r.ResourceRegionScope != types.ResourceRegionScopeRegional || !strings.HasPrefix(*r.Type, "imagebuilder:") {
						t.Errorf("resource %+v", r)
					}
					got = append(got, *r.ResourceShareArn+" "+*r.Arn)
				}
			}
			if want := fmt.Sprint(sorted(slices.Clone(test.want))); withNames(g, got) != want {
				t.Errorf("%s %+v, %d a page:\n got %s\nwant %s", test.c.account, test.in, size, withNames(g, got), want)
			}
		}
	}
	for _, test := range []struct {
		in   ram.ListResourcesInput
		code string
	}{
		{ram.ListResourcesInput{ResourceType: new("s3:Bucket")}, badParameter},
		{ram.ListResourcesInput{ResourceArns: []string{"image"}}, malformedARN},
		{ram.ListResourcesInput{ResourceShareArns: []string{"share"}}, malformedARN},
		{ram.ListResourcesInput{ResourceShareArns: []string{g.carols}}, unknownResource},
		{ram.ListResourcesInput{ResourceRegionScope: "ZONAL"}, badParameter},
		{ram.ListResourcesInput{NextToken: new("x")}, "InvalidNextTokenException"},
	} {
		test.in.ResourceOwner = self
		_, err := g.owner.ListResources(ctx, &test.in)
		wantCode(t, err, test.code)
	}
}

// TestListPrincipals tests each filter.
func TestListPrincipals(t *testing.T) {
	g := newFixture(t)
	self, others := types.ResourceOwnerSelf, types.ResourceOwnerOtherAccounts
	for _, test := range []struct {
		c    client
		in   ram.ListPrincipalsInput
		want []string
	}{
		{g.owner, ram.ListPrincipalsInput{ResourceOwner: self}, []string{"wide bob", "wide carol", "narrow bob"}},
		{g.owner, ram.ListPrincipalsInput{ResourceOwner: others}, nil},
		{g.guest, ram.ListPrincipalsInput{ResourceOwner: others}, []string{"wide alice", "narrow alice", "carols carol"}},
		{g.owner, ram.ListPrincipalsInput{ResourceOwner: self, Principals: []string{bob}}, []string{"wide bob", "narrow bob"}},
		{g.guest, ram.ListPrincipalsInput{ResourceOwner: others, Principals: []string{carol, bob}}, []string{"carols carol"}},
		{g.owner, ram.ListPrincipalsInput{ResourceOwner: self, ResourceArn: &g.component}, []string{"narrow bob"}},
		{g.guest, ram.ListPrincipalsInput{ResourceOwner: others, ResourceArn: &g.component}, []string{"narrow alice"}},
		{g.owner, ram.ListPrincipalsInput{ResourceOwner: self, ResourceArn: &g.component, ResourceType: new("imagebuilder:Image")}, nil},
		{g.owner, ram.ListPrincipalsInput{ResourceOwner: self, ResourceType: new("imagebuilder:Component")}, []string{"narrow bob"}},
		{g.guest, ram.ListPrincipalsInput{ResourceOwner: others, ResourceType: new("imagebuilder:Component")}, []string{"narrow alice", "carols carol"}},
		{g.owner, ram.ListPrincipalsInput{ResourceOwner: self, ResourceShareArns: []string{g.wide}}, []string{"wide bob", "wide carol"}},
		{g.guest, ram.ListPrincipalsInput{ResourceOwner: others, ResourceShareArns: []string{g.wide}}, []string{"wide alice"}},
	} {
		for _, size := range []int32{1, 2, 500} {
			in := test.in
			in.MaxResults = &size
			var got []string
			for p := ram.NewListPrincipalsPaginator(test.c, &in); p.HasMorePages(); {
				page, err := p.NextPage(ctx)
				ok(t, err)
				for _, r := range page.Principals {
					if !*r.External {
						t.Errorf("principal %+v", r)
					}
					got = append(got, *r.ResourceShareArn+" "+*r.Id)
				}
			}
			if want := fmt.Sprint(sorted(slices.Clone(test.want))); withNames(g, got) != want {
				t.Errorf("%s %+v, %d a page:\n got %s\nwant %s", test.c.account, test.in, size, withNames(g, got), want)
			}
		}
	}
	for _, test := range []struct {
		in   ram.ListPrincipalsInput
		code string
	}{
		{ram.ListPrincipalsInput{ResourceType: new("s3:Bucket")}, badParameter},
		{ram.ListPrincipalsInput{ResourceArn: new("image")}, malformedARN},
		{ram.ListPrincipalsInput{ResourceShareArns: []string{g.carols}}, unknownResource},
	} {
		test.in.ResourceOwner = self
		_, err := g.owner.ListPrincipals(ctx, &test.in)
		wantCode(t, err, test.code)
	}
}

// TestGetAssociations tests each filter. Only the owner sees associations.
func TestGetAssociations(t *testing.T) {
	g := newFixture(t)
	principal, resource := types.ResourceShareAssociationTypePrincipal, types.ResourceShareAssociationTypeResource
	for _, test := range []struct {
		c    client
		in   ram.GetResourceShareAssociationsInput
		want []string
	}{
		{g.owner, ram.GetResourceShareAssociationsInput{AssociationType: principal}, []string{"wide bob", "wide carol", "narrow bob"}},
		{g.owner, ram.GetResourceShareAssociationsInput{AssociationType: resource}, []string{"wide image", "narrow component", "narrow image"}},
		{g.guest, ram.GetResourceShareAssociationsInput{AssociationType: principal}, nil},
		{g.guest, ram.GetResourceShareAssociationsInput{AssociationType: principal, Principal: new(bob)}, nil},
		{g.guest, ram.GetResourceShareAssociationsInput{AssociationType: resource, ResourceArn: &g.image}, nil},
		{g.owner, ram.GetResourceShareAssociationsInput{AssociationType: principal, Principal: new(bob)}, []string{"wide bob", "narrow bob"}},
		{g.owner, ram.GetResourceShareAssociationsInput{AssociationType: resource, ResourceArn: &g.image}, []string{"wide image", "narrow image"}},
		{g.owner, ram.GetResourceShareAssociationsInput{AssociationType: resource, ResourceArn: &g.image, ResourceShareArns: []string{g.wide}}, []string{"wide image"}},
		{g.owner, ram.GetResourceShareAssociationsInput{AssociationType: resource, ResourceShareArns: []string{g.narrow, g.wide}}, []string{"wide image", "narrow component", "narrow image"}},
		{g.owner, ram.GetResourceShareAssociationsInput{AssociationType: principal, AssociationStatus: types.ResourceShareAssociationStatusAssociated}, []string{"wide bob", "wide carol", "narrow bob"}},
		{g.owner, ram.GetResourceShareAssociationsInput{AssociationType: principal, AssociationStatus: types.ResourceShareAssociationStatusAssociating}, nil},
	} {
		for _, size := range []int32{1, 2, 500} {
			in := test.in
			in.MaxResults = &size
			var got []string
			for _, a := range test.c.associations(in) {
				got = append(got, *a.ResourceShareArn+" "+*a.AssociatedEntity)
			}
			if want := fmt.Sprint(sorted(slices.Clone(test.want))); withNames(g, got) != want {
				t.Errorf("%s %+v, %d a page:\n got %s\nwant %s", test.c.account, test.in, size, withNames(g, got), want)
			}
		}
	}
	for _, test := range []struct {
		in         ram.GetResourceShareAssociationsInput
		code, text string
	}{
		{ram.GetResourceShareAssociationsInput{AssociationType: "X"}, badParameter, "X is not a valid association type. Specify either PRINCIPAL or RESOURCE and try again."},
		{ram.GetResourceShareAssociationsInput{AssociationType: principal, AssociationStatus: "X"}, badParameter, "X is not a valid association status."},
		{ram.GetResourceShareAssociationsInput{AssociationType: principal, ResourceArn: &g.image}, badParameter, "You cannot specify a resource ARN when the association type is PRINCIPAL."},
		{ram.GetResourceShareAssociationsInput{AssociationType: resource, Principal: new(bob)}, badParameter, "You cannot specify a principal when the association type is RESOURCE."},
		{ram.GetResourceShareAssociationsInput{AssociationType: resource, ResourceArn: new("image")}, malformedARN, "The specified resource ARN image is not valid. Verify the ARN and try again."},
		{ram.GetResourceShareAssociationsInput{AssociationType: resource, ResourceShareArns: []string{g.carols}}, unknownResource, "ResourceShare " + g.carols + " could not be found."},
	} {
		_, err := g.owner.GetResourceShareAssociations(ctx, &test.in)
		wantText(t, err, test.code, test.text)
	}
}
