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

// getResourcePolicies shows the policies on resources of the caller's account:
// for each one document, in which stands what was put on it and what follows
// from shares. That of a resource without policies is "{}".
func (s *ram) getResourcePolicies(c *operation.Call, in *GetResourcePoliciesInput) (*GetResourcePoliciesOutput, error) {
	documents := make([]string, len(in.ResourceARNs))
	for i, text := range in.ResourceARNs {
		var err error
		if documents[i], err = policyOf(c, text); err != nil {
			return nil, err
		}
	}
	p, err := page(apiGetResourcePolicies.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[string], error] {
		return func(yield func(operation.Keyed[string], error) bool) {
			for i, document := range documents {
				key := fmt.Sprintf("%06d", i)
				if key <= after {
					continue
				}
				if in.Principal != nil {
					named, err := names(c, document, *in.Principal)
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

// policyOf is the document on a resource of the caller's account that can be
// shared. Any other resource is as if it were not there.
func policyOf(c *operation.Call, text string) (string, error) {
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

// names reports whether a document names a principal as RAM does: an account by
// its id or its root, an organization or a unit in a condition, others as they are.
func names(c *operation.Call, document, principal string) (bool, error) {
	if document == "{}" {
		return false, nil
	}
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return false, fmt.Errorf("read policy: %w", err)
	}
	id := organizationalID(principal)
	for _, st := range doc.Statements {
		for _, entry := range st.Principal.Entries {
			for _, v := range entry.Values.Values {
				if v.Text == principal || identity.IsAccountID(principal) && v.Text == identity.RootARN(c.Partition, principal) {
					return true, nil
				}
			}
		}
		if id != "" && hasValue(st.Condition, id) {
			return true, nil
		}
	}
	return false, nil
}

// organizationalID is the id of an organization or of an organizational unit by
// its ARN; "" for other principals.
func organizationalID(principal string) string {
	a, err := arn.Parse(principal)
	if err != nil || a.Service != "organizations" {
		return ""
	}
	return a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]
}

// hasValue reports whether a condition speaks of an organization, or of a unit
// in whose path an id comes last.
func hasValue(block policy.Condition, id string) bool {
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
