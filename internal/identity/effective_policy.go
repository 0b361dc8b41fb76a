package identity

import (
	"fmt"
	"slices"
	"time"

	"github.com/writdev/writ/internal/store"
)

// EffectivePolicy joins the policies of a type from the root of the organization down to a
// node. It returns the document without inheritance operators, nil if there is none, and
// when one of its policies changed last.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inheritance_mgmt.html
func EffectivePolicy(tx *store.Tx, n Node, kind string) (document any, updated time.Time, err error) {
	var e effective
	for i, id := range append(slices.Clone(n.Parents), n.ID) {
		level, err := ReadNode(tx, n.Organization.NodeARN(id))
		if err != nil {
			return nil, updated, fmt.Errorf("policies of %s: %w", id, err)
		}
		if i == 0 && !slices.Contains(level.PolicyTypes, kind) {
			return nil, updated, nil
		}
		for _, id := range slices.Sorted(slices.Values(level.Attached[kind])) {
			changed, err := e.applyStored(tx, n.Organization.PolicyARN(kind, id))
			if err != nil {
				return nil, updated, fmt.Errorf("policy %s: %w", id, err)
			}
			if changed.After(updated) {
				updated = changed
			}
		}
		e.descend()
	}
	return e.plain(), updated, nil
}

// applyStored applies the policy at an ARN, and returns when it changed last.
func (e *effective) applyStored(tx *store.Tx, arn string) (changed time.Time, err error) {
	r, err := tx.Resource(arn)
	if err != nil {
		return changed, err
	}
	p, err := readRow[OrganizationPolicy](tx, arn)
	if err != nil {
		return changed, err
	}
	object, err := ParseManagementPolicy(p.Content)
	if err != nil {
		return changed, err
	}
	e.apply(object, nil)
	return r.UpdatedAt, nil
}

// effective is a node of the effective policy while the policies of the levels are applied,
// from the root of the organization down.
type effective struct {
	children map[string]*effective
	value    any

	// allowed are the operators that policies of lower levels may use here and, where a
	// node below says nothing, there; nil for all. next is what the current level says.
	allowed, next []string
}

func (e *effective) child(key string) *effective {
	if e.children == nil {
		e.children = map[string]*effective{}
	}
	if e.children[key] == nil {
		e.children[key] = &effective{}
	}
	return e.children[key]
}

// apply applies a policy's object. Operators that no level above allows have no effect.
func (e *effective) apply(object map[string]any, allowed []string) {
	if e.allowed != nil {
		allowed = e.allowed
	}
	for _, operator := range valueOperators {
		if value, ok := object[operator]; ok && (allowed == nil || slices.Contains(allowed, operator)) {
			e.operate(operator, value)
		}
	}
	if list, ok := object[ChildOperators].([]any); ok {
		e.next = []string{}
		for _, operator := range valueOperators {
			named := slices.Contains(list, any("@@all")) || slices.Contains(list, any(operator))
			if named && (allowed == nil || slices.Contains(allowed, operator)) {
				e.next = append(e.next, operator)
			}
		}
	}
	for key, value := range object {
		if nested, ok := value.(map[string]any); ok {
			e.child(key).apply(nested, allowed)
		}
	}
}

func (e *effective) operate(operator string, value any) {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	switch operator {
	case assign:
		e.value = value
	case appendTo:
		old := asList(e.value)
		for _, v := range list {
			if !slices.Contains(old, v) {
				old = append(old, v)
			}
		}
		e.value = old
	case remove:
		if e.value != nil {
			e.value = slices.DeleteFunc(asList(e.value), func(v any) bool { return slices.Contains(list, v) })
		}
	}
}

// asList is a value as a list of its own.
func asList(value any) []any {
	switch value := value.(type) {
	case nil:
		return []any{}
	case []any:
		return slices.Clone(value)
	}
	return []any{value}
}

// descend ends a level: what it says of its children binds the next.
func (e *effective) descend() {
	if e.next != nil {
		e.allowed, e.next = e.next, nil
	}
	for _, child := range e.children {
		child.descend()
	}
}

// plain is the effective policy without operators; nil if it is empty.
func (e *effective) plain() any {
	if e.value != nil {
		return e.value
	}
	object := map[string]any{}
	for key, child := range e.children {
		if v := child.plain(); v != nil {
			object[key] = v
		}
	}
	if len(object) == 0 {
		return nil
	}
	return object
}
