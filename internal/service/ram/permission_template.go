package ram

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/policy"
)

// The template of a permission is a policy statement without Principal and Resource.
// RAM adds the principals and the resources of a share.
// https://docs.aws.amazon.com/ram/latest/userguide/managed-permission-considerations.html

// validateTemplate returns an error if a text is not a valid template of a permission
// for a resource type. The error has a line and a column of the text.
func validateTemplate(template string, t sharing.ResourceType) error {
	doc, err := policy.Parse([]byte(templatePrefix + template + "}"))
	if syntax, ok := err.(*policy.SyntaxError); ok {
		return templateErrorAt(syntax.Position, syntax.Path, "%s", syntax.Message)
	}
	// A text that ends the statement and starts another is not one JSON object.
	if !json.Valid([]byte(template)) || !strings.HasPrefix(strings.TrimSpace(template), "{") {
		return errors.New("it must be one JSON object with Effect, Action and, optionally, Condition")
	}
	for _, f := range policy.Validate(doc, policy.Resource, &policy.Rules{Tolerates: []string{"MISSING_PRINCIPAL"}}) {
		if f.Refused() {
			return templateErrorAt(f.Location.Span.Start, f.Location.Path, "%s", f.Message)
		}
	}
	st := &doc.Statements()[0]
	if err := validateElements(st); err != nil {
		return err
	}
	for _, action := range st.Action.Values {
		if !slices.ContainsFunc(shareableActions(t), func(a string) bool { return strings.EqualFold(a, action.Text) }) {
			return templateErrorAt(action.Span.Start, action.Path(), "%q is not an action that a permission for %s can allow", action.Text, t.Name)
		}
	}
	return validateCondition(st.Condition)
}

// templatePrefix precedes a template in the document that is parsed. The template
// starts on the second line.
const templatePrefix = `{"Version":"2012-10-17","Statement":` + "\n"

// templateErrorAt returns an error at a position of the document, in the format of
// syntax errors of policies. It converts the position to one of the template.
func templateErrorAt(p policy.Position, path policy.Path, format string, args ...any) error {
	err := &policy.SyntaxError{
		Position: policy.Position{Line: p.Line - 1, Column: p.Column},
		Message:  fmt.Sprintf(format, args...),
	}
	if len(path) > 0 {
		err.Path = path[1:] // without "Statement"
	}
	return err
}

// validateElements returns an error if a template has an element that is not allowed,
// or lacks a required one.
func validateElements(st *policy.Statement) error {
	for _, element := range []struct {
		name string
		node policy.Node
	}{
		{"Sid", st.Sid.Node}, {"Principal", st.Principal.Node}, {"NotPrincipal", st.NotPrincipal.Node},
		{"Resource", st.Resource.Node}, {"NotResource", st.NotResource.Node}, {"NotAction", st.NotAction.Node},
	} {
		if element.node.Present() {
			return templateErrorAt(element.node.Span.Start, nil, "%s is not allowed in a permission", element.name)
		}
	}
	switch {
	case st.Effect.Text != "Allow":
		return templateErrorAt(st.Effect.Span.Start, st.Effect.Path(), "a permission can only allow")
	case len(st.Action.Values) == 0:
		return templateErrorAt(st.Action.Span.Start, st.Action.Path(), "a permission must allow an action")
	}
	return nil
}

// forbiddenKeys holds the condition keys that are not allowed in a permission, in lower
// case. A key that ends in a colon is the prefix of the keys of system tags.
var forbiddenKeys = []string{
	"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount",
	"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgpaths", "aws:sourceorgid",
	"aws:principaltag/aws:", "aws:resourcetag/aws:", "aws:requesttag/aws:",
}

// validateCondition returns an error if a condition is not allowed in a permission.
// It reads "single, non-negating operators" as: no ForAllValues or ForAnyValue, no
// operator with Not in its name, and no Null.
func validateCondition(block policy.Condition) error {
	for _, o := range block.Operators {
		switch name := strings.ToLower(o.Name); {
		case strings.HasPrefix(name, "forallvalues:"), strings.HasPrefix(name, "foranyvalue:"):
			return templateErrorAt(o.Key.Span.Start, o.Key.Path(), "the operator of a permission may not compare multiple values")
		case strings.Contains(name, "not"), name == "null":
			return templateErrorAt(o.Key.Span.Start, o.Key.Path(), "the operator of a permission may not negate")
		}
		for _, k := range o.Keys {
			key := strings.ToLower(k.Name)
			if slices.ContainsFunc(forbiddenKeys, func(forbidden string) bool {
				return key == forbidden || strings.HasSuffix(forbidden, ":") && strings.HasPrefix(key, forbidden)
			}) {
				return templateErrorAt(k.Values.Key.Span.Start, k.Values.Key.Path(), "the condition key %s is not allowed in a permission", k.Name)
			}
		}
	}
	return nil
}
