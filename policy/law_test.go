package policy_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/writdev/writ/policy"
)

// layers returns the existing layers of a world, each with its kind.
func layers(p *policy.Policies) map[*[]policy.Attached]policy.Kind {
	all := map[*[]policy.Attached]policy.Kind{
		&p.Identity: policy.Identity, &p.Boundary: policy.Boundary, &p.Session: policy.Session,
		&p.Resource: policy.Resource, &p.Endpoint: policy.Endpoint,
	}
	for i := range p.ServiceControl {
		all[&p.ServiceControl[i]] = policy.ServiceControl
	}
	for i := range p.ResourceControl {
		all[&p.ResourceControl[i]] = policy.ResourceControl
	}
	for layer := range all {
		if *layer == nil {
			delete(all, layer)
		}
	}
	return all
}

// attach adds a policy of one statement to every layer.
func attach(t *rapid.T, g generator, p *policy.Policies, effect string) {
	for layer, kind := range layers(p) {
		s := g.statement(kind)
		s["Effect"] = effect
		text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": s})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := policy.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		*layer = append(*layer, policy.Attached{Document: doc})
	}
}

func TestAllowNeverRemovesAccess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t)
		w := g.policySet()
		g.ask(w)
		before := policy.Decide(&w.request, &w.policies)
		attach(t, g, &w.policies, "Allow")
		after := policy.Decide(&w.request, &w.policies)
		if before.Allowed() && !after.Allowed() {
			t.Errorf("%v, with an Allow more %v\n%v", before, after, w)
		}
	})
}

func TestDenyNeverAddsAccess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t)
		w := g.policySet()
		g.ask(w)
		before := policy.Decide(&w.request, &w.policies)
		attach(t, g, &w.policies, "Deny")
		after := policy.Decide(&w.request, &w.policies)
		if !before.Allowed() && after.Allowed() || before.Verdict == policy.ExplicitDeny && after.Verdict != policy.ExplicitDeny {
			t.Errorf("%v, with a Deny more %v\n%v", before, after, w)
		}
	})
}

func TestStatementOrderNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t)
		w := g.policySet()
		g.ask(w)
		before := policy.Decide(&w.request, &w.policies)
		for layer := range layers(&w.policies) {
			for i, a := range *layer {
				d := decode(string(a.Document.Source())).(map[string]any)
				if list, ok := d["Statement"].([]any); ok {
					d["Statement"] = append([]any{}, rapid.Permutation(list).Draw(t, "order")...)
				}
				text, err := json.Marshal(d)
				if err != nil {
					t.Fatal(err)
				}
				if (*layer)[i].Document, err = policy.Parse(text); err != nil {
					t.Fatal(err)
				}
			}
		}
		if after := policy.Decide(&w.request, &w.policies); after != before {
			t.Errorf("%v, in another order %v\n%v", before, after, w)
		}
	})
}
