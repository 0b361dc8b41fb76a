package ram

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// getResourcePolicies returns the policies on resources of the caller's account. Each
// resource has one document, which merges the policies that users put on it with the
// policy that RAM writes. The document of a resource without policies is "{}".
func (s *ram) getResourcePolicies(c *operation.Call, in *GetResourcePoliciesInput) (*GetResourcePoliciesOutput, error) {
	documents := make([]string, len(in.ResourceARNs))
	for i, text := range in.ResourceARNs {
		var err error
		if documents[i], err = resourcePolicy(c, text); err != nil {
			return nil, err
		}
	}
	p, err := paginate(apiGetResourcePolicies.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[string], error] {
		return func(yield func(operation.Keyed[string], error) bool) {
			for i, document := range documents {
				key := fmt.Sprintf("%06d", i)
				if key <= after {
					continue
				}
				if in.Principal != nil {
					named, err := namesPrincipal(c, document, *in.Principal)
					if err != nil {
						yield(operation.Keyed[string]{}, err)
						return
					}
					if !named {
						continue
					}
				}
				if !yield(operation.Keyed[string]{Key: key, Item: document}, nil) {
					return
				}
			}
		}
	})
	return &GetResourcePoliciesOutput{Policies: p.Items, NextToken: p.Next}, err
}

// resourcePolicy returns the document of a shareable resource of the caller's account.
// It returns the same error for any other resource as for one that does not exist.
func resourcePolicy(c *operation.Call, text string) (string, error) {
	a, err := arn.Parse(text)
	if err != nil {
		return "", errMalformedARN(textResourceARN, text)
	}
	missing := errResourceARNNotFound("The resource ARN %s could not be found.", text)
	if _, ok := sharing.TypeOf(text); !ok || a.Account != c.Account() || a.Region != c.Region || a.Partition != c.Partition {
		return "", missing
	}
	_, err = sharing.Shareable(c.Tx, text, c.Now)
	if errors.Is(err, store.ErrNotFound) {
		err = missing
	}
	if err != nil {
		return "", err
	}
	policies, err := c.Tx.Policies(text)
	if err != nil {
		return "", err
	}
	documents := make([]string, len(policies))
	for i, p := range policies {
		documents[i] = p.Document
	}
	return sharing.Merge(documents...)
}

// namesPrincipal reports whether a document names a principal in the form that RAM
// writes: an account by its id or its root user, an organization or an organizational
// unit in a condition, any other by its ARN.
func namesPrincipal(c *operation.Call, document, principal string) (bool, error) {
	if document == "{}" {
		return false, nil
	}
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return false, fmt.Errorf("read policy: %w", err)
	}
	id := organizationPrincipalID(principal)
	for _, st := range doc.Statements() {
		for _, entry := range st.Principal.Entries {
			for _, v := range entry.Values.Values {
				if v.Text == principal || arn.IsAccountID(principal) && v.Text == identity.RootARN(c.Partition, principal) {
					return true, nil
				}
			}
		}
		if id != "" && conditionNames(st.Condition, id) {
			return true, nil
		}
	}
	return false, nil
}

// organizationPrincipalID returns the id of an organization or an organizational unit
// from its ARN; "" for other principals.
func organizationPrincipalID(principal string) string {
	a, err := arn.Parse(principal)
	if err != nil || a.Service != "organizations" {
		return ""
	}
	return a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]
}

// conditionNames reports whether a condition has the id of an organization as a value,
// or a path that ends with the id of an organizational unit.
func conditionNames(block policy.Condition, id string) bool {
	for _, operator := range block.Operators {
		for _, key := range operator.Keys {
			for _, v := range key.Values.Values {
				if v.Text == id || strings.HasSuffix(strings.TrimRight(v.Text, "/*"), "/"+id) {
					return true
				}
			}
		}
	}
	return false
}
