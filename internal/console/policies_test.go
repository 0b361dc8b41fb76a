package console_test

import (
	"net/url"
	"testing"

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
