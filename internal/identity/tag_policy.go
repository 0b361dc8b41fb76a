package identity

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/store"
)

// TagPolicy is the type of policies that say which tags are compliant.
const TagPolicy = "TAG_POLICY"

// TagViolation returns the first of the tags that the effective tag policy of a resource's
// account rejects for the resource, by the order of keys; "" if there is none.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies-enforcement.html
func TagViolation(tx *store.Tx, resource string, tags map[string]string) (key string, err error) {
	a, err := arn.Parse(resource)
	if err != nil || len(tags) == 0 {
		return "", err
	}
	node, err := MemberNode(tx, a.Account)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	document, _, err := EffectivePolicy(tx, node, TagPolicy)
	if err != nil {
		return "", err
	}
	rules := tagRules(document, a)
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		for _, r := range rules {
			if r.rejects(key, tags[key]) {
				return key, nil
			}
		}
	}
	return "", nil
}

// tagRule is one enforced key of an effective tag policy.
type tagRule struct {
	key    string
	values []any // nil for any
}

// tagRules are the rules of an effective tag policy that are enforced for a resource.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
func tagRules(document any, resource arn.ARN) (rules []tagRule) {
	object, _ := document.(map[string]any)
	tags, _ := object["tags"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		entry, _ := tags[name].(map[string]any)
		if !slices.ContainsFunc(asList(entry["enforced_for"]), func(typ any) bool { return enforcedFor(typ, resource) }) {
			continue
		}
		r := tagRule{key: name}
		if key, ok := entry["tag_key"].(string); ok {
			r.key = key
		}
		if values, ok := entry["tag_value"]; ok {
			r.values = asList(values)
		}
		rules = append(rules, r)
	}
	return rules
}

// enforcedFor reports whether an entry of enforced_for, such as ssm:parameter or
// secretsmanager:*, includes a resource.
func enforcedFor(entry any, resource arn.ARN) bool {
	text, _ := entry.(string)
	service, typ, _ := strings.Cut(text, ":")
	if service != resource.Service {
		return false
	}
	own := resource.Resource
	if end := strings.IndexAny(own, ":/"); end >= 0 {
		own = own[:end]
	}
	return typ == "*" || typ == "ALL_SUPPORTED" || typ == own
}

// rejects reports whether the rule is about a tag and does not allow it: the key must have
// the rule's capitalization, the value must be one of its values, in which * stands for any
// text.
func (r tagRule) rejects(key, value string) bool {
	if !strings.EqualFold(key, r.key) {
		return false
	}
	return key != r.key || r.values != nil && !slices.ContainsFunc(r.values, func(v any) bool {
		pattern, _ := v.(string)
		before, after, wild := strings.Cut(pattern, "*")
		if !wild {
			return value == pattern
		}
		return len(value) >= len(before)+len(after) && strings.HasPrefix(value, before) && strings.HasSuffix(value, after)
	})
}
