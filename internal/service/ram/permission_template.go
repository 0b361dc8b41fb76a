package ram

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/policy"
)

// A permission is a policy statement without its ends: what is allowed, and on
// which conditions. RAM adds who (the principals of a share) and what (each of
// its resources).
// https://docs.aws.amazon.com/ram/latest/userguide/managed-permission-considerations.html

// templateFault says why a text may not be the template of a permission of a
// resource type; "" if it may. Lines and columns are those of the text.
func templateFault(template string, t sharing.ResourceType) string {
	doc, err := policy.Parse([]byte(beforeTemplate + template + "}"))
	if syntax, ok := err.(*policy.SyntaxError); ok {
		return at(syntax.Position, syntax.Path, "%s", syntax.Message)
	}
	// What closes the statement and goes on after it is no statement by itself.
	if !json.Valid([]byte(template)) || !strings.HasPrefix(strings.TrimSpace(template), "{") {
		return "it must be one JSON object with Effect, Action and, if need be, Condition"
	}
	for _, f := range policy.Validate(doc, policy.Resource, &policy.Rules{Tolerates: []string{"MISSING_PRINCIPAL"}}) {
		if f.Refused() {
			return at(f.Location.Span.Start, f.Location.Path, "%s", f.Message)
		}
	}
	st := &doc.Statements[0]
	if reason := elementFault(st); reason != "" {
		return reason
	}
	for _, action := range st.Action.Values {
		if !slices.ContainsFunc(shareable(t), func(a string) bool { return strings.EqualFold(a, action.Text) }) {
			return at(action.Span.Start, action.Path(), "%q is not an action that a permission for %s can allow", action.Text, t.Name)
		}
	}
	return conditionFault(st.Condition)
}

// beforeTemplate makes a document of a template, which begins on its second line.
const beforeTemplate = `{"Version":"2012-10-17","Statement":` + "\n"

// at words a fault of a template as errors of policies are.
func at(p policy.Position, path policy.Path, format string, args ...any) string {
	fault := policy.SyntaxError{
		Position: policy.Position{Line: p.Line - 1, Column: p.Column},
		Message:  fmt.Sprintf(format, args...),
	}
	if len(path) > 0 {
		fault.Path = path[1:] // without "Statement"
	}
	return fault.Error()
}

// elementFault finds what a template may not hold, or lacks.
func elementFault(st *policy.Statement) string {
	for _, element := range []struct {
		name string
		node policy.Node
	}{
		{"Sid", st.Sid.Node}, {"Principal", st.Principal.Node}, {"NotPrincipal", st.NotPrincipal.Node},
		{"Resource", st.Resource.Node}, {"NotResource", st.NotResource.Node}, {"NotAction", st.NotAction.Node},
	} {
		if element.node.Present() {
			return at(element.node.Span.Start, nil, "%s may not stand in a permission", element.name)
		}
	}
	switch {
	case st.Effect.Text != "Allow":
		return at(st.Effect.Span.Start, st.Effect.Path(), "a permission can only allow")
	case len(st.Action.Values) == 0:
		return at(st.Action.Span.Start, st.Action.Path(), "a permission must allow an action")
	}
	return ""
}

// barredKeys are the condition keys that a permission may not ask for, in lower
// case; those that end in a colon begin names of system tags.
var barredKeys = []string{
	"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount",
	"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgpaths", "aws:sourceorgid",
	"aws:principaltag/aws:", "aws:resourcetag/aws:", "aws:requesttag/aws:",
}

// conditionFault finds a condition that a permission may not have. "Single,
// non-negating operators" is read as: no ForAllValues or ForAnyValue, no operator
// with Not in its name, and no Null.
func conditionFault(block policy.Condition) string {
	for _, o := range block.Operators {
		switch name := strings.ToLower(o.Name); {
		case strings.HasPrefix(name, "forallvalues:"), strings.HasPrefix(name, "foranyvalue:"):
			return at(o.Key.Span.Start, o.Key.Path(), "the operator of a permission may not compare many values")
		case strings.Contains(name, "not"), name == "null":
			return at(o.Key.Span.Start, o.Key.Path(), "the operator of a permission may not negate")
		}
		for _, k := range o.Keys {
			key := strings.ToLower(k.Name)
			if slices.ContainsFunc(barredKeys, func(barred string) bool {
				return key == barred || strings.HasSuffix(barred, ":") && strings.HasPrefix(key, barred)
			}) {
				return at(k.Values.Key.Span.Start, k.Values.Key.Path(), "the condition key %s may not stand in a permission", k.Name)
			}
		}
	}
	return ""
}
