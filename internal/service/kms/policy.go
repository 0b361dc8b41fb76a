package kms

import (
	"errors"
	"strconv"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// A key always has exactly one policy, named "default". The caller who writes it must be able to write it
// again, unless the request bypasses this check.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html

// putKeyPolicyTarget returns the target of PutKeyPolicy.
func (s *kms) putKeyPolicyTarget(c *operation.Call, in *PutKeyPolicyInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiPutKeyPolicy.Name)
	if err == nil {
		target.Keys["kms:BypassPolicyLockoutSafetyCheck"] = []string{strconv.FormatBool(isTrue(in.BypassPolicyLockoutSafetyCheck))}
	}
	return target, err
}

func (s *kms) putKeyPolicy(c *operation.Call, in *PutKeyPolicyInput) (*PutKeyPolicyOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if err := isDefault(in.PolicyName); err != nil {
		return nil, err
	}
	return &PutKeyPolicyOutput{}, s.setPolicy(c, k, in.Policy, isTrue(in.BypassPolicyLockoutSafetyCheck))
}

func isDefault(name *string) error {
	if name == nil || *name == keys.PolicyName {
		return nil
	}
	return errNotFound(textNoPolicy)
}

// setPolicy puts a key's policy if it is valid. If it would lock the caller out, the
// transaction fails and nothing is stored.
func (s *kms) setPolicy(c *operation.Call, k *keys.Key, document string, bypass bool) error {
	if reason := documentError(document); reason != "" {
		return errMalformedPolicyDocument("%s", reason)
	}
	document, err := identity.ResolveTrust(c.Tx, k.Partition, document)
	if _, unknown := errors.AsType[*identity.UnknownPrincipalError](err); unknown {
		return errMalformedPolicyDocument(textPrincipals)
	}
	if err != nil {
		return err
	}
	if err := k.SetPolicy(c.Tx, document, c.Now); err != nil || bypass {
		return err
	}
	again, err := c.KeyTarget(keys.Found{ARN: k.ARN(), Key: k}, operation.KeyUse{Operation: apiPutKeyPolicy.Name})
	if err != nil {
		return err
	}
	again.Keys["kms:BypassPolicyLockoutSafetyCheck"] = []string{"false"}
	allowed, err := c.May("kms:"+apiPutKeyPolicy.Name, again)
	if err == nil && !allowed {
		err = errMalformedPolicyDocument(textLockout)
	}
	return err
}

// documentError returns the reason why a document is not a valid key policy, or "" if it is. A statement
// without Action or Resource is accepted: it has no effect.
func documentError(document string) string {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return err.Error() // includes line and column
	}
	findings := policy.Validate(doc, policy.Resource, &policy.Rules{
		ForbidEmpty: true,
		Tolerates:   []string{"MISSING_ACTION", "MISSING_RESOURCE", "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"},
	})
	if f, found := policy.FirstRefused(findings); found {
		return f.String()
	}
	return ""
}

func (s *kms) getKeyPolicy(c *operation.Call, in *GetKeyPolicyInput) (*GetKeyPolicyOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if err := isDefault(in.PolicyName); err != nil {
		return nil, err
	}
	policies, err := c.Tx.Policies(k.ARN())
	if err != nil {
		return nil, err
	}
	if len(policies) == 0 {
		return nil, errNotFound(textNoPolicy)
	}
	return &GetKeyPolicyOutput{Policy: &policies[0].Document, PolicyName: &policies[0].Name}, nil
}

func (s *kms) listKeyPolicies(c *operation.Call, in *ListKeyPoliciesInput) (*ListKeyPoliciesOutput, error) {
	if _, err := find(c, in.KeyID); err != nil {
		return nil, err
	}
	p, err := page(apiListKeyPolicies.Name, longPages, in.Limit, in.Marker, []string{keys.PolicyName}, func(name string) string { return name })
	return &ListKeyPoliciesOutput{PolicyNames: p.Items, NextMarker: p.Next, Truncated: new(p.Next != nil)}, err
}
