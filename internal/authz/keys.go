package authz

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// callerKeys sets the condition keys that follow from the caller.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func callerKeys(c *policy.Context, caller identity.Caller) {
	if caller.UserID != "" {
		c.Set("aws:userid", caller.UserID)
	}
	caller.Principal.SetKeys(c)
	c.Set("aws:ViaAWSService", "false")
	if s := caller.Session; s != nil {
		c.Set("aws:TokenIssueTime", s.IssuedAt.UTC().Format(time.RFC3339))
		c.Set("aws:MultiFactorAuthPresent", "false")
		if s.SourceIdentity != "" {
			c.Set("aws:SourceIdentity", s.SourceIdentity)
		}
	}
}

// tagKeys sets one condition key for each tag.
func tagKeys(c *policy.Context, prefix string, tags map[string]string) {
	for key, value := range tags {
		c.Add(prefix+key, value)
	}
}

// resourceTagKeys sets the tags of a target, under the name that they have with
// all services and under the service's own, where it has one.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html#awssystemsmanager-policy-keys
func resourceTagKeys(c *policy.Context, resource string, tags map[string]string) {
	tagKeys(c, "aws:ResourceTag/", tags)
	a, err := arn.Parse(resource)
	if err != nil {
		return
	}
	switch a.Service {
	case "iam": // which has it for users and roles
		if strings.HasPrefix(a.Resource, "user/") || strings.HasPrefix(a.Resource, "role/") {
			tagKeys(c, "iam:ResourceTag/", tags)
		}
	case "ram", "ssm":
		tagKeys(c, a.Service+":ResourceTag/", tags)
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

// targetKeys sets the condition keys that follow from the request's target: the
// tags in the request, and the service's own keys.
func targetKeys(c *policy.Context, t Target) {
	tagKeys(c, "aws:RequestTag/", t.RequestTags)
	if names := slices.Concat(t.TagKeys, slices.Sorted(maps.Keys(t.RequestTags))); len(names) > 0 {
		c.Set("aws:TagKeys", names...)
	}
	for key, values := range t.Keys {
		c.Set(key, values...)
	}
}
