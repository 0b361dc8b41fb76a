package ram_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ram/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ/writtest"
)

// TestAssociate associates entities with a share and disassociates them.
func TestAssociate(t *testing.T) {
	s := writtest.New(t)
	owner, guest := newClient(t, s, alice), newClient(t, s, bob)
	web, app := owner.image("web"), owner.image("app")
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{web}, Principals: []string{bob}})
	ok(t, guest.accept(*guest.invitation().ResourceShareInvitationArn))

	out, err := owner.AssociateResourceShare(ctx, &ram.AssociateResourceShareInput{ResourceShareArn: &arn, ResourceArns: []string{app}, ClientToken: new("add")})
	ok(t, err)
	if len(out.ResourceShareAssociations) != 1 || *out.ClientToken != "add" {
		t.Fatalf("associated %+v", out)
	}
	a := out.ResourceShareAssociations[0]
	if *a.AssociatedEntity != app || a.AssociationType != types.ResourceShareAssociationTypeResource || a.Status != types.ResourceShareAssociationStatusAssociated ||
		*a.ResourceShareArn != arn || *a.ResourceShareName != "web" || *a.External || a.CreationTime == nil || a.LastUpdatedTime == nil {
		t.Errorf("association %+v", a)
	}
	ok(t, owner.associate(arn, []string{app}, nil)) // it is there already
	ok(t, guest.readImage(app))

	gone, err := owner.DisassociateResourceShare(ctx, &ram.DisassociateResourceShareInput{ResourceShareArn: &arn, ResourceArns: []string{web}})
	ok(t, err)
	if len(gone.ResourceShareAssociations) != 1 || gone.ResourceShareAssociations[0].Status != types.ResourceShareAssociationStatusDisassociated {
		t.Errorf("disassociated %+v", gone.ResourceShareAssociations)
	}
	wantCode(t, guest.readImage(web), accessDenied)
	guest.discovers(app)
	wantCode(t, owner.disassociate(arn, []string{web}, nil), unknownResource)
	wantCode(t, owner.disassociate(arn, nil, []string{carol}), unknownResource)
	wantCode(t, owner.associate(arn, nil, nil), badParameter)
	wantCode(t, owner.disassociate(arn, nil, nil), badParameter)
	wantCode(t, guest.associate(arn, nil, []string{carol}), unknownResource)
	wantCode(t, newClient(t, s, carol).disassociate(arn, nil, []string{bob}), unknownResource)
}

// TestLeave tests that a consumer can leave a share without resources, and can remove no
// other consumer.
func TestLeave(t *testing.T) {
	s := writtest.New(t)
	owner, guest := newClient(t, s, alice), newClient(t, s, bob)
	image := owner.image("web")
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{image}, Principals: []string{bob, carol}})
	wantCode(t, guest.disassociate(arn, nil, []string{bob}), unknownResource) // which it has not accepted
	ok(t, guest.accept(*guest.invitation().ResourceShareInvitationArn))
	stranger := newClient(t, s, carol)
	ok(t, stranger.accept(*stranger.invitation().ResourceShareInvitationArn))

	wantCode(t, guest.disassociate(arn, nil, []string{carol}), notPermitted)
	wantCode(t, guest.disassociate(arn, []string{image}, nil), notPermitted)
	wantCode(t, guest.disassociate(arn, nil, []string{"arn:aws:iam::" + bob + ":role/none"}), notPermitted)
	wantCode(t, as(t, s, bob, "ann").disassociate(arn, nil, []string{bob}), accessDenied)
	eve := as(t, s, bob, "eve", statement("Allow", "ram:DisassociateResourceShare", arn))
	wantText(t, eve.disassociate(arn, nil, []string{bob}), notPermitted, "You can't leave the resource share "+arn+": it has resources of types that don't support leaving a resource share.")
	ok(t, guest.readImage(image))
	ok(t, owner.disassociate(arn, []string{image}, nil))
	ok(t, eve.disassociate(arn, nil, []string{bob}))
	ok(t, owner.associate(arn, []string{image}, nil))
	wantCode(t, guest.readImage(image), accessDenied)
	ok(t, stranger.readImage(image))
	wantText(t, guest.disassociate(arn, nil, []string{bob}), unknownResource, "ResourceShare "+arn+" could not be found.")
	if got := owner.principals(arn); got != carol+" ASSOCIATED" {
		t.Errorf("principals %s", got)
	}
	_, err := guest.GetResourceShares(ctx, &ram.GetResourceSharesInput{ResourceOwner: types.ResourceOwnerOtherAccounts, ResourceShareArns: []string{arn}})
	wantCode(t, err, unknownResource)
}

