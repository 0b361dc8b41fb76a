package sharing

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// The plans are tested alone here, without a store; property_test.go tests them
// with loading and saving against a model.

const parameter = "arn:aws:ssm:" + region + ":" + alice + ":parameter/p"

// describeChanges writes changes in a line each.
func describeChanges(changes []store.Change) string {
	var b strings.Builder
	for _, c := range changes {
		switch c := c.(type) {
		case store.PutResource:
			fmt.Fprintf(&b, "put %s %s\n", c.Type, c.Name)
		case store.DeleteResource:
			fmt.Fprintf(&b, "delete %s\n", c.ARN[strings.LastIndex(c.ARN, ":")+1:])
		case store.PutAssociation:
			fmt.Fprintf(&b, "associate %s %s %s %s\n", c.Kind, c.Entity, c.Status, c.Data)
		case store.DeleteAssociation:
			fmt.Fprintf(&b, "disassociate %s %s\n", c.Kind, c.Entity)
		case store.DeleteAssociations:
			b.WriteString("disassociate all\n")
		case store.PutPolicy:
			fmt.Fprintf(&b, "put policy %s\n", c.Document)
		case store.DeletePolicy:
			fmt.Fprintf(&b, "delete policy of %s\n", c.ARN)
		case store.PutDiscovery:
			fmt.Fprintf(&b, "show %s to %s\n", c.ARN, c.Consumer)
		case store.DeleteDiscovery:
			fmt.Fprintf(&b, "hide %s from %s\n", c.ARN, c.Consumer)
		case store.DeleteDiscoveries:
			b.WriteString("hide all\n")
		}
	}
	return b.String()
}

func counted(prefix string) func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("%s%d", prefix, n) }
}

func parsed(t *testing.T, resource, text string) policyDocument {
	t.Helper()
	a, err := arn.Parse(resource)
	if err != nil {
		t.Fatal(err)
	}
	typ, _ := TypeOf(resource)
	if text == "" {
		return policyDocument{nil, a, typ.OwnAccount}
	}
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return policyDocument{doc, a, typ.OwnAccount}
}

// readBy is a policy that lets a principal read a parameter.
func readBy(principal, action string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":["` + action + `"],"Resource":"` + parameter + `"}]}`
}

func TestPlanPolicyShare(t *testing.T) {
	now := time.Date(2026, time.November, 27, 8, 0, 0, 0, time.UTC)
	everywhere := organizations{members: map[string]identity.Membership{alice: {OrganizationID: org.ID}, bob: {OrganizationID: org.ID}}}
	plans := func(state policyShare, newID func() string) (*update, string) {
		u := planPolicyShare(state, now, newID)
		if u == nil {
			return nil, ""
		}
		changes, err := u.rows(state.content, now)
		if err != nil {
			t.Fatal(err)
		}
		return u, describeChanges(changes)
	}
	state := func(document string, before *content) policyShare {
		typ, _ := TypeOf(parameter)
		doc := parsed(t, parameter, document)
		return policyShare{PolicyKey{parameter, "slot"}, typ, doc, everywhere.scopeOf(doc), before}
	}
	made, text := plans(state(readBy(carol, "ssm:GetParameter"), nil), counted("id"))
	const created = `put permission id3
put resource-share id2
associate RESOURCE ` + parameter + ` ASSOCIATED {}
associate PRINCIPAL ` + carol + ` ASSOCIATED {"External":true}
`
	if diff := cmp.Diff(created, text); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	existing := func() *content { return made.after(nil) }
	for _, test := range []struct{ name, document, want string }{
		{"the same again", readBy(carol, "ssm:GetParameter"), ""},
		{"deleted", "", "disassociate all\ndelete resource-share/id1\ndelete permission/id3\n"},
		{"a user of the owner's", readBy("arn:aws:iam::"+alice+":user/ann", "ssm:GetParameter"), "disassociate all\ndelete resource-share/id1\ndelete permission/id3\n"},
		{"the owner's own account", readBy(alice, "ssm:GetParameter"),
			"put resource-share id2\ndisassociate PRINCIPAL " + carol + "\nassociate PRINCIPAL " + alice + " ASSOCIATED {}\n"},
		{"another account", readBy(bob, "ssm:GetParameter"),
			"put resource-share id2\ndisassociate PRINCIPAL " + carol + "\nassociate PRINCIPAL " + bob + " ASSOCIATED {}\n"},
		{"another action", readBy(carol, "ssm:GetParameterHistory"),
			"put permission new1\nput resource-share id2\ndelete permission/id3\n"},
		{"anyone", readBy("*", "ssm:GetParameter"), "put resource-share id2\ndisassociate PRINCIPAL " + carol + "\n"},
	} {
		if _, got := plans(state(test.document, existing()), counted("new")); got != test.want {
			t.Errorf("%s (-want +got):\n%s", test.name, cmp.Diff(test.want, got))
		}
	}
	// A permission that another share has attached stays.
	k := existing()
	for arn, p := range k.permissions {
		p.shared = true
		k.permissions[arn] = p
	}
	if _, got := plans(state("", k), nil); got != "disassociate all\ndelete resource-share/id1\n" {
		t.Errorf("with a permission in use:\n%s", got)
	}
}

