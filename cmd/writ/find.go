package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// located is a policy document in a file.
type located struct {
	path string // in the file: "Resources.Role.Properties.Policies[0].PolicyDocument"; empty for a whole file
	kind string // as --kind names it; auto where the place does not tell
	doc  *policy.Document
	err  error // why doc is nil
}

// findPolicies lists the policy documents below a node. An object is one if it has
// statements; so is a text that holds one.
func findPolicies(n *node) []located {
	var found []located
	var walk func(n *node, path, kind string, parent *node)
	walk = func(n *node, path, kind string, parent *node) {
		switch {
		case n.kind == objectNode && n.isPolicy():
			found = append(found, n.locate(path, kind))
		case n.kind == objectNode:
			for i, key := range n.keys {
				walk(n.values[i], joinPath(path, key.text), kindAt(key.text, n, parent), n)
			}
		case n.kind == listNode:
			for i, v := range n.values {
				walk(v, fmt.Sprintf("%s[%d]", path, i), kind, n)
			}
		case n.kind == textNode && looksLikePolicy(n.text):
			inner, err := readJSON([]byte(n.text))
			if err != nil {
				found = append(found, located{path: path, kind: kind, err: err})
				return
			}
			inner.moveTo(n.line, n.column)
			walk(inner, path, kind, n)
		}
	}
	walk(n, "", "auto", nil)
	return found
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func looksLikePolicy(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") && strings.Contains(text, `"Statement"`)
}

// isPolicy reports whether an object is a policy document: one with statements that
// have an effect, or with a version of the language.
func (n *node) isPolicy() bool {
	st := n.get("Statement")
	if st == nil {
		return false
	}
	if v := n.get("Version"); v != nil && (v.text == "2012-10-17" || v.text == "2008-10-17") {
		return true
	}
	if st.kind == listNode && len(st.values) > 0 {
		st = st.values[0]
	}
	return st.kind == objectNode && st.get("Effect") != nil
}

// locate reads the policy at a node.
func (n *node) locate(path, kind string) located {
	n.resolve()
	d, err := policy.Parse(n.render())
	return located{path: path, kind: kind, doc: d, err: err}
}

// kindAt is the kind of the policies below a key of an object, as far as their place
// in a template or in a plan tells.
func kindAt(key string, object, parent *node) string {
	of := ""
	for _, n := range []*node{object, parent} {
		if n == nil {
			continue
		}
		if t := n.get("Type"); t != nil && of == "" {
			of = t.text
		}
	}
	switch strings.ToLower(key) {
	case "assumerolepolicydocument", "assume_role_policy":
		return "trust"
	case "policydocument", "policy":
		if strings.Contains(of, "VPCEndpoint") {
			return "endpoint"
		}
	case "content":
		switch of {
		case "SERVICE_CONTROL_POLICY":
			return "scp"
		case "RESOURCE_CONTROL_POLICY":
			return "rcp"
		}
	}
	return "auto"
}

// findPlanned lists the policies of a plan of Terraform, before and after each
// change of a resource. What is known only after the change is an error.
func findPlanned(plan *node) (before, after []located) {
	changes := plan.get("resource_changes")
	if changes == nil {
		return nil, nil
	}
	for _, resource := range changes.values {
		change := resource.get("change")
		if change == nil {
			continue
		}
		address, of := resource.textOf("address"), resource.textOf("type")
		before = append(before, plannedAt(change.get("before"), address, of)...)
		added := plannedAt(change.get("after"), address, of)
		after = append(after, added...)
		after = append(after, unknownPlanned(change.get("after_unknown"), address)...)
	}
	return before, after
}

func plannedAt(state *node, address, of string) []located {
	if state == nil || state.kind != objectNode {
		return nil
	}
	list := findPolicies(state)
	for i := range list {
		l := &list[i]
		switch {
		case l.kind != "auto":
		case of == "aws_organizations_policy" && state.textOf("type") == "RESOURCE_CONTROL_POLICY":
			l.kind = "rcp"
		case of == "aws_organizations_policy":
			l.kind = "scp"
		case strings.HasPrefix(of, "aws_vpc_endpoint"):
			l.kind = "endpoint"
		case strings.HasPrefix(of, "aws_iam_"):
			l.kind = "identity"
		}
		l.path = joinPath(address, l.path)
	}
	return list
}

// policyAttributes are the attributes of resources whose values are policies.
var policyAttributes = []string{"policy", "assume_role_policy", "inline_policy", "resource_policy", "policy_document", "content", "access_policy", "access_policies"}

func unknownPlanned(unknown *node, address string) []located {
	if unknown == nil || unknown.kind != objectNode {
		return nil
	}
	var list []located
	for i, key := range unknown.keys {
		if unknown.values[i].text == "true" && slices.Contains(policyAttributes, key.text) {
			list = append(list, located{path: joinPath(address, key.text), kind: "auto", err: fmt.Errorf("the policy is known only after apply")})
		}
	}
	return list
}

// sameText reports whether two documents have the same text, their layout aside.
func sameText(a, b *policy.Document) bool {
	var texts [2]any
	for i, d := range []*policy.Document{a, b} {
		if err := json.Unmarshal(d.Source(), &texts[i]); err != nil {
			return false
		}
	}
	x, errX := json.Marshal(texts[0])
	y, errY := json.Marshal(texts[1])
	return errX == nil && errY == nil && string(x) == string(y)
}
