package policy_test

import (
	"strings"
	"testing"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/policy"
)

// TestRecordsOfCases checks, for every case, that the decision record agrees with the engine: as a whole, in
// each layer, and in the brief form of audit files.
func TestRecordsOfCases(t *testing.T) {
	for _, c := range loadCases(t) {
		want := policy.Decide(&c.request, &c.policies)
		explained := decision.New(decision.Input{Request: &c.request, Policies: &c.policies})
		brief := decision.Brief(decision.Input{Request: &c.request}, want)
		for form, r := range map[string]decision.Record{"explained": explained, "brief": brief} {
			if r.Verdict != want.Verdict.String() || strings.Join(r.DecidedBy, "+") != want.Layer.String() || (r.Outcome == decision.Allowed) != want.Allowed() {
				t.Errorf("%s: the %s record says %s, %s by %v; the engine %v", c.name, form, r.Outcome, r.Verdict, r.DecidedBy, want)
			}
		}
		if explained.Sentence != brief.Sentence {
			t.Errorf("%s: two sentences:\n%s\n%s", c.name, explained.Sentence, brief.Sentence)
		}
		if (explained.Change == nil) != want.Allowed() || want.Allowed() && explained.NearestMiss != nil {
			t.Errorf("%s: %v with the change %v and the nearest miss %v", c.name, want, explained.Change, explained.NearestMiss)
		}
	}
}