func TestPlanPromotion(t *testing.T) {
	now := time.Date(2026, time.November, 27, 8, 0, 0, 0, time.UTC)
	typ, _ := TypeOf(parameter)
	members := map[string]identity.Membership{alice: {OrganizationID: org.ID}, bob: {OrganizationID: org.ID}}
	readOnly := func(principals string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[` + principals + `]},"Action":` +
			quotedList(termsOfManaged(t, typ).actions) + `,"Resource":"` + parameter + `"}]}`
	}
	for _, test := range []struct {
		name, document string
		inside         bool
		want           string
	}{
		{"in the organization", readOnly(quoted(bob)), true, bob + " ASSOCIATED"},
		{"sharing with the organization is off", readOnly(quoted(bob)), false, bob + " ASSOCIATING granted"},
		{"outside", readOnly(quoted(carol)), true, carol + " ASSOCIATING external granted"},
		{"the owner's own account", readOnly(quoted(alice)), true, alice + " ASSOCIATED"},
		{"a user", readOnly(quoted("arn:aws:iam::" + bob + ":user/ann")), true, ErrUnpromotable.Error()},
		{"other actions", readBy(bob, "ssm:GetParameterHistory"), true, ErrUnmatched.Error()},
		{"nobody", readOnly(""), true, ErrUnpromotable.Error()},
	} {
		doc := parsed(t, parameter, test.document)
		p := promotion{
			share: &Share{ARN: shareARN("aws", region, alice, "s"), Owner: alice, Region: region, FeatureSet: CreatedFromPolicy, Policy: &PolicyKey{ARN: parameter}},
			typ:   typ, document: doc, owner: organizations{members: members}.scopeOf(doc), inside: test.inside,
		}
		u, err := planPromotion(p, now)
		got := ""
		if err != nil {
			got = err.Error()
		}
		for _, a := range u.add {
			got += a.Entity + " " + string(a.Status)
			if a.External {
				got += " external"
			}
			if a.Granted {
				got += " granted"
			}
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		if err == nil && (u.share.FeatureSet != Standard || u.share.Policy != nil || !u.share.Promoted.Equal(now)) {
			t.Errorf("%s: the share becomes %+v", test.name, u.share)
		}
		if p.share.FeatureSet != CreatedFromPolicy {
			t.Errorf("%s: the plan changed the share that there is", test.name)
		}
	}
}

func termsOfManaged(t *testing.T, typ ResourceType) terms {
	t.Helper()
	its, err := parseTemplate(typ.Managed[0].Versions[0].Template)
	if err != nil {
		t.Fatal(err)
	}
	return its
}

// TestPlanDocuments: what changes in a share is written, and nothing else.
func TestPlanDocuments(t *testing.T) {
	now := time.Date(2026, time.November, 27, 8, 0, 0, 0, time.UTC)
	image := imageOf(alice, "a")
	share := &Share{
		ARN: shareARN("aws", region, alice, "s"), Owner: alice, Region: region, FeatureSet: Standard,
		Permissions: map[string]PermissionRef{"imagebuilder:Image": imagePermission},
	}
	const actions = `"Action":["imagebuilder:GetImage","imagebuilder:ListImages"],"Resource":`
	documentFor := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":` + principal + `},` + actions + `"` + image + `"}]}`
	}
	forBob := documentFor(`"arn:aws:iam::` + bob + `:root"`)
	before := func() *content { return &content{share: share, associations: []Association{with(bob), of(image)}} }
	deleted := *share
	deleted.Deleted = now
	for _, test := range []struct {
		name string
		u    update
		want string
	}{
		{"nothing", update{share: share}, ""},
		{"the same principal", update{share: share, add: []Association{with(bob)}},
			"associate PRINCIPAL " + bob + " ASSOCIATED {}\n"},
		{"a principal more", update{share: share, add: []Association{with(carol)}},
			"associate PRINCIPAL " + carol + " ASSOCIATED {}\nshow " + image + " to " + carol + "\n" +
				"put policy " + documentFor(`["arn:aws:iam::`+bob+`:root","arn:aws:iam::`+carol+`:root"]`) + "\n"},
		{"the only principal leaves", update{share: share, remove: []Association{with(bob)}},
			"disassociate PRINCIPAL " + bob + "\nhide all\ndelete policy of " + image + "\n"},
		{"the resource leaves", update{share: share, remove: []Association{of(image)}},
			"disassociate RESOURCE " + image + "\nhide all\ndelete policy of " + image + "\n"},
		{"the share is deleted", update{share: &deleted, everything: true}, "hide all\ndelete policy of " + image + "\n"},
		{"the share is erased", update{share: &deleted, erase: true},
			"disassociate all\ndelete resource-share/s\nhide all\ndelete policy of " + image + "\n"},
	} {
		l := &loaded{shares: map[string]*content{share.ARN: before()}, documents: map[string]string{image: forBob}}
		changes, err := plan(l, []update{test.u}, now)
		if got := describeChanges(changes); got != test.want || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", test.name, err, cmp.Diff(test.want, got))
		}
	}
}
