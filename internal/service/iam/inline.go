package iam

import (
	"maps"
	"slices"

	"github.com/writdev/writ/internal/operation"
)

// putInline adds an inline policy or replaces the one with its name.
func putInline(c *operation.Call, find findOwner, name, policyName, document string) error {
	h, err := find(c, name)
	if err != nil {
		return err
	}
	if err := checkIdentity(document); err != nil {
		return err
	}
	h.grants.SetPolicy(policyName, document)
	total := 0
	for _, text := range h.grants.Policies {
		total += size(text)
	}
	if total > h.maxInline {
		return errLimitExceeded("Maximum policy size of %d bytes exceeded for %s %s", h.maxInline, h.kind, h.name)
	}
	return h.save()
}

// getInline reads an inline policy.
func getInline(c *operation.Call, find findOwner, name, policyName string) (policyOwner, string, error) {
	h, err := find(c, name)
	if err != nil {
		return policyOwner{}, "", err
	}
	document, ok := h.grants.Policies[policyName]
	if !ok {
		return policyOwner{}, "", errNoSuchEntity("The %s policy with name %s cannot be found.", h.kind, policyName)
	}
	return h, document, nil
}

func deleteInline(c *operation.Call, find findOwner, name, policyName string) error {
	h, _, err := getInline(c, find, name, policyName)
	if err != nil {
		return err
	}
	delete(h.grants.Policies, policyName)
	return h.save()
}

func listInline(c *operation.Call, op string, find findOwner, name string, marker *string, maxItems *int) (page[string], error) {
	h, err := find(c, name)
	if err != nil {
		return page[string]{}, err
	}
	return listed(op, marker, maxItems, slices.Collect(maps.Keys(h.grants.Policies)), identityKey, same)
}
