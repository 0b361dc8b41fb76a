package main

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/writdev/writ/policy"
)

// requestJSON is a request in the form that writ simulate --jsonl reads, with the
// policies that it needs in addition to those in question.
type requestJSON struct {
	Principal       string     `json:"principal"`
	Action          string     `json:"action"`
	Resource        string     `json:"resource"`
	ResourceAccount string     `json:"resourceAccount,omitempty"`
	Context         contextMap `json:"context,omitempty"`

	Identity       []json.RawMessage   `json:"identityPolicies,omitempty"`
	Boundary       []json.RawMessage   `json:"permissionsBoundaries,omitempty"`
	Session        []json.RawMessage   `json:"sessionPolicies,omitempty"`
	Resources      json.RawMessage     `json:"resourcePolicy,omitempty"`
	ServiceControl [][]json.RawMessage `json:"serviceControlPolicies,omitempty"`
}

// contextMap writes keys in a fixed order, and a single value without brackets.
type contextMap map[string][]string

func (m contextMap) MarshalJSON() ([]byte, error) {
	plain := make(map[string]any, len(m))
	for key, values := range m {
		if plain[key] = values; len(values) == 1 {
			plain[key] = values[0]
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(plain)
	return bytes.TrimSpace(b.Bytes()), err
}

// newRequestJSON writes a request. It leaves out the condition keys that reading
// the principal gives again.
func newRequestJSON(req *policy.Request, around *policy.Policies) *requestJSON {
	r := &requestJSON{
		Principal: principalText(&req.Principal), Action: req.Action, Resource: req.Resource, ResourceAccount: req.ResourceAccount,
		Identity: documentsJSON(around.Identity), Boundary: documentsJSON(around.Boundary), Session: documentsJSON(around.Session),
	}
	if list := documentsJSON(around.Resource); len(list) > 0 {
		r.Resources = list[0]
	}
	for _, level := range around.ServiceControl {
		r.ServiceControl = append(r.ServiceControl, documentsJSON(level))
	}
	var implied policy.Context
	if p, err := policy.ParsePrincipal(r.Principal); err == nil {
		p.SetKeys(&implied)
	}
	for key, values := range req.Context.All() {
		if !slices.Equal(implied.Get(key), values) {
			if r.Context == nil {
				r.Context = contextMap{}
			}
			r.Context[key] = values
		}
	}
	return r
}

// principalText is a caller as policy.ParsePrincipal reads it.
func principalText(p *policy.Principal) string {
	switch {
	case p.Kind == policy.Anonymous:
		return "*"
	case p.Kind == policy.RoleSession && len(p.ARN) > 0:
		// The ARN of a session with a name tells its role, if that has no path.
		if q, err := policy.ParsePrincipal(p.ARN); err == nil {
			return q.ARN
		}
		return p.Issuer
	}
	return p.ARN
}

func documentsJSON(attached []policy.Attached) []json.RawMessage {
	var list []json.RawMessage
	for _, a := range attached {
		list = append(list, json.RawMessage(a.Document.Source()))
	}
	return list
}
