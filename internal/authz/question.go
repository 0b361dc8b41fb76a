package authz

import "github.com/writdev/writ/internal/identity"

// Target is the resource of a request, as its authorization sees it.
type Target struct {
	// ARN is the ARN of the resource, or "*" if the action has none.
	ARN string
	// PolicyARN is the ARN whose resource-based policies apply to the target, if it is not ARN itself; "*" if
	// none apply.
	PolicyARN string
	// RequestTags are the tags in the request: aws:RequestTag, aws:TagKeys.
	RequestTags map[string]string
	// TagKeys are tag keys in the request without values, as in UntagResource.
	TagKeys []string
	// Keys are condition keys of the service itself and, in a hypothetical request, any key in place of the
	// derived one; a key without values is absent.
	Keys map[string][]string
	// MustGrant means that the resource-based policy must also allow callers of the resource's own account.
	MustGrant bool
	// ResourcePolicies are resource-based policies in addition to those in the store, for access that the
	// owner published or delegated.
	ResourcePolicies []identity.Document
	// CallerPolicies count as identity policies of the caller for this target, where a grant by the owner is
	// sufficient, as with a KMS grant.
	CallerPolicies []identity.Document
	// AWSManaged marks a resource that AWS manages in the account: an AWS managed key.
	AWSManaged bool
}

// Question is one request to decide. Its contents must not change afterwards: the decision refers to them.
type Question struct {
	Caller identity.Caller
	Action string // "imagebuilder:GetImage"
	Target Target
	Keys   *RequestKeys // may be nil
}
