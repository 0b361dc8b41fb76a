package ssm

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Two types of resource have policies: a parameter, to share it, and the group of all OpsItems of an account
// in a region, to give a central account access to them. A policy has a permanent id, and a hash, which
// changes with every update: an update or deletion specifies both, so that only one of two concurrent updates
// of the same version succeeds.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutResourcePolicy.html

const (
	maxPolicyBytes       = 1024 // of a document
	maxParameterPolicies = 10   // put on a parameter by its owner; policies from shares are not counted
	maxGroupPolicies     = 1
	maxPolicyPage        = 50
)

// The messages that the model defines for its exceptions.
const (
	textPolicyConflict  = "The hash provided in the call doesn't match the stored hash. This exception is thrown when trying to update an obsolete policy version or when multiple requests to update a policy are sent."
	textPolicyLimit     = "The PutResourcePolicy API action enforces two limits. A policy can't be greater than 1024 bytes in size. And only one policy can be attached to OpsItemGroup. Verify these limits and try again."
	textPolicyMalformed = "The specified policy document is malformed or invalid, or excessive PutResourcePolicy or DeleteResourcePolicy calls have been made."
	textPolicyNotFound  = "No policies with the specified policy ID and hash could be found."
	textPolicyParameter = "One or more parameters specified for the call aren't valid. Verify the parameters and their values and try again."
	textShareNotFound   = "The specified parameter to be shared could not be found."
)

// policyTarget is a resource that can have policies: a parameter, or the OpsItem group, which always exists.
type policyTarget struct {
	arn.ARN
	parameter *parameter // nil for the group, and before it is read
}

func (h policyTarget) isGroup() bool { return h.Resource == groupResource }

// groupResource is the name of the only OpsItemGroup of an account in a region.
const groupResource = "opsitemgroup/default"

// parsePolicyTarget parses the ARN of a resource that can have policies. Its error depends only on the form
// of the ARN, so everyone may see it.
func parsePolicyTarget(c *operation.Call, text string) (policyTarget, error) {
	a, err := arn.Parse(text)
	h := policyTarget{ARN: a}
	switch {
	case err != nil, a.Service != api.Name, !h.isGroup() && !strings.HasPrefix(a.Resource, parameterType+"/"):
		return policyTarget{}, policyParameter("ResourceArn", "ResourceArn must be the ARN of a parameter or of an OpsItemGroup.")
	case a.Partition != c.Partition || a.Region != c.Region:
		return policyTarget{}, policyParameter("ResourceArn", "ResourceArn must be in the region that is called, "+c.Region+".")
	}
	return h, nil
}

// policyParameter returns the error for an invalid member; reason is a sentence.
func policyParameter(member, reason string) error {
	return errResourcePolicyInvalidParameter("%s %s", textPolicyParameter, reason).With("ParameterNames", []string{member})
}

// policyLimit returns the error for a limit; kind names it.
func policyLimit(kind string, limit int) error {
	return errResourcePolicyLimitExceeded(textPolicyLimit).With("Limit", limit).With("LimitType", kind)
}

// onPolicyTarget returns the target function for a member that names a resource with policies.
func onPolicyTarget[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		h, err := parsePolicyTarget(c, member(in))
		return authz.Target{ARN: h.String()}, err
	}
}

// putPolicyTarget returns the target of PutResourcePolicy. The request identifies a policy by its id and
// hash; without them it creates one.
func (s ssm) putPolicyTarget(c *operation.Call, in *PutResourcePolicyInput) (authz.Target, error) {
	switch {
	case in.PolicyID == nil && in.PolicyHash != nil:
		return authz.Target{}, policyParameter("PolicyId", "PolicyHash requires PolicyId.")
	case in.PolicyID != nil && in.PolicyHash == nil:
		return authz.Target{}, policyParameter("PolicyHash", "PolicyId requires PolicyHash.")
	}
	return onPolicyTarget(func(in *PutResourcePolicyInput) string { return in.ResourceARN })(c, in)
}

// policiesOf reads a resource and its policies. If the parameter does not exist, it returns a
// ResourceNotFoundException.
func policiesOf(c *operation.Call, text string) (policyTarget, []store.Policy, error) {
	h, err := parsePolicyTarget(c, text)
	if err == nil && !h.isGroup() {
		h.parameter, err = readParameter(c, text)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = errResourceNotFound(textShareNotFound)
	}
	if err != nil {
		return h, nil, err
	}
	policies, err := c.Tx.Policies(text)
	return h, policies, err
}

