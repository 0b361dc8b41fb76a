package console_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDecisionsStory checks the live list: new decisions appear, a filter is part of the address, and a row
// leads to the page of its decision, by mouse and by keyboard.
func TestDecisionsStory(t *testing.T) {
	s := newScene(t)
	tab := newTab(t)
	tab.open(s.console())
	tab.has("#live-text", "Live")
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	tab.has("#rows tr", "ssm:GetParameter")
	tab.everyScreen("decisions")

	tab.as(screens[4])
	tab.click(`input[name="outcome"][value="denied"]`)
	tab.until(`location.search === "?outcome=denied"`, "the filter in the address")
	tab.until(`document.querySelectorAll("#rows tr:not(.space)").length === 1`, "only the denial")
	tab.fill(`input[name="action"]`, "kms:*")
	tab.until(`!document.querySelector("#nothing").hidden`, "an empty list")

	tab.open(s.console() + "decisions?outcome=denied&principal=*bob")
	tab.has("#live-text", "Live")
	if got := eval[string](tab, `document.querySelector('#filters input[name="principal"]').value`); got != "*bob" {
		t.Errorf("the filter of the address is %q in the form", got)
	}
	tab.press("#rows a", "\r", `location.pathname.includes("/decisions/")`)
	tab.has("h1", "ssm:GetParameter")
}

// TestDecisionStory opens the explanation of a denial, tries a change, applies it, and opens the next denial,
// of the key that encrypts the parameter.
func TestDecisionStory(t *testing.T) {
	s := newScene(t)
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	denial := s.last(t)
	tab := newTab(t)
	tab.open(s.console() + "decisions/" + denial)
	tab.has(".sentence", "because no resource-based policy allows the ssm:GetParameter action")
	tab.has(".layer.deciding summary", "Resource-based policy")
	tab.has(".statement", "line 3:")
	tab.has("mark.allow", `"Allow"`)
	tab.until(`document.querySelector(".picture img").naturalWidth > 500`, "the picture")
	tab.everyScreen("decision-denied")
	tab.as(screens[4])

	// What if it were another principal?
	tab.fill(`#whatif-form input[name="principal"]`, "arn:aws:iam::"+alice+":root")
	tab.has("#whatif-result", "allowed")
	tab.has("#whatif-result", "different outcome")
	tab.keep("decision-what-if")

	// The fix, as a command and applied.
	tab.click("#copy-cli")
	tab.has("#commands", "aws ssm put-resource-policy")
	tab.click(`form[action$="/fix"] button.primary`)
	tab.has(".changed", "PutResourcePolicy")
	tab.has(".changed", "Now:")
	tab.everyScreen("decision-fixed")

	// The key is not shared yet: the part about it is shown.
	if s.read(t) == nil {
		t.Fatal("bob may read without the key")
	}
	tab.open(s.console() + "decisions/" + s.last(t))
	tab.has(".parts a[aria-current]", "kms:Decrypt")
	tab.click(`form[action$="/fix"] button.primary`)
	tab.has(".changed", "PutKeyPolicy")
	if err := s.read(t); err != nil {
		t.Errorf("after both fixes: %v", err)
	}
	tab.open(s.console() + "decisions/" + s.last(t))
	tab.has(".verdict .outcome", "allowed")
	tab.everyScreen("decision-allowed")
}

// TestActAs applies a change as a principal without permission, which the gate rejects.
func TestActAs(t *testing.T) {
	s := newScene(t)
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	denial := s.last(t)
	s.User(alice, "ann", `{"Version":"2012-10-17","Statement":[]}`)
	tab := newTab(t)
	tab.open(s.console() + "decisions/" + denial)
	tab.click(".act summary")
	tab.fill("#act-principal", "arn:aws:iam::"+alice+":user/ann")
	tab.click(".act form button")
	tab.has(".act summary", "user/ann")
	tab.has("h1", "ssm:GetParameter")
	tab.click(`form[action$="/fix"] button.primary`)
	tab.has("main", "is not authorized to perform: ssm:PutResourcePolicy")
	if s.read(t) == nil {
		t.Error("the change bypassed the gate")
	}
}

// TestNothingElsewhere checks that a page sends no requests to other machines.
func TestNothingElsewhere(t *testing.T) {
	s := newScene(t)
	tab := newTab(t)
	tab.open(s.console())
	tab.has("#live-text", "Live")
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if len(tab.hits) < 5 {
		t.Errorf("only %d requests were seen", len(tab.hits))
	}
	for _, url := range tab.hits {
		if !strings.HasPrefix(url, s.URL+"/_writ/console/") {
			t.Errorf("the page requests %s", url)
		}
	}
}

// TestMissedElement checks that the text of a policy is shown with its statements, with the element that does
// not match marked at its position.
func TestMissedElement(t *testing.T) {
	s := newScene(t)
	s.grant(t, "arn:aws:iam::"+bob+":root")
	s.grant(t, "arn:aws:iam::"+alice+":root")
	if s.read(t) == nil {
		t.Fatal("bob may read what is shared with another account")
	}
	tab := newTab(t)
	tab.open(s.console() + "decisions/" + s.last(t))
	tab.run(chromedp.EmulateViewport(1600, 1000))
	tab.has(".verdict", "denied")
	tab.has(".layer.deciding", "Resource-based policy")
	tab.keep("decision-missed")
}
