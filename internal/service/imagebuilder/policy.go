package imagebuilder

import (
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Image, component, image recipe and container recipe have one policy each:
// Put replaces it whole, Get returns it as it was given, and there is no Delete.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-shared-resources.html

func (s *imageBuilder) putImagePolicy(c *operation.Call, in *PutImagePolicyInput) (*PutImagePolicyOutput, error) {
	if err := putPolicy(c, in.ImageARN, in.Policy); err != nil {
		return nil, err
	}
	return &PutImagePolicyOutput{RequestID: &c.RequestID, ImageARN: &in.ImageARN}, nil
}

func (s *imageBuilder) getImagePolicy(c *operation.Call, in *GetImagePolicyInput) (*GetImagePolicyOutput, error) {
	document, err := getPolicy(c, in.ImageARN)
	if err != nil {
		return nil, err
	}
	return &GetImagePolicyOutput{RequestID: &c.RequestID, Policy: &document}, nil
}

func (s *imageBuilder) putImageRecipePolicy(c *operation.Call, in *PutImageRecipePolicyInput) (*PutImageRecipePolicyOutput, error) {
	if err := putPolicy(c, in.ImageRecipeARN, in.Policy); err != nil {
		return nil, err
	}
	return &PutImageRecipePolicyOutput{RequestID: &c.RequestID, ImageRecipeARN: &in.ImageRecipeARN}, nil
}

func (s *imageBuilder) getImageRecipePolicy(c *operation.Call, in *GetImageRecipePolicyInput) (*GetImageRecipePolicyOutput, error) {
	document, err := getPolicy(c, in.ImageRecipeARN)
	if err != nil {
		return nil, err
	}
	return &GetImageRecipePolicyOutput{RequestID: &c.RequestID, Policy: &document}, nil
}

func (s *imageBuilder) putComponentPolicy(c *operation.Call, in *PutComponentPolicyInput) (*PutComponentPolicyOutput, error) {
	if err := putPolicy(c, in.ComponentARN, in.Policy); err != nil {
		return nil, err
	}
	return &PutComponentPolicyOutput{RequestID: &c.RequestID, ComponentARN: &in.ComponentARN}, nil
}

func (s *imageBuilder) getComponentPolicy(c *operation.Call, in *GetComponentPolicyInput) (*GetComponentPolicyOutput, error) {
	document, err := getPolicy(c, in.ComponentARN)
	if err != nil {
		return nil, err
	}
	return &GetComponentPolicyOutput{RequestID: &c.RequestID, Policy: &document}, nil
}

func (s *imageBuilder) putContainerRecipePolicy(c *operation.Call, in *PutContainerRecipePolicyInput) (*PutContainerRecipePolicyOutput, error) {
	if err := putPolicy(c, in.ContainerRecipeARN, in.Policy); err != nil {
		return nil, err
	}
	return &PutContainerRecipePolicyOutput{RequestID: &c.RequestID, ContainerRecipeARN: &in.ContainerRecipeARN}, nil
}

func (s *imageBuilder) getContainerRecipePolicy(c *operation.Call, in *GetContainerRecipePolicyInput) (*GetContainerRecipePolicyOutput, error) {
	document, err := getPolicy(c, in.ContainerRecipeARN)
	if err != nil {
		return nil, err
	}
	return &GetContainerRecipePolicyOutput{RequestID: &c.RequestID, Policy: &document}, nil
}

// checkedBefore makes an operation check its document before its transaction, since
// that is most of the work of putting it.
func checkedBefore[In any](o operation.Operation, put func(In) (arn, document string)) operation.Operation {
	return operation.Prepared(o, func(c *operation.Call, in In) any {
		arn, document := put(in)
		return fault(documentError(c, document, arn))
	})
}

// fault says why a resource may not have a document as its policy; "" if it may.
type fault string

// putPolicy puts a document on a resource that exists. What shares made of it
// stays beside it.
func putPolicy(c *operation.Call, arn, document string) error {
	policies, err := policiesOn(c, arn)
	if err != nil {
		return err
	}
	if reason := c.Prepared.(fault); reason != "" {
		return notValid("policy", string(reason))
	}
	before := ""
	for _, p := range policies {
		if p.Source == store.SourceUser {
			before = p.Document
		}
	}
	return sharing.PutPolicy(c, store.Policy{
		ARN: arn, Source: store.SourceUser, Document: document, CreatedAt: c.Now, UpdatedAt: c.Now,
	}, before)
}

// documentError says why the resource at arn may not have a document as its policy; "" if it may.
func documentError(c *operation.Call, document, arn string) string {
	doc, err := c.Gate.Parse(document)
	if err != nil {
		return err.Error() // with its line and column
	}
	findings := policy.Validate(doc, policy.Resource, &policy.Rules{
		ForbidEmpty:        true,
		ActionPrefixes:     []string{api.Name},
		Resource:           arn,
		RequireResource:    true,
		ForbidNotResource:  true,
		ForbidNotPrincipal: true,
	})
	if f, found := policy.FirstRefused(findings); found {
		// Worded as a syntax error is.
		at := policy.SyntaxError{Position: f.Location.Span.Start, Path: f.Location.Path, Message: f.Message}
		return at.Error()
	}
	return ""
}

// getPolicy returns the policy of a resource: the document as it was put, the
// union of several, or "{}" where there is none.
func getPolicy(c *operation.Call, arn string) (string, error) {
	policies, err := policiesOn(c, arn)
	if err != nil {
		return "", err
	}
	documents := make([]string, len(policies))
	for i, p := range policies {
		documents[i] = p.Document
	}
	return sharing.Merge(documents...)
}

// policiesOn returns the policies on a resource that exists. A policy exists only
// together with its resource, so that where there is one the resource is not read.
func policiesOn(c *operation.Call, arn string) ([]store.Policy, error) {
	policies, err := c.Tx.Policies(arn)
	if err != nil {
		return nil, err
	}
	if n, err := parseName(arn); len(policies) > 0 && err == nil && isLocal(c, n) {
		return policies, nil
	}
	_, err = read(c, arn)
	return policies, err
}