// TestSharingNeedsPut tests that sharing a resource requires permission to put a policy
// on it.
func TestSharingNeedsPut(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	image := owner.image("web")
	ramOnly := as(t, s, alice, "u1", statement("Allow", "ram:*", "*"))
	_, err := ramOnly.CreateResourceShare(ctx, &ram.CreateResourceShareInput{Name: new("web"), ResourceArns: []string{image}})
	if text := wantCode(t, err, accessDenied); !strings.Contains(text, "imagebuilder:PutImagePolicy on resource: "+image) {
		t.Errorf("message %s", text)
	}
	if list := owner.own(); len(list) != 0 {
		t.Errorf("a refused call left %+v", list)
	}
	arn := owner.share(ram.CreateResourceShareInput{})
	wantCode(t, ramOnly.associate(arn, []string{image}, nil), accessDenied)
	ok(t, ramOnly.associate(arn, nil, []string{bob}))
	ok(t, as(t, s, alice, "u2", statement("Allow", "ram:*", "*"), statement("Allow", "imagebuilder:PutImagePolicy", image)).associate(arn, []string{image}, nil))
	viaRAM := `{"Effect":"Deny","Action":"imagebuilder:*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:CalledVia":"ram.amazonaws.com"}}}`
	wantCode(t, as(t, s, alice, "u3", statement("Allow", "*", "*"), viaRAM).associate(arn, []string{owner.image("app")}, nil), accessDenied)
}

// TestUnshareable shares a resource that its service does not allow to be shared.
func TestUnshareable(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	parameters := ssm.NewFromConfig(s.Config(alice))
	put := func(name string, tier ssmtypes.ParameterTier) string {
		_, err := parameters.PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: new("v"), Type: ssmtypes.ParameterTypeString, Tier: tier})
		ok(t, err)
		return "arn:aws:ssm:" + writtest.Region + ":" + alice + ":parameter/" + name
	}
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{put("big", ssmtypes.ParameterTierAdvanced)}})
	if wantCode(t, owner.associate(arn, []string{put("small", ssmtypes.ParameterTierStandard)}, nil), notPermitted) == "" {
		t.Error("no message")
	}
}

