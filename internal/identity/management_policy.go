package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The inheritance operators.
// https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
const (
	operatorPrefix = "@@"
	assign         = "@@assign"
	appendTo       = "@@append"
	remove         = "@@remove"

	// ChildOperators names the operators that policies of lower levels may use.
	ChildOperators = "@@operators_allowed_for_child_policies"
)

// valueOperators are in the order in which those of one object apply.
var valueOperators = []string{assign, appendTo, remove}

// maxNesting bounds the nesting of documents.
const maxNesting = 32

// ParseManagementPolicy parses a policy of a type that configures a service, such as a tag
// policy.
func ParseManagementPolicy(text string) (document map[string]any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&document); err != nil || document == nil || d.More() {
		return nil, errors.New("the document must be one object of JSON")
	}
	if nesting(document) > maxNesting {
		return nil, errors.New("the document is nested too deep")
	}
	return document, nil
}

func nesting(value any) (d int) {
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			d = max(d, nesting(v))
		}
	case []any:
		for _, v := range value {
			d = max(d, nesting(v))
		}
	default:
		return 0
	}
	return d + 1
}

// CheckOperators checks that values stand under operators, and operators over values.
func CheckOperators(object map[string]any) error {
	for key, value := range object {
		switch child, nested := value.(map[string]any); {
		case !strings.HasPrefix(key, operatorPrefix):
			if !nested {
				return fmt.Errorf("the value of %q must be under an inheritance operator", key)
			}
			if err := CheckOperators(child); err != nil {
				return err
			}
		case key == ChildOperators:
			if !allIn(value, append([]string{"@@all", "@@none"}, valueOperators...)) {
				return fmt.Errorf("%s must be a list of operators, @@all or @@none", key)
			}
		case !slices.Contains(valueOperators, key):
			return fmt.Errorf("%q is no inheritance operator", key)
		case nested || value == nil || nesting(value) > 1:
			return fmt.Errorf("the value of %s must be a value or a list of values", key)
		}
	}
	return nil
}

// allIn reports whether a value is a list of texts of a set.
func allIn(value any, set []string) bool {
	list, ok := value.([]any)
	return ok && !slices.ContainsFunc(list, func(v any) bool {
		text, ok := v.(string)
		return !ok || !slices.Contains(set, text)
	})
}
