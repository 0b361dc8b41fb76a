package ram_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// TestShare shares an image with an account and checks the policy that RAM writes.
func TestShare(t *testing.T) {
	s := writtest.New(t)
	owner, guest := newClient(t, s, alice), newClient(t, s, bob)
	image := owner.image("web")
	out, err := owner.CreateResourceShare(ctx, &ram.CreateResourceShareInput{
		Name: new("web"), ResourceArns: []string{image, image}, Principals: []string{bob}, Tags: []types.Tag{{Key: new("team"), Value: new("red")}},
	})
	ok(t, err)
	share := *out.ResourceShare
	arn := *share.ResourceShareArn
	if share.FeatureSet != "" || share.Status != types.ResourceShareStatusActive || *share.OwningAccountId != alice ||
		!*share.AllowExternalPrincipals || *share.Name != "web" || len(share.Tags) != 1 || out.ClientToken != nil ||
		!strings.HasPrefix(arn, "arn:aws:ram:us-east-1:"+alice+":resource-share/") {
		t.Errorf("share %+v", share)
	}
	if retain := share.ResourceShareConfiguration; retain == nil || *retain.RetainSharingOnAccountLeaveOrganization {
		t.Errorf("configuration %+v", retain)
	}
	if list := owner.own(); len(list) != 1 || list[0].FeatureSet != types.ResourceShareFeatureSetStandard || *list[0].Tags[0].Value != "red" {
		t.Errorf("shares %+v", list)
	}
	if got := owner.policies(image); len(got) != 1 || got[0] != "{}" {
		t.Errorf("while bob is invited the policy is %q", got)
	}
	wantCode(t, guest.readImage(image), accessDenied)
	ok(t, guest.accept(*guest.invitation().ResourceShareInvitationArn))
	statement := func(actions, account string) string {
		return `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":` + actions + `,"Resource":"` + image + `"}`
	}
	const read = `["imagebuilder:GetImage","imagebuilder:ListImages"]`
	want := document(statement(read, bob))
	if got := owner.policies(image)[0]; got != want {
		t.Errorf("policy\n got %s\nwant %s", got, want)
	}
	if got := owner.imagePolicy(image); got != want {
		t.Errorf("image policy\n got %s\nwant %s", got, want)
	}
	ok(t, guest.readImage(image))
	if list := guest.others(); len(list) != 1 || list[0].Tags != nil || list[0].FeatureSet != types.ResourceShareFeatureSetStandard {
		t.Errorf("as bob sees it: %+v", list)
	}

	// A second share of the image adds its own statement.
	other := owner.share(ram.CreateResourceShareInput{Name: new("more"), ResourceArns: []string{image}, Principals: []string{carol}})
	ok(t, newClient(t, s, carol).accept(*newClient(t, s, carol).invitation().ResourceShareInvitationArn))
	got := owner.policies(image)[0]
	if got != document(statement(read, bob), statement(read, carol)) && got != document(statement(read, carol), statement(read, bob)) {
		t.Errorf("policy of two shares %s", got)
	}
	listed, err := owner.ListResources(ctx, &ram.ListResourcesInput{ResourceOwner: types.ResourceOwnerSelf})
	ok(t, err)
	if len(listed.Resources) != 2 || *listed.Resources[0].Arn != image || *listed.Resources[1].Arn != image {
		t.Errorf("resources %+v", listed.Resources)
	}
	ok(t, owner.remove(other))
	wantCode(t, newClient(t, s, carol).readImage(image), accessDenied)
	ok(t, owner.remove(arn))
	wantCode(t, guest.readImage(image), accessDenied)
	if got := owner.policies(image)[0] + owner.imagePolicy(image); got != "{}{}" {
		t.Errorf("without shares the policy is %s", got)
	}
}