// TestConditions tests the condition keys of the service.
func TestConditions(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	image, component := owner.image("web"), owner.component("agent")
	team := owner.share(ram.CreateResourceShareInput{Name: new("team"), Tags: []types.Tag{{Key: new("team"), Value: new("red")}}})
	closed := owner.share(ram.CreateResourceShareInput{Name: new("closed"), AllowExternalPrincipals: new(false)})
	all := statement("Allow", "*", "*")
	deny := func(action, operator, key, value string) string {
		return `{"Effect":"Deny","Action":"ram:` + action + `","Resource":"*","Condition":{"` + operator + `":{"` + key + `":"` + value + `"}}}`
	}
	only := func(key, value string) string {
		return `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"` + key + `":"` + value + `"},"Null":{"` + key + `":"false"}}}`
	}
	create := func(in ram.CreateResourceShareInput) func(client) error {
		in.Name = new("new")
		return func(c client) error {
			_, err := c.CreateResourceShare(ctx, &in)
			return err
		}
	}
	update := func(share string) func(client) error {
		return func(c client) error {
			_, err := c.UpdateResourceShare(ctx, &ram.UpdateResourceShareInput{ResourceShareArn: &share, AllowExternalPrincipals: new(true)})
			return err
		}
	}
	invite := func(share, principal string) func(client) error {
		return func(c client) error { return c.associate(share, nil, []string{principal}) }
	}
	add := func(share, resource string) func(client) error {
		return func(c client) error { return c.associate(share, []string{resource}, nil) }
	}
	tagged := ram.CreateResourceShareInput{Tags: []types.Tag{{Key: new("team"), Value: new("red")}}}
	for i, test := range []struct {
		statements []string
		do         func(client) error
		denied     bool
	}{
		{[]string{all, deny("CreateResourceShare", "Bool", "ram:RequestedAllowsExternalPrincipals", "true")}, create(ram.CreateResourceShareInput{}), true},
		{[]string{all, deny("CreateResourceShare", "Bool", "ram:RequestedAllowsExternalPrincipals", "true")}, create(ram.CreateResourceShareInput{AllowExternalPrincipals: new(false)}), false},
		{[]string{all, deny("UpdateResourceShare", "Bool", "ram:RequestedAllowsExternalPrincipals", "true")}, update(team), true},
		{[]string{all, deny("UpdateResourceShare", "Bool", "ram:AllowsExternalPrincipals", "false")}, update(closed), true},
		{[]string{all, deny("UpdateResourceShare", "Bool", "ram:AllowsExternalPrincipals", "false")}, update(team), false},
		{[]string{all, deny("AssociateResourceShare", "StringEquals", "ram:Principal", carol)}, invite(team, carol), true},
		{[]string{all, deny("AssociateResourceShare", "StringEquals", "ram:Principal", carol)}, invite(team, bob), false},
		{[]string{all, deny("AssociateResourceShare", "StringEquals", "ram:ResourceShareName", "team")}, invite(team, bob), true},
		{[]string{all, deny("AssociateResourceShare", "StringEquals", "ram:ResourceTag/team", "red")}, invite(team, bob), true},
		{[]string{all, deny("AssociateResourceShare", "StringEquals", "aws:ResourceTag/team", "red")}, invite(team, bob), true},
		{[]string{all, deny("AssociateResourceShare", "ArnLike", "ram:ResourceArn", image)}, add(team, image), true},
		{[]string{all, deny("AssociateResourceShare", "ArnLike", "ram:ResourceArn", image)}, add(team, component), false},
		{[]string{all, deny("AssociateResourceShare", "StringEquals", "ram:RequestedResourceType", "imagebuilder:Image")}, add(team, image), true},
		{[]string{all, deny("CreateResourceShare", "StringEquals", "aws:RequestTag/team", "red")}, create(tagged), true},
		{[]string{only("ram:RequestedResourceType", "imagebuilder:Image")}, create(ram.CreateResourceShareInput{}), true},
		{[]string{only("ram:RequestedResourceType", "imagebuilder:Image"), statement("Allow", "imagebuilder:*", "*")}, create(ram.CreateResourceShareInput{ResourceArns: []string{image}}), false},
		{[]string{only("ram:RequestedResourceType", "imagebuilder:Image"), statement("Allow", "imagebuilder:*", "*")}, create(ram.CreateResourceShareInput{ResourceArns: []string{image, component}}), true},
	} {
		err := test.do(as(t, s, alice, "u"+string(rune('a'+i)), test.statements...))
		if !test.denied {
			if err != nil {
				t.Errorf("case %d: %v", i, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("case %d: allowed", i)
			continue
		}
		wantCode(t, err, accessDenied)
	}
}

// TestPrincipals tests valid and invalid principals outside organizations.
func TestPrincipals(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{owner.component("agent")}})
	s.User(alice, "ann", document(statement("Allow", "*", "*")))
	roles := iam.NewFromConfig(s.Config(alice))
	_, err := roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("builder"), Path: new("/teams/"), AssumeRolePolicyDocument: new(
		document(`{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":"sts:AssumeRole"}`))})
	ok(t, err)
	const organization = "arn:aws:organizations::" + alice + ":organization/o-77777mmmmm"
	for _, test := range []struct{ principal, want string }{ // the state, or the error
		{bob, "ASSOCIATING"},
		{"arn:aws:iam::" + bob + ":role/path/builder", "ASSOCIATING"},
		{"arn:aws:iam::" + carol + ":user/ann", "ASSOCIATING"},
		{"arn:aws:iam::" + alice + ":user/ann", "ASSOCIATED"},
		{"arn:aws:iam::" + alice + ":role/teams/builder", "ASSOCIATED"},
		{"imagebuilder.amazonaws.com", "ASSOCIATED"},
		{alice, badParameter},
		{"arn:aws:iam::" + alice + ":role/builder", badParameter},
		{organization, unknownResource},
		{"arn:aws:organizations::" + alice + ":ou/o-77777mmmmm/ou-abcd-12345678", unknownResource},
		{"o-77777mmmmm", badParameter},
		{"*", badParameter},
		{"", badParameter},
		{"1234567890", badParameter},
		{"bob", badParameter},
		{"arn:aws:iam::" + bob + ":root", badParameter},
		{"arn:aws:iam::" + bob + ":group/all", badParameter},
		{"arn:aws:iam::" + bob + ":role/*", badParameter},
		{"arn:aws:sts::" + bob + ":assumed-role/builder/session", badParameter},
		{"arn:aws:organizations::" + alice + ":root/o-77777mmmmm/r-abcd", badParameter},
		{"arn:aws-cn:iam::" + bob + ":role/builder", badParameter},
		{"evil.example.com", badParameter},
	} {
		out, err := owner.AssociateResourceShare(ctx, &ram.AssociateResourceShareInput{ResourceShareArn: &arn, Principals: []string{test.principal}})
		if strings.HasPrefix(test.want, "ASSOC") {
			ok(t, err)
			a := out.ResourceShareAssociations[0]
			if string(a.Status) != test.want || *a.External != (test.want == "ASSOCIATING") {
				t.Errorf("%s: %+v", test.principal, a)
			}
			continue
		}
		if err == nil {
			t.Errorf("%q is accepted", test.principal)
			continue
		}
		wantCode(t, err, test.want)
	}
	wantText(t, owner.associate(arn, nil, []string{alice}), badParameter, "Principal "+alice+" owns the resource share. Specify another principal and try again.")
	wantText(t, owner.associate(arn, nil, []string{"o-77777mmmmm"}), badParameter, "Principal ID o-77777mmmmm is malformed. Verify the ID and try again.")
	wantText(t, owner.associate(arn, nil, []string{organization}), unknownResource, "Organization o-77777mmmmm could not be found.")
	wantText(t, owner.associate(arn, nil, []string{"arn:aws:organizations::" + alice + ":ou/o-77777mmmmm/ou-abcd-12345678"}), unknownResource,
		"OrganizationalUnit ou-abcd-12345678 could not be found")
}

