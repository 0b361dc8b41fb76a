package ram

import (
	"iter"
	"slices"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// getResourceShareAssociations lists what is in the caller's own shares.
func (s *ram) getResourceShareAssociations(c *operation.Call, in *GetResourceShareAssociationsInput) (*GetResourceShareAssociationsOutput, error) {
	sel := selection{owner: ResourceOwnerSelf, shares: in.ResourceShareARNs, typ: sharing.AssociationType(in.AssociationType)}
	switch {
	case in.ResourceARN != nil && sel.typ != sharing.Resource:
		return nil, errInvalidParameter("You cannot specify a resource ARN when the association type is %s.", sel.typ)
	case in.Principal != nil && sel.typ != sharing.Principal:
		return nil, errInvalidParameter("You cannot specify a principal when the association type is %s.", sel.typ)
	case in.ResourceARN != nil:
		if err := checkResourceARN(*in.ResourceARN); err != nil {
			return nil, err
		}
		sel.entities = []string{*in.ResourceARN}
	case in.Principal != nil:
		sel.entities = []string{*in.Principal}
	}
	items, err := joinedOf(c, sel)
	if err != nil {
		return nil, err
	}
	p, err := page(apiGetResourceShareAssociations.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceShareAssociation], error] {
		return view(items(after), func(j operation.Keyed[joined]) (operation.Keyed[ResourceShareAssociation], bool, error) {
			v := associationView(c, j.Item.share, j.Item.Association)
			listed := in.AssociationStatus == nil || *in.AssociationStatus == *v.Status
			return operation.Keyed[ResourceShareAssociation]{Key: j.Key, Item: v}, listed, nil
		})
	})
	return &GetResourceShareAssociationsOutput{ResourceShareAssociations: p.Items, NextToken: p.Next}, err
}

func checkResourceARN(text string) error {
	if _, err := arn.Parse(text); err != nil {
		return errMalformedARN(textResourceARN, text)
	}
	return nil
}

// listResources lists what the caller's account shares, or what is shared with
// it: a resource comes once for each share that it is in.
func (s *ram) listResources(c *operation.Call, in *ListResourcesInput) (*ListResourcesOutput, error) {
	resourceType, err := filterType(in.ResourceType)
	if err != nil {
		return nil, err
	}
	for _, text := range in.ResourceARNs {
		if err := checkResourceARN(text); err != nil {
			return nil, err
		}
	}
	items, err := joinedOf(c, selection{owner: in.ResourceOwner, shares: in.ResourceShareARNs, typ: sharing.Resource, entities: in.ResourceARNs})
	if err != nil {
		return nil, err
	}
	p, err := page(apiListResources.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[Resource], error] {
		if !inScope(in.ResourceRegionScope) {
			return none[Resource]
		}
		return view(items(after), func(j operation.Keyed[joined]) (operation.Keyed[Resource], bool, error) {
			listed := statusAt(j.Item.share, j.Item.Association, c.Now) == sharing.Associated && isOf(j.Item.Entity, resourceType)
			if listed && in.Principal != nil {
				var err error
				if _, listed, err = associated(c, j.Item.share, sharing.Principal, *in.Principal); err != nil {
					return operation.Keyed[Resource]{}, false, err
				}
			}
			return operation.Keyed[Resource]{Key: j.Key, Item: resourceView(j.Item.Association)}, listed, nil
		})
	})
	return &ListResourcesOutput{Resources: p.Items, NextToken: p.Next}, err
}

// listPrincipals lists with whom the caller's account shares, or the accounts
// that share with it.
func (s *ram) listPrincipals(c *operation.Call, in *ListPrincipalsInput) (*ListPrincipalsOutput, error) {
	resourceType, err := filterType(in.ResourceType)
	if err != nil {
		return nil, err
	}
	if in.ResourceARN != nil {
		if err := checkResourceARN(*in.ResourceARN); err != nil {
			return nil, err
		}
	}
	wanted := func(share *sharing.Share) (bool, error) { return holds(c, share, in.ResourceARN, resourceType) }
	list := ownersOf
	if in.ResourceOwner == ResourceOwnerSelf {
		list = consumersOf
	}
	items, err := list(c, in, wanted)
	if err != nil {
		return nil, err
	}
	p, err := page(apiListPrincipals.Name, in.MaxResults, in.NextToken, items)
	return &ListPrincipalsOutput{Principals: p.Items, NextToken: p.Next}, err
}

// consumersOf yields the principals of the caller's own shares.
func consumersOf(c *operation.Call, in *ListPrincipalsInput, wanted func(*sharing.Share) (bool, error)) (func(after string) iter.Seq2[operation.Keyed[Principal], error], error) {
	items, err := joinedOf(c, selection{owner: ResourceOwnerSelf, shares: in.ResourceShareARNs, typ: sharing.Principal, entities: in.Principals})
	return func(after string) iter.Seq2[operation.Keyed[Principal], error] {
		return view(items(after), func(j operation.Keyed[joined]) (operation.Keyed[Principal], bool, error) {
			a := j.Item.Association
			item := operation.Keyed[Principal]{Key: j.Key, Item: Principal{
				ID: &a.Entity, ResourceShareARN: &a.Share, External: &a.External,
				CreationTime: moment(a.Created), LastUpdatedTime: moment(a.Updated),
			}}
			if status := statusAt(j.Item.share, a, c.Now); status != sharing.Associated && status != sharing.Associating {
				return item, false, nil
			}
			listed, err := wanted(j.Item.share)
			return item, listed, err
		})
	}, err
}

