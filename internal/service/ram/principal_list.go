package ram

import (
	"iter"
	"slices"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// listPrincipals lists the principals of the caller's shares, or the accounts that
// share resources with the caller's account.
func (s *ram) listPrincipals(c *operation.Call, in *ListPrincipalsInput) (*ListPrincipalsOutput, error) {
	resourceType, err := parseResourceType(in.ResourceType)
	if err != nil {
		return nil, err
	}
	if in.ResourceARN != nil {
		if err := checkResourceARN(*in.ResourceARN); err != nil {
			return nil, err
		}
	}
	wanted := func(share *sharing.Share) (bool, error) { return hasResource(c, share, in.ResourceARN, resourceType) }
	list := shareOwners
	if in.ResourceOwner == ResourceOwnerSelf {
		list = ownPrincipals
	}
	items, err := list(c, in, wanted)
	if err != nil {
		return nil, err
	}
	p, err := paginate(apiListPrincipals.Name, in.MaxResults, in.NextToken, items)
	return &ListPrincipalsOutput{Principals: p.Items, NextToken: p.Next}, err
}

// ownPrincipals yields the principals of the shares that the caller's account owns.
func ownPrincipals(c *operation.Call, in *ListPrincipalsInput, wanted func(*sharing.Share) (bool, error)) (func(after string) iter.Seq2[operation.Keyed[Principal], error], error) {
	items, err := shareAssociations(c, associationFilter{owner: ResourceOwnerSelf, shares: in.ResourceShareARNs, typ: sharing.Principal, entities: in.Principals})
	return func(after string) iter.Seq2[operation.Keyed[Principal], error] {
		return convertItems(items(after), func(j operation.Keyed[shareAssociation]) (operation.Keyed[Principal], bool, error) {
			a := j.Item.Association
			item := operation.Keyed[Principal]{Key: j.Key, Item: Principal{
				ID: &a.Entity, ResourceShareARN: &a.Share, External: &a.External,
				CreationTime: timestamp(a.Created), LastUpdatedTime: timestamp(a.Updated),
			}}
			if status := associationStatus(j.Item.share, a, c.Now); status != sharing.Associated && status != sharing.Associating {
				return item, false, nil
			}
			listed, err := wanted(j.Item.share)
			return item, listed, err
		})
	}, err
}

// shareOwners yields the owners of the shares that are shared with the caller's
// account.
func shareOwners(c *operation.Call, in *ListPrincipalsInput, wanted func(*sharing.Share) (bool, error)) (func(after string) iter.Seq2[operation.Keyed[Principal], error], error) {
	shares, err := sharesOf(c, ResourceOwnerOtherAccounts, in.ResourceShareARNs)
	if err != nil {
		return nil, err
	}
	own, err := identity.MembershipOf(c.Tx, c.Account())
	if err != nil {
		return nil, err
	}
	return func(after string) iter.Seq2[operation.Keyed[Principal], error] {
		return convertItems(shares(after), func(share *sharing.Share) (operation.Keyed[Principal], bool, error) {
			theirs, err := identity.MembershipOf(c.Tx, share.Owner)
			if err != nil {
				return operation.Keyed[Principal]{}, false, err
			}
			item := operation.Keyed[Principal]{Key: share.ARN, Item: Principal{
				ID: &share.Owner, ResourceShareARN: &share.ARN,
				External:     new(own.OrganizationID == "" || own.OrganizationID != theirs.OrganizationID),
				CreationTime: timestamp(share.Created), LastUpdatedTime: timestamp(share.Updated),
			}}
			if len(in.Principals) > 0 && !slices.Contains(in.Principals, share.Owner) {
				return item, false, nil
			}
			listed, err := wanted(share)
			return item, listed, err
		})
	}, nil
}