// TestSources shares with a service principal, restricted to a source account.
func TestSources(t *testing.T) {
	s := writtest.New(t)
	owner := newClient(t, s, alice)
	component := owner.component("agent")
	arn := owner.share(ram.CreateResourceShareInput{ResourceArns: []string{component}, Principals: []string{"imagebuilder.amazonaws.com"}, Sources: []string{bob}})
	if text := owner.policies(component)[0]; !strings.Contains(text, `"Service":"imagebuilder.amazonaws.com"`) || !strings.Contains(text, `"aws:SourceAccount":"`+bob+`"`) {
		t.Errorf("policy %s", text)
	}
	list := func(in ram.ListSourceAssociationsInput) int {
		t.Helper()
		out, err := owner.ListSourceAssociations(ctx, &in)
		ok(t, err)
		for _, a := range out.SourceAssociations {
			if *a.ResourceShareArn != arn || *a.SourceId != bob || *a.SourceType != "ACCOUNT" || *a.Status != "ASSOCIATED" {
				t.Errorf("source %+v", a)
			}
		}
		return len(out.SourceAssociations)
	}
	for want, inputs := range [][]ram.ListSourceAssociationsInput{
		{{SourceId: new(carol)}, {SourceType: new("SERVICE")}, {AssociationStatus: types.ResourceShareAssociationStatusFailed}},
		{{}, {SourceId: new(bob)}, {SourceType: new("ACCOUNT")}, {ResourceShareArns: []string{arn}}, {AssociationStatus: types.ResourceShareAssociationStatusAssociated}},
	} {
		for _, in := range inputs {
			if got := list(in); got != want {
				t.Errorf("%+v: %d, want %d", in, got, want)
			}
		}
	}
	_, err := owner.DisassociateResourceShare(ctx, &ram.DisassociateResourceShareInput{ResourceShareArn: &arn, Sources: []string{bob}})
	ok(t, err)
	if got := list(ram.ListSourceAssociationsInput{}); got != 0 {
		t.Errorf("%d sources", got)
	}
}

// TestManyPrincipals tests the quota of principals of one share.
func TestManyPrincipals(t *testing.T) {
	t.Parallel()
	owner := newClient(t, writtest.New(t), alice)
	arn := owner.share(ram.CreateResourceShareInput{})
	services := func(from, n int) []string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("service%d.amazonaws.com", from+i))
		}
		return list
	}
	for from := 0; from < 5000; from += 100 {
		ok(t, owner.associate(arn, nil, services(from, 100)))
	}
	wantText(t, owner.associate(arn, nil, services(5000, 1)), "ResourceShareLimitExceededException",
		"You have reached the limit on the number of resources you can share")
	ok(t, owner.associate(arn, nil, services(0, 100))) // already associated
	ok(t, owner.disassociate(arn, nil, services(0, 1)))
	ok(t, owner.associate(arn, nil, services(5000, 1)))
	ok(t, owner.remove(arn))
}
