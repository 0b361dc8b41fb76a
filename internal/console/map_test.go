package console_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

const recipe = "arn:aws:imagebuilder:us-east-1:" + alice + ":image-recipe/web/1.0.0"

// organize creates an organization with alice's account, a unit and two accounts in it.
func (s *scene) organize(t *testing.T) {
	t.Helper()
	client := organizations.NewFromConfig(s.Config(alice))
	if _, err := client.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	roots, err := client.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	unit, err := client.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{Name: aws.String("Workloads"), ParentId: roots.Roots[0].Id})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Production", "Staging"} {
		made, err := client.CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")})
		if err != nil || made.CreateAccountStatus.State != organizationtypes.CreateAccountStateSucceeded {
			t.Fatal(err, made)
		}
		_, err = client.MoveAccount(t.Context(), &organizations.MoveAccountInput{
			AccountId: made.CreateAccountStatus.AccountId, SourceParentId: roots.Roots[0].Id, DestinationParentId: unit.OrganizationalUnit.Id,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// share shares alice's recipe through RAM.
func (s *scene) share(t *testing.T, principals ...string) {
	t.Helper()
	_, err := ram.NewFromConfig(s.Config(alice)).CreateResourceShare(t.Context(), &ram.CreateResourceShareInput{
		Name: aws.String("recipes"), ResourceArns: []string{recipe}, Principals: principals,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMapStory checks that incomplete sharing is visible at once, why an edge exists, who can read, and that
// a change appears when it is made.
func TestMapStory(t *testing.T) {
	s := newScene(t)
	s.organize(t)
	s.share(t, bob, "777788889999")
	tab := newTab(t)
	tab.as(screens[4])
	tab.open(s.console() + "map")
	tab.until(`document.querySelectorAll("#map .edge").length === 4`, "two shares, and the roles that the management account may assume")
	tab.has("#panel .edge-row", "not accepted")
	s.grant(t, "arn:aws:iam::"+bob+":root")
	tab.until(`document.querySelectorAll("#map .edge").length === 5`, "the edge that was added meanwhile")
	tab.has("#map .missing", "not discoverable, no key")
	tab.everyScreen("map")

	tab.as(screens[4])
	tab.click(`#panel [data-edge="` + db + " " + bob + `"]`)
	tab.has("#panel", "by a resource-based policy")
	tab.has("#panel", "may not use")
	tab.until(`new URLSearchParams(location.search).get("edge") !== null`, "the edge in the address")
	tab.keep("map-edge")
	tab.open(s.console() + "map?focus=" + db)
	tab.has("#panel h2", "parameter/app/db")
	tab.click("#panel > button:not(.link)")
	tab.has("#panel .grantees", "root")
	tab.everyScreen("map-focus")
}

// TestLargeMap lays out 1,000 resources of 50 accounts, and equal worlds equally. TestScale measures it.
func TestLargeMap(t *testing.T) {
	s := newScene(t)
	s.fillAccounts(t)
	tab := newTab(t)
	tab.as(screens[4])
	tab.open(s.console() + "map")
	tab.until(`document.querySelector("#map").dataset.ready === "yes"`, "the map")
	places := `JSON.stringify([...document.querySelectorAll("#map .card")].map(c => [c.getAttribute("x"), c.getAttribute("y")]))`
	before := eval[string](tab, places)
	tab.keep("map-large")
	// A resource that is not shared does not change the layout.
	_, err := ssm.NewFromConfig(s.Config("200000000007")).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/one/more"), Value: aws.String("v"), Type: types.ParameterTypeString})
	if err != nil {
		t.Fatal(err)
	}
	tab.open(s.console() + "map")
	tab.until(`document.querySelector("#map").dataset.ready === "yes"`, "the map again")
	if after := eval[string](tab, places); after != before || strings.Count(before, "[") < 50 {
		t.Error("one more parameter changes the layout")
	}
}
