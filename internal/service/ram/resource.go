package ram

import (
	"errors"
	"iter"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

func checkResourceARN(text string) error {
	if _, err := arn.Parse(text); err != nil {
		return errMalformedARN(textResourceARN, text)
	}
	return nil
}

// listResources lists the resources that the caller's account shares, or that are
// shared with it. It lists a resource once for each share that contains it.
func (s *ram) listResources(c *operation.Call, in *ListResourcesInput) (*ListResourcesOutput, error) {
	resourceType, err := parseResourceType(in.ResourceType)
	if err != nil {
		return nil, err
	}
	for _, text := range in.ResourceARNs {
		if err := checkResourceARN(text); err != nil {
			return nil, err
		}
	}
	items, err := shareAssociations(c, associationFilter{owner: in.ResourceOwner, shares: in.ResourceShareARNs, typ: sharing.Resource, entities: in.ResourceARNs})
	if err != nil {
		return nil, err
	}
	p, err := paginate(apiListResources.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[Resource], error] {
		if !includesRegional(in.ResourceRegionScope) {
			return noItems[Resource]
		}
		return convertItems(items(after), func(j operation.Keyed[shareAssociation]) (operation.Keyed[Resource], bool, error) {
			listed := associationStatus(j.Item.share, j.Item.Association, c.Now) == sharing.Associated && hasType(j.Item.Entity, resourceType)
			if listed && in.Principal != nil {
				var err error
				if _, listed, err = findAssociation(c, j.Item.share, sharing.Principal, *in.Principal); err != nil {
					return operation.Keyed[Resource]{}, false, err
				}
			}
			return operation.Keyed[Resource]{Key: j.Key, Item: resourceOutput(j.Item.Association)}, listed, nil
		})
	})
	return &ListResourcesOutput{Resources: p.Items, NextToken: p.Next}, err
}

// hasType reports whether a resource has a type; "" matches any type.
func hasType(arn, resourceType string) bool {
	typ, _ := sharing.TypeOf(arn)
	return resourceType == "" || typ.Name == resourceType
}

// includesRegional reports whether a list includes regional resources. All
// resource types of Writ are regional.
func includesRegional(scope *ResourceRegionScopeFilter) bool {
	return scope == nil || *scope != ResourceRegionScopeFilterGlobal
}

// hasResource reports whether a share contains a resource, or without one any
// resource of a type.
func hasResource(c *operation.Call, share *sharing.Share, resource *string, resourceType string) (bool, error) {
	if resource != nil {
		_, found, err := findAssociation(c, share, sharing.Resource, *resource)
		return found && hasType(*resource, resourceType), err
	}
	if resourceType == "" {
		return true, nil
	}
	return hasResourceOfType(c, share, resourceType)
}

// checkShareable returns an error if the caller cannot share a resource. The resource must belong to the caller's account and region, and
// the caller must be allowed to put a policy on it, because RAM does so on its
// behalf.
// https://docs.aws.amazon.com/ram/latest/userguide/security-iam-policies.html
func checkShareable(c *operation.Call, text string) error {
	a, err := arn.Parse(text)
	if err != nil {
		return errMalformedARN(textResourceARN, text)
	}
	typ, ok := sharing.TypeOf(text)
	if !ok {
		return errMalformedARN(textResourceType)
	}
	if a.Account != c.Account() || a.Partition != c.Partition || a.Region != c.Region {
		return errResourceNotFound(text)
	}
	if err := c.Authorize(typ.PutAction, viaRAM(text)); err != nil {
		return err
	}
	reason, err := sharing.Shareable(c.Tx, text, c.Now)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return errResourceNotFound(text)
	case err == nil && reason != "":
		return errOperationNotPermitted("%s", reason)
	}
	return err
}

func errResourceNotFound(arn string) error {
	return errUnknownResource("Resource %s could not be found.", arn)
}

// viaRAM returns the target of a request that RAM makes on the caller's behalf.
func viaRAM(arn string) authz.Target {
	const host = "ram.amazonaws.com"
	return authz.Target{ARN: arn, Keys: map[string][]string{
		"aws:ViaAWSService": {"true"}, "aws:CalledVia": {host}, "aws:CalledViaFirst": {host}, "aws:CalledViaLast": {host},
	}}
}