// TestShareInput tests valid and invalid inputs of CreateResourceShare.
func TestShareInput(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	component := owner.component("agent")
	foreign := newClient(t, s, bob).component("agent")
	far := fromConfig(t, inRegion(s.Config(alice), "eu-west-1"), alice).component("agent")
	few := func(n int) []string {
		var list []string
		for i := range n {
			list = append(list, strconv.Itoa(100000000000+i))
		}
		return list
	}
	for _, test := range []struct {
		name string
		in   ram.CreateResourceShareInput
		code string
	}{
		{"no name", ram.CreateResourceShareInput{Name: new("")}, badParameter},
		{"a long name", ram.CreateResourceShareInput{Name: new(strings.Repeat("n", 256))}, badParameter},
		{"no ARN", ram.CreateResourceShareInput{ResourceArns: []string{"agent"}}, malformedARN},
		{"nothing that can be shared", ram.CreateResourceShareInput{ResourceArns: []string{"arn:aws:s3:::bucket"}}, malformedARN},
		{"an absent component", ram.CreateResourceShareInput{ResourceArns: []string{strings.Replace(component, "agent", "gone", 1)}}, unknownResource},
		{"another account's component", ram.CreateResourceShareInput{ResourceArns: []string{foreign}}, unknownResource},
		{"another region's component", ram.CreateResourceShareInput{ResourceArns: []string{far}}, unknownResource},
		{"an absent permission", ram.CreateResourceShareInput{PermissionArns: []string{permissionARN("gone")}}, unknownResource},
		{"two permissions of a type", ram.CreateResourceShareInput{PermissionArns: []string{defaultComponent, defaultComponent}}, badParameter},
		{"101 principals", ram.CreateResourceShareInput{Principals: few(101)}, badParameter},
		{"a source that is no account", ram.CreateResourceShareInput{Sources: []string{"o-abcdefghij"}}, badParameter},
		{"a reserved tag", ram.CreateResourceShareInput{Tags: []types.Tag{{Key: new("aws:x"), Value: new("")}}}, badParameter},
		{"an empty client token", ram.CreateResourceShareInput{ClientToken: new("")}, "InvalidClientTokenException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.in.Name == nil {
				test.in.Name = new("web")
			}
			_, err := owner.CreateResourceShare(ctx, &test.in)
			if wantCode(t, err, test.code) == "" {
				t.Error("no message")
			}
		})
	}
	if list := owner.own(); len(list) != 0 {
		t.Errorf("refused calls left %+v", list)
	}
	_, err := owner.CreateResourceShare(ctx, &ram.CreateResourceShareInput{Name: new("web"), ResourceArns: []string{"inalid-arn"}})
	wantText(t, err, malformedARN, "The specified resource ARN inalid-arn is not valid. Verify the ARN and try again.")
}

// TestClientToken repeats requests with client tokens.
func TestClientToken(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	create := func(name string) (*ram.CreateResourceShareOutput, error) {
		return c.CreateResourceShare(ctx, &ram.CreateResourceShareInput{Name: &name, ClientToken: new("once")})
	}
	first, err := create("web")
	ok(t, err)
	again, err := create("web")
	ok(t, err)
	if *again.ResourceShare.ResourceShareArn != *first.ResourceShare.ResourceShareArn || *again.ClientToken != "once" || len(c.own()) != 1 {
		t.Errorf("repeated: %+v", again)
	}
	_, err = create("other")
	wantCode(t, err, "IdempotentParameterMismatchException")
	for range 2 {
		out, err := c.DeleteResourceShare(ctx, &ram.DeleteResourceShareInput{ResourceShareArn: first.ResourceShare.ResourceShareArn, ClientToken: new("end")})
		ok(t, err)
		if !*out.ReturnValue || *out.ClientToken != "end" {
			t.Errorf("deleted: %+v", out)
		}
	}
}

// TestUpdateShare updates a share. Only its owner can.
func TestUpdateShare(t *testing.T) {
	s, at := serveAt(t, writ.Config{})
	owner := at.client(t, s, alice)
	arn := owner.share(ram.CreateResourceShareInput{Principals: []string{bob}})
	update := func(c client, arn, name string, external *bool) error {
		in := &ram.UpdateResourceShareInput{ResourceShareArn: &arn, AllowExternalPrincipals: external}
		if name != "" {
			in.Name = &name
		}
		out, err := c.UpdateResourceShare(ctx, in)
		if err == nil && out.ResourceShare.FeatureSet != "" {
			t.Errorf("update tells the feature set: %+v", out.ResourceShare)
		}
		return err
	}
	at.now = at.now.Add(time.Minute)
	ok(t, update(owner, arn, "site", nil))
	share := owner.own()[0]
	if *share.Name != "site" || share.LastUpdatedTime.Sub(*share.CreationTime) != time.Minute {
		t.Errorf("share %+v", share)
	}
	wantCode(t, update(owner, arn, "", new(false)), badParameter) // bob is outside
	ok(t, owner.disassociate(arn, nil, []string{bob}))
	ok(t, update(owner, arn, "", new(false)))
	wantText(t, owner.associate(arn, nil, []string{bob}), badParameter,
		"Principal "+bob+" is not in your AWS organization. You do not have permission to add external AWS accounts to a resource share.")
	wantText(t, update(at.client(t, s, bob), arn, "x", nil), unknownResource, "ResourceShare "+arn+" could not be found.")
	gone := strings.Replace(arn, "resource-share/", "resource-share/0", 1)
	wantText(t, update(owner, gone, "x", nil), unknownResource, "ResourceShare "+gone+" could not be found.")
	wantText(t, update(owner, "web", "x", nil), malformedARN, "The specified resource share ARN is not valid. Verify the ARN and try again.")
}

