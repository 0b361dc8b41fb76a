package organizations

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// kinds are the types of policies that the policy engine judges by, with their kinds there.
// All others are managementTypes.
var kinds = map[PolicyType]policy.Kind{
	PolicyTypeServiceControlPolicy:  policy.ServiceControl,
	PolicyTypeResourceControlPolicy: policy.ResourceControl,
}

// policyTypes are all types, those that are in wide use first.
var policyTypes = append([]PolicyType{PolicyTypeServiceControlPolicy, PolicyTypeResourceControlPolicy},
	slices.Sorted(maps.Keys(managementTypes))...)

// Quotas of policies.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
const (
	maxContent  = 5120 // characters, white space included
	maxAttached = 5    // of a type, to one node
	maxPolicies = 10_000
)

func errNoPolicy() *awserr.Error {
	return errPolicyNotFound("You specified a policy that doesn't exist.")
}

// policy reads a policy by its id.
func (c *call) policy(id string) (identity.OrganizationPolicy, error) {
	for _, kind := range policyTypes {
		p, err := identity.ReadOrganizationPolicy(c.Tx, c.org.Organization, string(kind), id)
		if !errors.Is(err, store.ErrNotFound) {
			return p, err
		}
	}
	return identity.OrganizationPolicy{}, errNoPolicy()
}

// ownPolicy is policy for operations that change it: AWS managed policies cannot change.
func (c *call) ownPolicy(id string) (identity.OrganizationPolicy, error) {
	p, err := c.policy(id)
	if missing, ok := errors.AsType[*awserr.Error](err); ok && missing.Code == errNoPolicy().Code {
		return p, errPolicyNotFound("We can't find a policy with the PolicyId that you specified.")
	}
	if err == nil && p.AWSManaged {
		return p, badInput("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified.")
	}
	return p, err
}

func (c *call) policySummary(p identity.OrganizationPolicy) PolicySummary {
	return PolicySummary{
		ID: &p.ID, ARN: new(c.org.PolicyARN(p.Type, p.ID)), Name: &p.Name, Description: &p.Description,
		Type: new(PolicyType(p.Type)), AwsManaged: &p.AWSManaged,
	}
}

func (c *call) policyShape(p identity.OrganizationPolicy) *Policy {
	return &Policy{PolicySummary: new(c.policySummary(p)), Content: &p.Content}
}

// newPolicy is the target of CreatePolicy: any policy of the type.
func (o *organizations) newPolicy(c *call, in *CreatePolicyInput) (authz.Target, error) {
	return authz.Target{
		ARN:         c.org.PolicyARN(string(in.Type), "p-*"),
		RequestTags: tagMap(in.Tags),
		Keys:        policyTypeKey(string(in.Type)),
	}, nil
}

func (o *organizations) createPolicy(c *call, in *CreatePolicyInput) (*CreatePolicyOutput, error) {
	if err := c.checkType(in.Type); err != nil {
		return nil, err
	}
	p := identity.OrganizationPolicy{
		ID: c.id("p-", 8), Type: string(in.Type), Name: in.Name, Description: in.Description, Content: in.Content,
	}
	if err := checkContent(p); err != nil {
		return nil, err
	}
	if err := c.checkNewPolicyName(p); err != nil {
		return nil, err
	}
	if err := identity.PutOrganizationPolicy(c.Tx, c.org.Organization, p, c.Now); err != nil {
		return nil, err
	}
	return &CreatePolicyOutput{Policy: c.policyShape(p)}, c.tagNew(c.org.PolicyARN(p.Type, p.ID), in.Tags)
}

// checkType returns an error for a type of policies that the organization cannot have.
func (c *call) checkType(kind PolicyType) error {
	if !c.org.AllFeatures {
		return errPolicyTypeNotAvailableForOrganization("You can't use the policy type %s with the feature set currently enabled for this organization.", kind)
	}
	return nil
}

// checkNewPolicyName returns an error if another policy of the type has the name, or if the
// quota of policies is reached.
func (c *call) checkNewPolicyName(p identity.OrganizationPolicy) error {
	if made, ok := identity.FullAccess(p.Type); ok && made.Name == p.Name {
		return errDuplicatePolicyName()
	}
	n := 0
	for other, err := range identity.OrganizationPolicies(c.Tx, c.org.Organization, p.Type, "") {
		switch {
		case err != nil:
			return err
		case other.ID == p.ID:
			continue
		case other.Name == p.Name:
			return errDuplicatePolicyName()
		}
		if n++; n == maxPolicies {
			return violated("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of policies that an organization may have.")
		}
	}
	return nil
}

