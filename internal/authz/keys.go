package authz

import (
	"maps"
	"slices"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// callerKeys sets the condition keys that follow from the caller.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func callerKeys(c *policy.Context, caller identity.Caller, tags map[string]string) {
	c.Set("aws:PrincipalArn", caller.ARN())
	c.Set("aws:PrincipalAccount", caller.Account())
	c.Set("aws:userid", caller.UserID)
	c.Set("aws:PrincipalIsAWSService", "false")
	c.Set("aws:ViaAWSService", "false")
	switch caller.Principal.Kind {
	case policy.Root:
		c.Set("aws:PrincipalType", "Account")
	case policy.User:
		c.Set("aws:PrincipalType", "User")
		c.Set("aws:username", caller.Name)
	}
	for key, value := range tags {
		c.Add("aws:PrincipalTag/"+key, value)
	}
}

// organizationKeys sets the condition keys that follow from the organizations
// of the caller's and of the resource's account.
func organizationKeys(c *policy.Context, caller, resource identity.Membership) {
	if caller.OrganizationID != "" {
		c.Set("aws:PrincipalOrgID", caller.OrganizationID)
		c.Set("aws:PrincipalOrgPaths", caller.Path)
	}
	if resource.OrganizationID != "" {
		c.Set("aws:ResourceOrgID", resource.OrganizationID)
		c.Set("aws:ResourceOrgPaths", resource.Path)
	}
}

// targetKeys sets the condition keys that follow from the target: the tags of
// the resource, the tags in the request, and the service's own keys.
func targetKeys(tx *store.Tx, c *policy.Context, t Target) error {
	if t.ARN != "*" {
		tags, err := tx.Tags(t.ARN)
		if err != nil {
			return err
		}
		for key, value := range tags {
			c.Add("aws:ResourceTag/"+key, value)
		}
	}
	for key, value := range t.RequestTags {
		c.Add("aws:RequestTag/"+key, value)
	}
	tagKeys := slices.Concat(t.TagKeys, slices.Sorted(maps.Keys(t.RequestTags)))
	if len(tagKeys) > 0 {
		c.Set("aws:TagKeys", tagKeys...)
	}
	for key, values := range t.Keys {
		c.Set(key, values...)
	}
	return nil
}