// TestDeletedShare tests that the owner can see a deleted share for two hours.
func TestDeletedShare(t *testing.T) {
	s, at := serveAt(t, writ.Config{})
	owner, guest := at.client(t, s, alice), at.client(t, s, bob)
	component := owner.component("agent")
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{component}, Principals: []string{bob, carol}})
	ok(t, guest.accept(*guest.invitation().ResourceShareInvitationArn))
	ok(t, owner.remove(arn))

	see := func() (shares, associations int) {
		t.Helper()
		for _, share := range owner.own() {
			if *share.ResourceShareArn != arn {
				continue
			}
			if share.Status != types.ResourceShareStatusDeleted {
				t.Errorf("share %s", share.Status)
			}
			shares++
		}
		for _, typ := range []types.ResourceShareAssociationType{types.ResourceShareAssociationTypePrincipal, types.ResourceShareAssociationTypeResource} {
			for _, a := range owner.associations(ram.GetResourceShareAssociationsInput{AssociationType: typ}) {
				if a.Status != types.ResourceShareAssociationStatusDisassociated {
					t.Errorf("association of %s %s", *a.AssociatedEntity, a.Status)
				}
				associations++
			}
		}
		return shares, associations
	}
	if shares, associations := see(); shares != 1 || associations != 3 {
		t.Errorf("the owner sees %d shares and %d associations", shares, associations)
	}
	if len(guest.others()) != 0 {
		t.Error("others see it, too")
	}
	if list := at.client(t, s, carol).invitations(); len(list) != 0 {
		t.Errorf("an invitation to it is there: %+v", list)
	}
	wantCode(t, owner.remove(arn), unknownResource)
	wantCode(t, owner.associate(arn, nil, []string{bob}), unknownResource)
	listed, err := owner.ListResources(ctx, &ram.ListResourcesInput{ResourceOwner: types.ResourceOwnerSelf})
	ok(t, err)
	principals, err := owner.ListPrincipals(ctx, &ram.ListPrincipalsInput{ResourceOwner: types.ResourceOwnerSelf})
	ok(t, err)
	if n := len(listed.Resources) + len(principals.Principals); n != 0 {
		t.Errorf("%d resources and principals are listed", n)
	}

	at.now = at.now.Add(2*time.Hour - time.Millisecond)
	owner.share(ram.CreateResourceShareInput{}) // which drops what is gone
	if shares, associations := see(); shares != 1 || associations != 3 {
		t.Errorf("before two hours the owner sees %d shares and %d associations", shares, associations)
	}
	at.now = at.now.Add(time.Millisecond)
	for range 2 { // before and after the rows are dropped
		if shares, associations := see(); shares+associations != 0 {
			t.Errorf("after two hours the owner sees %d shares and %d associations", shares, associations)
		}
		_, err := owner.GetResourceShares(ctx, &ram.GetResourceSharesInput{ResourceOwner: types.ResourceOwnerSelf, ResourceShareArns: []string{arn}})
		wantCode(t, err, unknownResource)
		owner.share(ram.CreateResourceShareInput{})
	}
}

