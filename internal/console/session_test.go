package console_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// role creates a role of alice's account that may do everything.
func (s *scene) role(t *testing.T, name string) (arn string) {
	t.Helper()
	client := iam.NewFromConfig(s.Config(alice))
	made, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":"sts:AssumeRole"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("all"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	return *made.Role.Arn
}

// TestActAsSession acts as the session of a role: the gate decides with its session policy and its tags, which the
// bar of every page shows.
func TestActAsSession(t *testing.T) {
	s := newScene(t)
	role := s.role(t, "deployer")
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	denial := s.last(t)
	tab := newTab(t)
	tab.as(screens[4])
	tab.open(s.console() + "decisions/" + denial)
	tab.click(".act summary")
	tab.click(".act a")
	tab.has("h1", "Acting principal")
	tab.everyScreen("act")

	// A session policy that is not one: the fields stay.
	tab.as(screens[4])
	tab.fill(`main input[name="principal"]`, role)
	tab.fill(`main textarea[name="policy"]`, `{"Version":"2012-10-17"`)
	tab.fill(`main textarea[name="tags"]`, "team=blue")
	tab.click("main form button")
	tab.has(".problem", "session policy:")
	if got := eval[string](tab, `document.querySelector('main textarea[name="tags"]').value`); got != "team=blue" {
		t.Errorf("the tags became %q", got)
	}
	tab.keep("act-problem")
	tab.fill(`main textarea[name="policy"]`, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:Get*","Resource":"*"}}`)
	tab.click("main form button")
	tab.has(".act summary", "session policy, team=blue")
	tab.has("h1", "ssm:GetParameter")
	tab.click(`form[action$="/fix"] button.primary`)
	tab.has("main", "assumed-role/deployer/writ is not authorized to perform: ssm:PutResourcePolicy")
	tab.has("main", "because no session policy allows")
	for _, page := range []string{"decisions", "map", "policies", "world"} {
		tab.open(s.console() + page)
		tab.has(".act summary", "session policy, team=blue")
	}
	tab.everyScreen("acting-session")

	// Without the session policy the tags still count.
	tab.as(screens[4])
	tab.open(s.console() + "act?to=" + s.console()[len(s.URL):] + "decisions/" + denial)
	tab.fill(`main textarea[name="policy"]`, "")
	tab.click("main form button")
	tab.has(".act summary", "team=blue")
	tab.click(`form[action$="/fix"] button.primary`)
	tab.has(".changed", "Now:")
}

// TestWhatIf edits each kind of property of a request: those that are not edited stay.
func TestWhatIf(t *testing.T) {
	s := newScene(t)
	s.grant(t, "arn:aws:iam::"+bob+":root")
	_ = s.read(t) // the key is missing
	tab := newTab(t)
	tab.as(screens[4])
	tab.open(s.console() + "decisions/" + s.last(t) + "?part=0")
	tab.has(".verdict", "allowed")
	field := func(name string) string { return `#whatif-form [name="` + name + `"]` }
	reset := func() {
		t.Helper()
		eval[bool](tab, `(() => { document.querySelector("#whatif-form").reset(); return true; })()`)
	}
	expect := func(text string) { t.Helper(); tab.has("#whatif-result", text) }

	tab.fill(field("action"), "ssm:DeleteParameter")
	expect("denied")
	expect("with an explicit deny in an identity-based policy")
	tab.fill(`#keys .key:first-child [name="value"]`, "203.0.113.9") // aws:SourceIp
	expect("because no resource-based policy allows the ssm:DeleteParameter action")
	reset()
	tab.fill(field("principal"), "arn:aws:iam::"+alice+":root")
	expect("allowed")
	reset()
	tab.fill(field("policy"), `{"Version":"2012-10-17"}`)
	expect("require the session of a role")
	role := s.role(t, "reader")
	tab.fill(field("principal"), role)
	tab.fill(field("policy"), "")
	expect("because no identity-based policy allows")
	tab.fill(field("tags"), "team=blue")
	expect("allowed")
	tab.fill(field("policy"), `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}`)
	expect("because no session policy allows")
	tab.everyScreen("what-if")

	// The page of a session's decision has its properties in the form, and any key can be added or removed.
	tab.as(screens[4])
	reset()
	tab.click("#add-key")
	eval[bool](tab, `(() => { const [key, value] = document.querySelector("#keys .key:last-child").querySelectorAll("input, textarea"); key.value = "aws:SourceIp"; value.value = "203.0.113.9"; return true; })()`)
	tab.fill(field("action"), "ssm:DeleteParameter")
	expect("because no resource-based policy allows the ssm:DeleteParameter action")
}
