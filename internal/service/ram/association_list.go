package ram

import (
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// getResourceShareAssociations lists the associations of the shares that the
// caller's account owns.
func (s *ram) getResourceShareAssociations(c *operation.Call, in *GetResourceShareAssociationsInput) (*GetResourceShareAssociationsOutput, error) {
	sel := associationFilter{owner: ResourceOwnerSelf, shares: in.ResourceShareARNs, typ: sharing.AssociationType(in.AssociationType)}
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
	items, err := shareAssociations(c, sel)
	if err != nil {
		return nil, err
	}
	p, err := paginate(apiGetResourceShareAssociations.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceShareAssociation], error] {
		return convertItems(items(after), func(j operation.Keyed[shareAssociation]) (operation.Keyed[ResourceShareAssociation], bool, error) {
			v := associationOutput(c, j.Item.share, j.Item.Association)
			listed := in.AssociationStatus == nil || *in.AssociationStatus == *v.Status
			return operation.Keyed[ResourceShareAssociation]{Key: j.Key, Item: v}, listed, nil
		})
	})
	return &GetResourceShareAssociationsOutput{ResourceShareAssociations: p.Items, NextToken: p.Next}, err
}

// listSourceAssociations lists the source accounts of the shares that the caller's
// account owns.
func (s *ram) listSourceAssociations(c *operation.Call, in *ListSourceAssociationsInput) (*ListSourceAssociationsOutput, error) {
	sel := associationFilter{owner: ResourceOwnerSelf, shares: in.ResourceShareARNs, typ: sharing.Source}
	if in.SourceID != nil {
		sel.entities = []string{*in.SourceID}
	}
	items, err := shareAssociations(c, sel)
	if err != nil {
		return nil, err
	}
	p, err := paginate(apiListSourceAssociations.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[AssociatedSource], error] {
		return convertItems(items(after), func(j operation.Keyed[shareAssociation]) (operation.Keyed[AssociatedSource], bool, error) {
			a := j.Item.Association
			status := string(associationStatus(j.Item.share, a, c.Now))
			v := AssociatedSource{
				ResourceShareARN: &a.Share, SourceID: &a.Entity, SourceType: new(accountSource), Status: &status,
				CreationTime: timestamp(a.Created), LastUpdatedTime: timestamp(a.Updated),
			}
			listed := (in.SourceType == nil || *in.SourceType == accountSource) &&
				(in.AssociationStatus == nil || string(*in.AssociationStatus) == status)
			return operation.Keyed[AssociatedSource]{Key: j.Key, Item: v}, listed, nil
		})
	})
	return &ListSourceAssociationsOutput{SourceAssociations: p.Items, NextToken: p.Next}, err
}

// accountSource is the only type of source.
const accountSource = "ACCOUNT"

// Lists read an index from the start of the page to its end and filter the rows
// they read: the index by share, by entity or by owner.

// shareAssociation is an association and its share.
type shareAssociation struct {
	share *sharing.Share
	sharing.Association
}

// associationFilter selects associations.
type associationFilter struct {
	owner    ResourceOwner
	shares   []string // ARNs; empty for all
	typ      sharing.AssociationType
	entities []string // empty for all
}

// shareAssociations returns a function that yields the associations of a filter in
// the order of their keys.
func shareAssociations(c *operation.Call, f associationFilter) (func(after string) iter.Seq2[operation.Keyed[shareAssociation], error], error) {
	entities := slices.Compact(slices.Sorted(slices.Values(f.entities)))
	if len(f.shares) > 0 || f.owner == ResourceOwnerOtherAccounts {
		shares, err := sharesOf(c, f.owner, f.shares)
		return func(after string) iter.Seq2[operation.Keyed[shareAssociation], error] {
			return associationsByShare(c, shares, f.typ, entities, after)
		}, err
	}
	own := sharing.AssociationQuery{Owner: c.Account(), Region: c.Region, Type: f.typ}
	return func(after string) iter.Seq2[operation.Keyed[shareAssociation], error] {
		return associationsByEntity(c, own, entities, after)
	}, nil
}

// associationsByShare yields the associations of shares, by share and then by
// entity.
func associationsByShare(c *operation.Call, shares func(string) iter.Seq2[*sharing.Share, error], typ sharing.AssociationType, entities []string, after string) iter.Seq2[operation.Keyed[shareAssociation], error] {
	return func(yield func(operation.Keyed[shareAssociation], error) bool) {
		afterShare, afterEntity := splitKey(after)
		from := afterShare
		if from != "" {
			from = from[:len(from)-1] // sorts before the share itself
		}
		for share, err := range shares(from) {
			if err != nil {
				yield(operation.Keyed[shareAssociation]{}, err)
				return
			}
			q := sharing.AssociationQuery{Share: share.ARN, Type: typ}
			switch {
			case share.ARN < afterShare:
				continue
			case share.ARN == afterShare:
				q.After = sharing.AssociationKey{Type: typ, Entity: afterEntity, Share: share.ARN}
			}
			for a, err := range entityAssociations(c, q, entities) {
				if !yield(operation.Keyed[shareAssociation]{Key: joinKey(share.ARN, a.Entity), Item: shareAssociation{share, a}}, err) || err != nil {
					return
				}
			}
		}
	}
}

// associationsByEntity yields the associations of the caller's own shares, by
// entity and then by share.
func associationsByEntity(c *operation.Call, own sharing.AssociationQuery, entities []string, after string) iter.Seq2[operation.Keyed[shareAssociation], error] {
	return func(yield func(operation.Keyed[shareAssociation], error) bool) {
		if after != "" {
			own.After.Type = own.Type
			own.After.Entity, own.After.Share = splitKey(after)
		}
		known := map[string]*sharing.Share{}
		for a, err := range entityAssociations(c, own, entities) {
			share := known[a.Share]
			if err == nil && share == nil {
				share, err = sharing.ReadShare(c.Tx, a.Share)
				known[a.Share] = share
			}
			if err == nil && retentionElapsed(share, c.Now) {
				continue
			}
			if !yield(operation.Keyed[shareAssociation]{Key: joinKey(a.Entity, a.Share), Item: shareAssociation{share, a}}, err) || err != nil {
				return
			}
		}
	}
}

// entityAssociations yields the associations of a query with the given entities,
// which are sorted; without entities it yields all of them.
func entityAssociations(c *operation.Call, q sharing.AssociationQuery, entities []string) iter.Seq2[sharing.Association, error] {
	if len(entities) == 0 {
		return sharing.Associations(c.Tx, q)
	}
	return func(yield func(sharing.Association, error) bool) {
		for _, entity := range entities {
			if q.After.Entity > entity {
				continue
			}
			q.Entity = entity
			for a, err := range sharing.Associations(c.Tx, q) {
				if !yield(a, err) || err != nil {
					return
				}
			}
		}
	}
}
