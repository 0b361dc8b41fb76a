package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/writtest"
)

// TestNoActorFromOutside sends what a request of the console carries: only a signature
// makes a caller of a request that comes over a connection.
func TestNoActorFromOutside(t *testing.T) {
	s := writtest.New(t)
	req, body, _ := requests["query"](s.URL)
	req.Header.Del("Authorization")
	req.Header.Set("User-Agent", "writ-console")
	req.AddCookie(&http.Cookie{Name: "writ-act-as", Value: "arn:aws:iam::" + alice + ":root"})
	if got := do(t, req); got.status == http.StatusOK {
		t.Errorf("%s was served: %s", body, got.body)
	}
}

// TestBriefDecisions lists decisions without explanations, and reads the documents of one.
func TestBriefDecisions(t *testing.T) {
	s := writtest.New(t)
	deny(t, s)
	var list listed
	if status := fetch(t, s.URL+"/_writ/decisions?brief=true&outcome=denied&limit=100000", &list); status != http.StatusOK {
		t.Fatal(status)
	}
	if len(list.Decisions) != 1 || list.Decisions[0].Layers != nil || list.Decisions[0].Change != nil || len(list.Decisions[0].Context) != 0 {
		t.Fatalf("got %+v", list.Decisions)
	}
	if d := list.Decisions[0]; !strings.Contains(d.Sentence, "no resource-based policy allows") || d.DecidedBy[0] != "resource" {
		t.Errorf("got %q by %v", d.Sentence, d.DecidedBy)
	}
	var policies struct{ Decisions []server.DecisionPolicies }
	fetch(t, s.URL+"/_writ/decisions/"+list.Decisions[0].ID+"/policies", &policies)
	if len(policies.Decisions) != 1 || policies.Decisions[0].ID != list.Decisions[0].ID {
		t.Fatalf("got %+v", policies)
	}
	if status := fetch(t, s.URL+"/_writ/decisions/unknown/policies", nil); status != http.StatusNotFound {
		t.Errorf("of an unknown decision: %d", status)
	}
}