func errDuplicatePolicyName() error {
	return errDuplicatePolicy("A policy with the same name already exists.")
}

// checkContent returns an error if a document cannot be a policy of a type.
func checkContent(p identity.OrganizationPolicy) error {
	if t, ok := managementTypes[PolicyType(p.Type)]; ok {
		return checkManagement(p, t)
	}
	if utf8.RuneCountInString(p.Content) > maxContent {
		return violated("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy content size of %d characters.", maxContent)
	}
	doc, err := policy.Parse([]byte(p.Content))
	if err != nil {
		return errBadContent(err.Error())
	}
	kind := kinds[PolicyType(p.Type)]
	for _, f := range policy.Validate(doc, kind, nil) {
		if f.Refused() {
			return errBadContent(f.Message)
		}
	}
	for _, s := range doc.Statements() {
		if kind == policy.ResourceControl && s.Effect.Text == "Allow" {
			return errBadContent("A resource control policy of your own only denies.")
		}
	}
	return nil
}

func errBadContent(reason string) *awserr.Error {
	return errMalformedPolicyDocument("The provided policy document does not meet the requirements of the specified policy type. %s", reason)
}

func (o *organizations) describePolicy(c *call, in *DescribePolicyInput) (*DescribePolicyOutput, error) {
	p, err := c.policy(in.PolicyID)
	if err != nil {
		return nil, err
	}
	return &DescribePolicyOutput{Policy: c.policyShape(p)}, nil
}

// updatePolicy changes a policy. The change applies to the next request.
func (o *organizations) updatePolicy(c *call, in *UpdatePolicyInput) (*UpdatePolicyOutput, error) {
	p, err := c.ownPolicy(in.PolicyID)
	if err != nil {
		return nil, err
	}
	for _, change := range []struct{ from, to *string }{
		{in.Name, &p.Name}, {in.Description, &p.Description}, {in.Content, &p.Content},
	} {
		if change.from != nil {
			*change.to = *change.from
		}
	}
	if err := checkContent(p); err != nil {
		return nil, err
	}
	if err := c.checkNewPolicyName(p); err != nil {
		return nil, err
	}
	return &UpdatePolicyOutput{Policy: c.policyShape(p)}, identity.PutOrganizationPolicy(c.Tx, c.org.Organization, p, c.Now)
}

func (o *organizations) deletePolicy(c *call, in *DeletePolicyInput) (*DeletePolicyOutput, error) {
	p, err := c.ownPolicy(in.PolicyID)
	if err != nil {
		return nil, err
	}
	arn := c.org.PolicyARN(p.Type, p.ID)
	targets, err := c.Tx.ReferencedBy(arn, 1)
	if err != nil {
		return nil, err
	}
	if len(targets) > 0 {
		return nil, errPolicyInUse("The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.")
	}
	return &DeletePolicyOutput{}, c.Tx.DeleteResource(arn)
}

func (o *organizations) listPolicies(c *call, in *ListPoliciesInput) (*ListPoliciesOutput, error) {
	p, err := page(apiListPolicies.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[PolicySummary], error] {
		return func(yield func(operation.Keyed[PolicySummary], error) bool) {
			for p, err := range identity.OrganizationPolicies(c.Tx, c.org.Organization, string(in.Filter), after) {
				item := c.policySummary(p)
				if !yield(operation.Keyed[PolicySummary]{Key: *item.ARN, Item: item}, err) || err != nil {
					return
				}
			}
			// The account field "aws" sorts after any digits.
			if made, ok := identity.FullAccess(string(in.Filter)); ok && c.org.AllFeatures {
				if arn := c.org.PolicyARN(made.Type, made.ID); arn > after {
					yield(operation.Keyed[PolicySummary]{Key: arn, Item: c.policySummary(made)}, nil)
				}
			}
		}
	})
	return &ListPoliciesOutput{Policies: p.Items, NextToken: p.Next}, err
}