// TestGetShares tests each filter.
func TestGetShares(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	red := owner.share(ram.CreateResourceShareInput{Name: new("red"), Tags: []types.Tag{{Key: new("team"), Value: new("red")}}, PermissionArns: []string{defaultComponent}})
	blue := owner.share(ram.CreateResourceShareInput{Name: new("blue"), Tags: []types.Tag{{Key: new("team"), Value: new("blue")}, {Key: new("stage"), Value: new("test")}}, PermissionArns: []string{defaultImage}})
	plain := owner.share(ram.CreateResourceShareInput{Name: new("plain")})
	gone := owner.share(ram.CreateResourceShareInput{Name: new("gone")})
	ok(t, owner.remove(gone))
	name := map[string]string{red: "red", blue: "blue", plain: "plain", gone: "gone"}
	filter := func(key string, values ...string) []types.TagFilter {
		return []types.TagFilter{{TagKey: &key, TagValues: values}}
	}
	for _, test := range []struct {
		in   ram.GetResourceSharesInput
		want []string
	}{
		{ram.GetResourceSharesInput{}, []string{"red", "blue", "plain", "gone"}},
		{ram.GetResourceSharesInput{MaxResults: new(int32(1))}, []string{"red", "blue", "plain", "gone"}},
		{ram.GetResourceSharesInput{ResourceShareStatus: types.ResourceShareStatusActive, MaxResults: new(int32(2))}, []string{"red", "blue", "plain"}},
		{ram.GetResourceSharesInput{ResourceShareStatus: types.ResourceShareStatusDeleted}, []string{"gone"}},
		{ram.GetResourceSharesInput{Name: new("red")}, []string{"red"}},
		{ram.GetResourceSharesInput{Name: new("RED")}, nil},
		{ram.GetResourceSharesInput{TagFilters: filter("team")}, []string{"red", "blue"}},
		{ram.GetResourceSharesInput{TagFilters: filter("team", "blue", "green")}, []string{"blue"}},
		{ram.GetResourceSharesInput{TagFilters: append(filter("team"), filter("stage", "test")...)}, []string{"blue"}},
		{ram.GetResourceSharesInput{TagFilters: filter("Team")}, nil},
		{ram.GetResourceSharesInput{PermissionArn: new(defaultComponent)}, []string{"red"}},
		{ram.GetResourceSharesInput{PermissionArn: new(defaultComponent), PermissionVersion: new(int32(1))}, []string{"red"}},
		{ram.GetResourceSharesInput{PermissionArn: new(defaultComponent), PermissionVersion: new(int32(2))}, nil},
		{ram.GetResourceSharesInput{ResourceShareArns: []string{plain, blue, plain}, MaxResults: new(int32(1))}, []string{"plain", "blue"}},
		{ram.GetResourceSharesInput{ResourceShareArns: []string{plain}, Name: new("red")}, nil},
		{ram.GetResourceSharesInput{ResourceOwner: types.ResourceOwnerOtherAccounts}, nil},
	} {
		if test.in.ResourceOwner == "" {
			test.in.ResourceOwner = types.ResourceOwnerSelf
		}
		got := map[string]int{}
		list := owner.shares(test.in)
		for _, share := range list {
			got[name[*share.ResourceShareArn]]++
		}
		for _, want := range test.want {
			if got[want] != 1 {
				t.Errorf("%+v: %s is listed %d times", test.in, want, got[want])
			}
		}
		if len(list) != len(test.want) {
			t.Errorf("%+v: %v, want %v", test.in, got, test.want)
		}
	}
	for _, test := range []struct {
		in   ram.GetResourceSharesInput
		code string
	}{
		{ram.GetResourceSharesInput{ResourceOwner: "invalid"}, badParameter},
		{ram.GetResourceSharesInput{PermissionVersion: new(int32(1))}, badParameter},
		{ram.GetResourceSharesInput{PermissionArn: new(permissionARN("gone"))}, unknownResource},
		{ram.GetResourceSharesInput{ResourceShareArns: []string{"web"}}, malformedARN},
		{ram.GetResourceSharesInput{ResourceShareArns: []string{red + "0"}}, unknownResource},
		{ram.GetResourceSharesInput{ResourceShareArns: []string{red}, ResourceOwner: types.ResourceOwnerOtherAccounts}, unknownResource},
		{ram.GetResourceSharesInput{MaxResults: new(int32(0))}, badParameter},
		{ram.GetResourceSharesInput{MaxResults: new(int32(501))}, badParameter},
		{ram.GetResourceSharesInput{NextToken: new("next")}, "InvalidNextTokenException"},
	} {
		if test.in.ResourceOwner == "" {
			test.in.ResourceOwner = types.ResourceOwnerSelf
		}
		_, err := owner.GetResourceShares(ctx, &test.in)
		wantCode(t, err, test.code)
	}
	_, err := owner.GetResourceShares(ctx, &ram.GetResourceSharesInput{ResourceOwner: "invalid"})
	wantText(t, err, badParameter, "invalid is not a valid resource owner. Specify either SELF or OTHER-ACCOUNTS and try again.")
	_, err = newClient(t, s, bob).GetResourceShares(ctx, &ram.GetResourceSharesInput{ResourceOwner: types.ResourceOwnerSelf, ResourceShareArns: []string{red}})
	wantCode(t, err, unknownResource)
}
