package console_test

import (
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/chromedp/chromedp"
)

// TestPoliciesStory opens a policy, introduces a finding, checks the displayed effect of the change, and
// saves it.
func TestPoliciesStory(t *testing.T) {
	s := newScene(t)
	s.grant(t, "arn:aws:iam::"+bob+":root")
	tab := newTab(t)
	tab.open(s.console() + "policies")
	tab.has("table", "parameter/app/db")
	tab.has("table", "user/bob/policy/inline")
	tab.everyScreen("policies")

	tab.as(screens[4])
	tab.click(`#kind-resource ~ .sheet a[href*="parameter"]`)
	tab.has("#difference", "Both documents allow the same requests.")
	tab.has("#findings", "no findings")
	write := func(from, to string) {
		t.Helper()
		eval[bool](tab, `(() => { const v = document.querySelector("#editor").editor, s = v.state.doc.toString(), i = s.indexOf(`+quoted(from)+`); v.dispatch({changes: {from: i, to: i + `+quoted(from)+`.length, insert: `+quoted(to)+`}}); return true; })()`)
	}
	write(`"Effect": "Allow"`, `"Effect": "Alow"`)
	tab.has("#findings", "line 6")
	write(`"Effect": "Alow"`, `"Effect": "Allow"`)
	write(`"ssm:GetParameters"`, `"ssm:GetParameters", "ssm:DeleteParameter"`)
	tab.has("#difference", "The new document allows more.")
	tab.has("#difference .good", "+ ssm:DeleteParameter")
	tab.everyScreen("editor")

	tab.as(screens[4])
	tab.click(`#editor-form button.primary`)
	tab.has(".changed", "Saved.")
	tab.has("#difference", "Both documents allow the same requests.")
	if text := eval[string](tab, `document.querySelector("#editor").editor.state.doc.toString()`); !contains(text, "ssm:DeleteParameter") {
		t.Errorf("after saving the policy is %s", text)
	}

	// A policy of a user: the access it grants, by resource.
	tab.open(s.console() + "policies/edit?name=" + url.QueryEscape("arn:aws:iam::"+bob+":user/bob/policy/inline"))
	tab.has("#difference", "Both documents allow the same requests.")
	write(`"ssm:GetParameter*"`, `["ssm:GetParameter*", "ssm:DescribeParameters"]`)
	tab.has("#difference .good", "+ ssm:DescribeParameters")
	tab.open(s.console() + "policies")
	tab.click(`#kind-resource ~ .sheet a[href*="parameter"]`)
	tab.has("#difference", "Both documents allow the same requests.")

	// A document that the service rejects stays in the editor.
	write(`"Version": "2012-10-17"`, `"Version": "2011-01-01"`)
	tab.click(`#editor-form button.primary`)
	tab.has(".problem", "PutResourcePolicy")
}

// TestOrganizationPolicies edits an SCP and an RCP: the page shows who gains and loses access, and a request that the
// two documents decide differently.
func TestOrganizationPolicies(t *testing.T) {
	s := newScene(t)
	s.organize(t)
	client := organizations.NewFromConfig(s.Config(alice))
	roots, err := client.ListRoots(t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	tab := newTab(t)
	tab.as(screens[4])
	for kind, c := range map[string]struct {
		policyType     organizationtypes.PolicyType
		content, other string
		change, lost   string
	}{
		"scp": {organizationtypes.PolicyTypeServiceControlPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"ssm:DeleteParameter","Resource":"*"}}`, "ssm:DescribeParameters", `"ssm:DeleteParameter"`, "− ssm:DescribeParameters"},
		"rcp": {organizationtypes.PolicyTypeResourceControlPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"kms:ScheduleKeyDeletion","Resource":"*"}}`, "sts:AssumeRole", `"kms:ScheduleKeyDeletion"`, "− sts:AssumeRole"},
	} {
		_, _ = client.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id, PolicyType: c.policyType}) // it may be enabled
		made, err := client.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{Name: &kind, Description: aws.String(""), Type: c.policyType, Content: &c.content})
		if err != nil {
			t.Fatal(err)
		}
		tab.open(s.console() + "policies")
		tab.click("#kind-" + kind + " ~ .sheet a")
		tab.has("#difference", "Both documents allow the same requests.")
		edit := `(() => { const v = document.querySelector("#editor").editor, s = v.state.doc.toString(), i = s.indexOf(` + quoted(c.change) + `); v.dispatch({changes: {from: i, to: i + ` + quoted(c.change) + `.length, insert: ` + quoted(`[`+c.change+`, "`+c.other+`"]`) + `}}); return true; })()`
		eval[bool](tab, edit)
		tab.has("#difference", "not an SCP or an RCP that is attached")
		if _, err := client.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: made.Policy.PolicySummary.Id, TargetId: roots.Roots[0].Id}); err != nil {
			t.Fatal(err)
		}
		tab.open(s.console() + "policies/edit?name=" + url.QueryEscape(*made.Policy.PolicySummary.Arn))
		tab.has("#difference", "Both documents allow the same requests.")
		eval[bool](tab, edit)
		tab.has("#difference", "The new document allows less.")
		tab.has("#difference .bad", c.lost)
		tab.has("#difference .witness", c.other)
		tab.has("#difference .grantees", "OrganizationAccountAccessRole")
		tab.everyScreen("editor-" + kind)
		tab.as(screens[4])
		tab.click("#editor-form button.primary")
		tab.has(".changed", "Saved.")
		tab.has("#difference", "Both documents allow the same requests.")
	}
}

