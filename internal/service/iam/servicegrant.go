package iam

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// grantedServices are the namespaces of the services of which policies allow an action,
// whatever their resources and conditions say. A wildcard is all services of Writ.
func grantedServices(documents []identity.Document) []string {
	granted := map[string]bool{}
	for _, d := range documents {
		doc, err := policy.Parse([]byte(d.Text))
		if err != nil {
			continue // what is stored parses
		}
		for _, s := range doc.Statements() {
			if s.Effect.Text != "Allow" {
				continue
			}
			if s.NotAction.Present() {
				addServices(granted, "*")
			}
			for _, a := range s.Action.Values {
				vendor, _, _ := strings.Cut(a.Text, ":")
				addServices(granted, strings.ToLower(vendor))
			}
		}
	}
	return slices.Sorted(maps.Keys(granted))
}

func addServices(granted map[string]bool, vendor string) {
	if !strings.ContainsAny(vendor, "*?") {
		granted[vendor] = true
		return
	}
	for namespace := range serviceTitles {
		if ok, err := path.Match(vendor, namespace); ok && err == nil {
			granted[namespace] = true
		}
	}
}

// listPoliciesGrantingServiceAccess lists the policies of a user, a group or a role that
// grant each of some services, those of a user's groups included.
func listPoliciesGrantingServiceAccess(c *operation.Call, in *ListPoliciesGrantingServiceAccessInput) (*ListPoliciesGrantingServiceAccessOutput, error) {
	owners, err := policyOwners(c, in.ARN)
	if err != nil {
		return nil, err
	}
	out := &ListPoliciesGrantingServiceAccessOutput{PoliciesGrantingServiceAccess: []ListPoliciesGrantingServiceAccessEntry{}, IsTruncated: new(false)}
	for _, namespace := range in.ServiceNamespaces {
		entry := ListPoliciesGrantingServiceAccessEntry{ServiceNamespace: &namespace, Policies: []PolicyGrantingServiceAccess{}}
		for _, owner := range owners {
			granting, err := granting(c, owner, namespace)
			if err != nil {
				return nil, err
			}
			entry.Policies = append(entry.Policies, granting...)
		}
		out.PoliciesGrantingServiceAccess = append(out.PoliciesGrantingServiceAccess, entry)
	}
	return out, nil
}

// policyOwners are the entity at an ARN and the groups that it is in.
func policyOwners(c *operation.Call, about string) ([]entity, error) {
	if _, _, err := principalPolicies(c, about); err != nil {
		return nil, err
	}
	e, err := readEntity(c, about)
	if err != nil || e.kind != identity.UserKind {
		return []entity{e}, err
	}
	owners := []entity{e}
	u, err := identity.ReadUser(c.Tx, about)
	if err != nil {
		return nil, err
	}
	for _, arn := range u.Groups {
		group, err := readEntity(c, arn)
		if err != nil {
			return nil, err
		}
		owners = append(owners, group)
	}
	return owners, nil
}

// granting are the policies of an entity that grant a service.
func granting(c *operation.Call, e entity, namespace string) (list []PolicyGrantingServiceAccess, err error) {
	grants := func(document string) bool {
		return slices.Contains(grantedServices([]identity.Document{{Text: document}}), namespace)
	}
	for _, name := range slices.Sorted(maps.Keys(e.grants.Policies)) {
		if grants(e.grants.Policies[name]) {
			list = append(list, PolicyGrantingServiceAccess{
				PolicyName: name, PolicyType: PolicyTypeInline,
				EntityType: new(PolicyOwnerEntityType(strings.ToUpper(string(e.kind)))), EntityName: &e.Name,
			})
		}
	}
	for _, arn := range e.grants.Attached {
		document, err := identity.ManagedDocument(c.Tx, arn)
		if err != nil {
			return nil, err
		}
		if grants(document) {
			list = append(list, PolicyGrantingServiceAccess{PolicyName: *attachedView(arn).PolicyName, PolicyType: PolicyTypeManaged, PolicyARN: &arn})
		}
	}
	return list, nil
}
