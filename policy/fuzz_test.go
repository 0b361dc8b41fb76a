package policy_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/writdev/writ/policy"
)

// FuzzParse checks that a document that parses is JSON, prints canonically, and parses again to the same
// document.
func FuzzParse(f *testing.F) {
	for _, c := range loadCases(f) {
		for layer := range layers(&c.policies) {
			for _, a := range *layer {
				f.Add(a.Document.Source())
			}
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		doc, err := policy.Parse(src)
		if err != nil {
			return
		}
		if !json.Valid(src) {
			t.Errorf("parsed, but is not JSON: %q", src)
		}
		if !bytes.Equal(doc.Source(), src) {
			t.Errorf("the source of %q is %q", src, doc.Source())
		}
		text := doc.Canonical()
		again, err := policy.Parse(text)
		if err != nil {
			t.Fatalf("%q prints as %q: %v", src, text, err)
		}
		if got := again.Canonical(); !bytes.Equal(got, text) {
			t.Errorf("%q prints as %q and then as %q", src, text, got)
		}
		for kind := policy.Identity; kind <= policy.Endpoint; kind++ {
			for _, finding := range policy.Validate(doc, kind, nil) {
				if s := finding.Location.Span; s.Start.Offset > s.End.Offset || s.End.Offset > len(src) {
					t.Errorf("%v is at %v of %d", finding, s, len(src))
				}
			}
		}
	})
}

// FuzzDecide checks that no request makes the evaluator panic, and that the explanation agrees with the
// decision.
func FuzzDecide(f *testing.F) {
	cases := loadCases(f)
	for _, c := range cases {
		for layer := range layers(&c.policies) {
			for _, a := range *layer {
				f.Add(a.Document.Source(), c.request.Principal.ARN, c.request.Action, c.request.Resource, "k", "a")
			}
		}
	}
	f.Fuzz(func(t *testing.T, src []byte, principal, action, resource, key, value string) {
		doc, err := policy.Parse(src)
		if err != nil {
			return
		}
		req := policy.Request{Action: action, Resource: resource}
		req.Principal, _ = policy.ParsePrincipal(principal)
		req.Principal.SetKeys(&req.Context)
		req.Context.Add(key, value)
		attached := []policy.Attached{{Name: "p", Document: doc}}
		for _, p := range []policy.Policies{
			{Identity: attached},
			{Resource: attached},
			{Identity: attached, Boundary: attached, Session: attached, Resource: attached, Endpoint: attached, ServiceControl: [][]policy.Attached{attached}, ResourceControl: [][]policy.Attached{attached}},
		} {
			decision := policy.Decide(&req, &p)
			if x := policy.Explain(&req, &p); x.Decision != decision {
				t.Errorf("decided %v, explained %v", decision, x.Decision)
			}
		}
	})
}
