package prove

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// bound returns a document that allows everything the given document allows for any values of the varying
// condition keys: its Allow statements without the conditions on those keys, and only those Deny statements
// that have none. A request that is denied with bounds is denied for all values, and this answers most
// questions at once.
func (m *Model) bound(d *policy.Document) *policy.Document {
	if b, ok := m.bounds[d]; ok {
		return b
	}
	b := looser(d)
	m.bounds[d] = b
	return b
}

func looser(d *policy.Document) *policy.Document {
	var doc map[string]any
	if json.Unmarshal(d.Source(), &doc) != nil {
		return nil
	}
	statements := []any{}
	for _, s := range list(doc["Statement"]) {
		if statement, ok := s.(map[string]any); ok && loosen(statement) {
			statements = append(statements, statement)
		}
	}
	doc["Statement"] = statements
	text, err := json.Marshal(doc)
	if err != nil {
		return nil
	}
	b, err := policy.Parse(text)
	if err != nil {
		return nil
	}
	return b
}

func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// loosen removes the varying conditions from a statement; it reports whether the statement remains.
func loosen(s map[string]any) bool {
	deny := s["Effect"] != "Allow"
	for _, name := range []string{"Resource", "NotResource"} {
		if hasVariable(s[name]) {
			if deny {
				return false
			}
			delete(s, name)
			s["Resource"] = "*"
		}
	}
	block, _ := s["Condition"].(map[string]any)
	for operator, keys := range block {
		conditions, _ := keys.(map[string]any)
		for key, values := range conditions {
			if fixedKey(key) && !hasVariable(values) {
				continue
			}
			if deny {
				return false
			}
			delete(conditions, key)
		}
		if len(conditions) == 0 {
			delete(block, operator)
		}
	}
	if len(block) == 0 {
		delete(s, "Condition")
	}
	return true
}

func hasVariable(v any) bool {
	return v != nil && slices.ContainsFunc(list(v), func(v any) bool { s, ok := v.(string); return ok && strings.Contains(s, "${") })
}

// fixedKey reports whether a key has the same value in every request of a declared principal for a declared
// resource.
func fixedKey(key string) bool {
	key = strings.ToLower(key)
	return slices.Contains([]string{
		"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:principalorgid", "aws:principalorgpaths",
		"aws:principalisawsservice", "aws:username", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths",
	}, key) || strings.HasPrefix(key, "aws:principaltag/") || strings.HasPrefix(key, "aws:resourcetag/")
}

func (m *Model) boundAll(layer []policy.Attached) (bounds []policy.Attached, ok bool) {
	if layer == nil {
		return nil, true
	}
	bounds = make([]policy.Attached, len(layer))
	for i, a := range layer {
		if bounds[i].Document = m.bound(a.Document); bounds[i].Document == nil {
			return nil, false
		}
	}
	return bounds, true
}

// boundPolicies returns the bounds of all layers; ok is false if some policy has none.
func (m *Model) boundPolicies(p *policy.Policies) (b policy.Policies, ok bool) {
	ok = true
	layer := func(l []policy.Attached) []policy.Attached {
		bounds, has := m.boundAll(l)
		ok = ok && has
		return bounds
	}
	b.Identity, b.Boundary, b.Session, b.Resource = layer(p.Identity), layer(p.Boundary), layer(p.Session), layer(p.Resource)
	for _, l := range p.ServiceControl {
		b.ServiceControl = append(b.ServiceControl, layer(l))
	}
	for _, l := range p.ResourceControl {
		b.ResourceControl = append(b.ResourceControl, layer(l))
	}
	return b, ok
}