// TestScratchPad checks a document without a world, and completes an action.
func TestScratchPad(t *testing.T) {
	s := &scene{Server: newEmpty(t)}
	tab := newTab(t)
	tab.as(screens[4])
	tab.open(s.console() + "policies/edit")
	tab.has("#findings", "no findings")
	eval[bool](tab, `(() => { const v = document.querySelector("#editor").editor, s = v.state.doc.toString(), i = s.indexOf("ssm:GetParameter"); v.focus(); v.dispatch({changes: {from: i, to: i + 16, insert: "ssm:GetPar"}, selection: {anchor: i + 10}}); return true; })()`)
	tab.run(chromedp.KeyEvent("a"))
	tab.until(`[...document.querySelector("#editor").shadowRoot.querySelectorAll(".cm-tooltip-autocomplete li")].some(e => e.textContent.includes("ssm:GetParametersByPath"))`, "the completion")
	tab.everyScreen("scratch")
}

// TestHostileNames checks that markup in the policy of a parameter is shown as text.
func TestHostileNames(t *testing.T) {
	s := newScene(t)
	const markup = `<img src=x onerror=alert(1)>`
	s.User(alice, "mallory", `{"Version":"2012-10-17","Id":"</script><script>alert(1)</script>","Statement":[{"Sid":"a","Effect":"Allow","Action":"ssm:Get*","Resource":"arn:aws:ssm:*:*:parameter/`+markup+`"}]}`)
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	tab := newTab(t)
	tab.as(screens[4])
	name := "arn:aws:iam::" + alice + ":user/mallory/policy/inline"
	for _, page := range []string{
		"policies/edit?name=" + url.QueryEscape(name),
		"decisions?principal=" + url.QueryEscape(`"><script>alert(1)</script>`),
		"world/resource?arn=" + url.QueryEscape(markup),
		"policies/edit?name=" + url.QueryEscape(markup),
		"map?focus=" + url.QueryEscape(markup),
		"decisions/" + url.PathEscape(markup),
	} {
		tab.open(s.console() + page)
		if n := eval[int](tab, `document.querySelectorAll("img[onerror], main script").length`); n != 0 {
			t.Errorf("%s has %d elements that came from a name", page, n)
		}
	}
	tab.open(s.console() + "policies/edit?name=" + url.QueryEscape(name))
	tab.has("#findings", "")
	if text := eval[string](tab, `document.querySelector("#editor").editor.state.doc.toString()`); !contains(text, markup) {
		t.Errorf("the editor shows %s", text)
	}
}

// TestNoSecrets checks that the pages do not receive the value of a SecureString or the secrets of access
// keys.
func TestNoSecrets(t *testing.T) {
	s := newScene(t)
	tab := newTab(t)
	for _, page := range []string{"decisions", "world", "world/resource?arn=" + url.QueryEscape(db), "policies", "data/overview"} {
		tab.run(chromedp.Navigate(s.console() + page))
		if body := eval[string](tab, "document.documentElement.outerHTML"); contains(body, "secret-value") {
			t.Errorf("%s shows the value of a SecureString", page)
		}
	}
}