func (s ssm) putResourcePolicy(c *operation.Call, in *PutResourcePolicyInput) (*PutResourcePolicyOutput, error) {
	h, policies, err := policiesOf(c, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	if err := h.check(in.Policy); err != nil {
		return nil, err
	}
	before := ""
	p := store.Policy{ARN: h.String(), Source: store.SourceUser, CreatedAt: c.Now, UpdatedAt: c.Now, Document: in.Policy}
	if in.PolicyID == nil {
		if limit := h.maxPolicies(); len(userPolicies(policies)) >= limit {
			return nil, policyLimit("Count", limit)
		}
		p.Name = c.NewID()
	} else {
		known, err := findPolicy(policies, *in.PolicyID, *in.PolicyHash)
		if err != nil {
			return nil, err
		}
		p.Name, before = known.Name, known.Document
	}
	p.Revision = hashOf(in.Policy, c.NewID())
	return &PutResourcePolicyOutput{PolicyID: &p.Name, PolicyHash: &p.Revision}, sharing.PutPolicy(c, p, before)
}

func (h policyTarget) maxPolicies() int {
	if h.isGroup() {
		return maxGroupPolicies
	}
	return maxParameterPolicies
}

// check returns an error if a document is not valid as the resource's policy.
func (h policyTarget) check(document string) error {
	if h.parameter != nil && h.parameter.Unshareable != "" {
		return policyParameter("ResourceArn", h.parameter.Unshareable)
	}
	if fault := h.documentError(document); fault != "" {
		return errMalformedResourcePolicyDocument("%s", fault)
	}
	if len(document) > maxPolicyBytes {
		return policyLimit("Size", maxPolicyBytes)
	}
	return nil
}

// documentError returns a message about what is wrong with a document and where, or "" if it is valid. The
// policy of a parameter names the parameter as its resource, that of an OpsItemGroup the group and its
// OpsItems.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-getting-started-multiple-accounts.html
func (h policyTarget) documentError(document string) string {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return textPolicyMalformed + " " + err.Error() // contains line and column
	}
	if key := findForbiddenKey(doc); key != "" {
		return "InvalidPolicy: Invalid condition block " + key
	}
	rules := policy.Rules{ForbidEmpty: true, ActionPrefixes: []string{api.Name}, RequireResource: true, ForbidNotResource: true, ForbidNotPrincipal: true}
	if h.isGroup() {
		all := h.ARN
		all.Resource = "*"
		rules.Resources = []string{all.String()}
	} else {
		rules.Resource = h.String()
	}
	if f, found := policy.FirstRefused(policy.Validate(doc, policy.Resource, &rules)); found {
		// Formatted like a syntax error.
		at := policy.SyntaxError{Position: f.Location.Span.Start, Path: f.Location.Path, Message: f.Message}
		return textPolicyMalformed + " " + at.Error()
	}
	return ""
}

// forbiddenKeys lists the condition keys that AWS rejects in these policies, in lower case.
var forbiddenKeys = []string{"aws:principalaccount"}

// findForbiddenKey returns the first forbidden condition key of a policy, or "" if there is none.
func findForbiddenKey(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		for _, op := range s.Condition.Operators {
			for _, k := range op.Keys {
				if slices.Contains(forbiddenKeys, strings.ToLower(k.Name)) {
					return k.Name
				}
			}
		}
	}
	return ""
}

// userPolicies returns the policies that were created by PutResourcePolicy.
func userPolicies(policies []store.Policy) []store.Policy {
	return slices.DeleteFunc(slices.Clone(policies), func(p store.Policy) bool { return p.Source != store.SourceUser })
}

// findPolicy returns the policy with an id and a hash, for a caller who changes it.
func findPolicy(policies []store.Policy, id, hash string) (store.Policy, error) {
	i := slices.IndexFunc(policies, func(p store.Policy) bool { return policyID(p) == id })
	switch {
	case i < 0:
		return store.Policy{}, errResourcePolicyNotFound(textPolicyNotFound)
	case policies[i].Source != store.SourceUser:
		return store.Policy{}, policyParameter("PolicyId", "The policy is managed through RAM.")
	case policies[i].Revision != hash:
		return store.Policy{}, errResourcePolicyConflict(textPolicyConflict)
	}
	return policies[i], nil
}

// policyID returns the id of a policy. The policy of RAM's shares has no name in the store; its id is derived
// from the resource, in the same format.
func policyID(p store.Policy) string {
	if p.Source == store.SourceUser {
		return p.Name
	}
	sum := hashOf(p.Source, p.Name, p.ARN)
	return strings.Join([]string{sum[:8], sum[8:12], "8" + sum[13:16], "8" + sum[17:20], sum[20:32]}, "-")
}

// policyHash returns the hash of a policy's version.
func policyHash(p store.Policy) string { return cmp.Or(p.Revision, hashOf(p.Document)) }

// hashOf returns a hash of texts in 32 hexadecimal digits, as in AWS. Policies in older data directories keep
// the longer hash with which they were stored.
func hashOf(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\n")))
	return hex.EncodeToString(sum[:16])
}

func (s ssm) getResourcePolicies(c *operation.Call, in *GetResourcePoliciesInput) (*GetResourcePoliciesOutput, error) {
	_, policies, err := policiesOf(c, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	after, err := operation.AfterToken(apiGetResourcePolicies.Name, in.NextToken)
	if errors.Is(err, operation.ErrPageToken) {
		err = policyParameter("NextToken", "NextToken was not returned by GetResourcePolicies.")
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(policies, func(a, b store.Policy) int { return cmp.Compare(policyID(a), policyID(b)) })
	limit := maxPolicyPage
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	type entry = GetResourcePoliciesResponseEntry
	page, err := operation.Paginate(apiGetResourcePolicies.Name, limit, func(yield func(operation.Keyed[entry], error) bool) {
		for _, p := range policies {
			id := policyID(p)
			item := entry{PolicyID: &id, PolicyHash: new(policyHash(p)), Policy: &p.Document}
			if id > after && !yield(operation.Keyed[entry]{Key: id, Item: item}, nil) {
				return
			}
		}
	})
	return &GetResourcePoliciesOutput{Policies: page.Items, NextToken: page.Next}, err
}

func (s ssm) deleteResourcePolicy(c *operation.Call, in *DeleteResourcePolicyInput) (*DeleteResourcePolicyOutput, error) {
	_, policies, err := policiesOf(c, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	known, err := findPolicy(policies, in.PolicyID, in.PolicyHash)
	if err != nil {
		return nil, err
	}
	return &DeleteResourcePolicyOutput{}, sharing.DeletePolicy(c, known)
}