// ownersOf yields the owners of the shares that share with the caller's account.
func ownersOf(c *operation.Call, in *ListPrincipalsInput, wanted func(*sharing.Share) (bool, error)) (func(after string) iter.Seq2[operation.Keyed[Principal], error], error) {
	shares, err := sharesOf(c, ResourceOwnerOtherAccounts, in.ResourceShareARNs)
	if err != nil {
		return nil, err
	}
	own, err := identity.MembershipOf(c.Tx, c.Account())
	if err != nil {
		return nil, err
	}
	return func(after string) iter.Seq2[operation.Keyed[Principal], error] {
		return view(shares(after), func(share *sharing.Share) (operation.Keyed[Principal], bool, error) {
			theirs, err := identity.MembershipOf(c.Tx, share.Owner)
			if err != nil {
				return operation.Keyed[Principal]{}, false, err
			}
			item := operation.Keyed[Principal]{Key: share.ARN, Item: Principal{
				ID: &share.Owner, ResourceShareARN: &share.ARN,
				External:     new(own.OrganizationID == "" || own.OrganizationID != theirs.OrganizationID),
				CreationTime: moment(share.Created), LastUpdatedTime: moment(share.Updated),
			}}
			if len(in.Principals) > 0 && !slices.Contains(in.Principals, share.Owner) {
				return item, false, nil
			}
			listed, err := wanted(share)
			return item, listed, err
		})
	}, nil
}

// listSourceAssociations lists for which accounts services may use what the
// caller's account shares with them.
func (s *ram) listSourceAssociations(c *operation.Call, in *ListSourceAssociationsInput) (*ListSourceAssociationsOutput, error) {
	sel := selection{owner: ResourceOwnerSelf, shares: in.ResourceShareARNs, typ: sharing.Source}
	if in.SourceID != nil {
		sel.entities = []string{*in.SourceID}
	}
	items, err := joinedOf(c, sel)
	if err != nil {
		return nil, err
	}
	p, err := page(apiListSourceAssociations.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[AssociatedSource], error] {
		return view(items(after), func(j operation.Keyed[joined]) (operation.Keyed[AssociatedSource], bool, error) {
			a := j.Item.Association
			status := string(statusAt(j.Item.share, a, c.Now))
			v := AssociatedSource{
				ResourceShareARN: &a.Share, SourceID: &a.Entity, SourceType: new(accountSource), Status: &status,
				CreationTime: moment(a.Created), LastUpdatedTime: moment(a.Updated),
			}
			listed := (in.SourceType == nil || *in.SourceType == accountSource) &&
				(in.AssociationStatus == nil || string(*in.AssociationStatus) == status)
			return operation.Keyed[AssociatedSource]{Key: j.Key, Item: v}, listed, nil
		})
	})
	return &ListSourceAssociationsOutput{SourceAssociations: p.Items, NextToken: p.Next}, err
}

// accountSource is the type of the sources that there are.
const accountSource = "ACCOUNT"

// filterType is the resource type that a list is restricted to, as it is spelled;
// "" for all.
func filterType(name *string) (string, error) {
	if name == nil {
		return "", nil
	}
	typ, ok := typeNamed(*name)
	if !ok {
		return "", errInvalidParameter("Invalid resource type: %s", *name)
	}
	return typ.Name, nil
}

// isOf reports whether a resource is of a type; "" is any.
func isOf(arn, resourceType string) bool {
	typ, _ := sharing.TypeOf(arn)
	return resourceType == "" || typ.Name == resourceType
}

// inScope reports whether a list has regional resources, which all are.
func inScope(scope *ResourceRegionScopeFilter) bool {
	return scope == nil || *scope != ResourceRegionScopeFilterGlobal
}

// holds reports whether a share has a resource, or any of a type, in it.
func holds(c *operation.Call, share *sharing.Share, resource *string, resourceType string) (bool, error) {
	if resource != nil {
		_, there, err := associated(c, share, sharing.Resource, *resource)
		return there && isOf(*resource, resourceType), err
	}
	if resourceType == "" {
		return true, nil
	}
	return has(c, share, resourceType)
}

// resourceView is a resource in a share as lists show it.
func resourceView(a sharing.Association) Resource {
	typ, _ := sharing.TypeOf(a.Entity)
	return Resource{
		ARN: &a.Entity, Type: &typ.Name, ResourceShareARN: &a.Share, Status: new(ResourceStatusAvailable),
		CreationTime: moment(a.Created), LastUpdatedTime: moment(a.Updated), ResourceRegionScope: new(ResourceRegionScopeRegional),
	}
}
