package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/writdev/writ/examples"
)

// TestWorldStory opens resources, accepts an invitation, advances the clock and empties the world.
func TestWorldStory(t *testing.T) {
	s := newScene(t)
	s.share(t, bob, "777788889999")
	tab := newTab(t)
	tab.open(s.console() + "world")
	tab.has("table", "parameter/app/db")
	tab.everyScreen("world")
	tab.open(s.console() + "world/resource?arn=" + url.QueryEscape(recipe))
	tab.has("table", "not accepted")
	tab.has(".facts", "ami-0123456789abcdef0")
	tab.everyScreen("resource")

	tab.open(s.console() + "world/shares")
	tab.has(".cards", "Account "+alice+" invites account "+bob)
	tab.everyScreen("shares")
	tab.as(screens[4])
	tab.click(`button[value="accept"]`)
	tab.has(".cards .chip", "accepted")
	tab.has(".members .good", "associated")

	tab.open(s.console() + "world/state")
	tab.everyScreen("state")
	tab.as(screens[4])
	tab.fill(`input[name="advance"]`, "13h")
	tab.click(`button[value="advance"]`)
	tab.until(`document.querySelector('input[name="advance"]').value === "1h"`, "the page with the new time")
	tab.open(s.console() + "world/shares")
	tab.has(".cards .chip", "expired")

	tab.open(s.console() + "world/state")
	tab.click(`input[name="sure"]`)
	tab.click("button.danger")
	tab.until(`location.pathname.endsWith("/decisions")`, "the list")
	tab.open(s.console() + "world")
	tab.has("h2", "This world is empty")
}

// TestExport saves a world as a file, which no link and no other page can request.
func TestExport(t *testing.T) {
	s := newScene(t)
	_, page, _ := send(t, http.DefaultClient, "GET", s.console()+"world/state", nil, nil)
	token := tokenPattern.FindStringSubmatch(page)[1]
	status, file, resp := send(t, http.DefaultClient, "POST", s.console()+"world/export", url.Values{"token": {token}}, nil)
	if status != http.StatusOK || !strings.Contains(file, "/app/url") || resp.Header.Get("Content-Disposition") != `attachment; filename="main.yaml"` {
		t.Errorf("got %d %v %.200s", status, resp.Header, file)
	}
	if status, _, _ := send(t, http.DefaultClient, "GET", s.console()+"world/export", nil, nil); status == http.StatusOK {
		t.Error("a link exports the world")
	}
	if status, _, _ := send(t, http.DefaultClient, "POST", s.console()+"world/export", url.Values{}, nil); status != http.StatusForbidden {
		t.Errorf("without a token: got %d", status)
	}
}

// TestTourStory takes the tour on an empty server, from start to end, and opens an example.
func TestTourStory(t *testing.T) {
	s := &scene{Server: newEmpty(t)}
	tab := newTab(t)
	tab.open(s.console())
	tab.has("#nothing", "Take the tour")
	tab.everyScreen("first-visit")
	tab.as(screens[4])
	tab.click(`.welcome a.button`)
	tab.has("h1", "Tour")
	tab.click(`form[action$="/tour/1"] button`)
	tab.has(".journey", "is not authorized to perform: ssm:GetParameter")
	tab.everyScreen("tour")
	tab.as(screens[4])
	tab.click(`form[action$="/tour/3"] button`)
	tab.has(".journey", "The policy is changed")
	tab.click(`form[action$="/tour/4"] button`)
	tab.has(".journey", "is authorized to perform: ssm:GetParameter")
	tab.has(".grantees", "arn:aws:iam::"+bob+":root")
	tab.keep("tour-end")

	tab.open(s.console() + "world/state")
	tab.click(`.cards li:first-child button`)
	tab.until(`location.pathname === "/_writ/w/`+examples.Worlds[0]+`/_writ/console/map"`, "the map of the example")
	tab.until(`document.querySelectorAll("#map .edge").length > 0`, "what the example shares")
	tab.has(".where", examples.Worlds[0])
	tab.everyScreen("example")
}

// TestExamples opens each example.
func TestExamples(t *testing.T) {
	s := newEmpty(t)
	for _, name := range examples.Worlds {
		file, err := examples.World(name)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest("PUT", s.URL+"/_writ/worlds/"+name, strings.NewReader(string(file)))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != http.StatusCreated {
			t.Errorf("%s: %v %v", name, resp.Status, err)
		}
		resp.Body.Close()
	}
	if _, err := examples.World("../go.mod"); err == nil {
		t.Error("a file beside the examples is one")
	}
}
