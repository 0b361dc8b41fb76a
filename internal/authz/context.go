package authz

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// RequestKeys holds the properties of a request that determine condition keys independently of its action and
// target. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
type RequestKeys struct {
	Time       time.Time
	Region     string // the region of the request, as policies see it
	Secure     bool   // the request was made over TLS
	UserAgent  string
	RemoteAddr string // "192.0.2.1:4711"
}

func (k *RequestKeys) set(c *policy.Context) {
	c.Set("aws:CurrentTime", k.Time.UTC().Format(time.RFC3339))
	c.Set("aws:EpochTime", strconv.FormatInt(k.Time.Unix(), 10))
	c.Set("aws:RequestedRegion", k.Region)
	c.Set("aws:SecureTransport", strconv.FormatBool(k.Secure))
	c.Set("aws:UserAgent", k.UserAgent)
	if host, _, err := net.SplitHostPort(k.RemoteAddr); err == nil {
		c.Set("aws:SourceIp", host)
	}
}

// SetContext sets every condition key of the decision. For the decision itself, condition keys are set only
// if a document may read one, and tags only if a document may read those.
func (in *Inputs) SetContext(c *policy.Context) {
	callerKeys(c, in.Caller)
	organizationKeys(c, in.CallerOrganization, in.OwnerOrganization)
	c.Set("aws:ResourceAccount", in.Owner)
	if in.Keys != nil {
		in.Keys.set(c)
		if s := in.Caller.Session; s != nil && !s.MFAAt.IsZero() {
			c.Set("aws:MultiFactorAuthAge", strconv.FormatInt(int64(in.Keys.Time.Sub(s.MFAAt).Seconds()), 10))
		}
	}
	resourceTagKeys(c, in.Target.ARN, in.ResourceTags)
	tagKeys(c, "aws:PrincipalTag/", in.PrincipalTags)
	targetKeys(c, in.Target) // last: a hypothetical request may set any key
}

// callerKeys sets the condition keys that the caller determines.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func callerKeys(c *policy.Context, caller identity.Caller) {
	if caller.UserID != "" {
		c.Set("aws:userid", caller.UserID)
	}
	caller.Principal.SetKeys(c)
	c.Set("aws:ViaAWSService", "false")
	if s := caller.Session; s != nil {
		c.Set("aws:TokenIssueTime", s.IssuedAt.UTC().Format(time.RFC3339))
		c.Set("aws:MultiFactorAuthPresent", strconv.FormatBool(!s.MFAAt.IsZero()))
		if s.SourceIdentity != "" {
			c.Set("aws:SourceIdentity", s.SourceIdentity)
		}
		for key, values := range s.Keys {
			c.Set(key, values...)
		}
	}
}

// tagKeys sets one condition key for each tag.
func tagKeys(c *policy.Context, prefix string, tags map[string]string) {
	for key, value := range tags {
		c.Add(prefix+key, value)
	}
}

// resourceTagKeys sets the tags of a target, under the global condition key and under the service's own key,
// if it has one.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html#awssystemsmanager-policy-keys
func resourceTagKeys(c *policy.Context, resource string, tags map[string]string) {
	if len(tags) == 0 {
		return
	}
	tagKeys(c, "aws:ResourceTag/", tags)
	a, err := arn.Parse(resource)
	if err != nil {
		return
	}
	switch a.Service {
	case "iam": // for users and roles
		if strings.HasPrefix(a.Resource, "user/") || strings.HasPrefix(a.Resource, "role/") {
			tagKeys(c, "iam:ResourceTag/", tags)
		}
	case "ram", "secretsmanager", "ssm":
		tagKeys(c, a.Service+":ResourceTag/", tags)
	}
}

// organizationKeys sets the condition keys for the organizations of the caller's and the resource's account.
func organizationKeys(c *policy.Context, caller, resource Organization) {
	if caller.ID != "" {
		c.Set("aws:PrincipalOrgID", caller.ID)
		c.Set("aws:PrincipalOrgPaths", caller.Path)
	}
	if resource.ID != "" {
		c.Set("aws:ResourceOrgID", resource.ID)
		c.Set("aws:ResourceOrgPaths", resource.Path)
	}
}

// targetKeys sets the target's condition keys: the tags in the request, and the service's keys.
func targetKeys(c *policy.Context, t Target) {
	tagKeys(c, "aws:RequestTag/", t.RequestTags)
	if len(t.TagKeys)+len(t.RequestTags) > 0 {
		c.Set("aws:TagKeys", slices.Concat(t.TagKeys, slices.Sorted(maps.Keys(t.RequestTags)))...)
	}
	for key, values := range t.Keys {
		c.Set(key, values...)
	}
}
