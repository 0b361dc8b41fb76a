package ram

import (
	"errors"
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// Lists walk an index from where their page begins, and read no further than it
// ends: by the shares that they ask for, by the entity that they ask for, or by
// the owner. What they yield is filtered on the way.

// sharesOf yields the shares that a list is about, by ARN: the caller's own, or
// those of others that share with it. If ARNs are given it is these, and one
// that is none of them is an UnknownResourceException.
func sharesOf(c *operation.Call, owner ResourceOwner, arns []string) (func(after string) iter.Seq2[*sharing.Share, error], error) {
	if len(arns) == 0 {
		return func(after string) iter.Seq2[*sharing.Share, error] {
			if owner == ResourceOwnerSelf {
				return ownShares(c, after)
			}
			return sharing.SharesWith(c, after)
		}, nil
	}
	list, err := namedShares(c, owner, arns)
	return func(after string) iter.Seq2[*sharing.Share, error] {
		return func(yield func(*sharing.Share, error) bool) {
			for _, share := range list {
				if share.ARN > after && !yield(share, nil) {
					return
				}
			}
		}
	}, err
}

// ownShares yields the shares of the caller's account that it can still see.
func ownShares(c *operation.Call, after string) iter.Seq2[*sharing.Share, error] {
	return func(yield func(*sharing.Share, error) bool) {
		for share, err := range sharing.SharesOf(c.Tx, c.Account(), c.Region, after) {
			if err == nil && gone(share, c.Now) {
				continue
			}
			if !yield(share, err) {
				return
			}
		}
	}
}

// namedShares reads the shares of some ARNs, by ARN, each once.
func namedShares(c *operation.Call, owner ResourceOwner, arns []string) ([]*sharing.Share, error) {
	read := visible
	if owner == ResourceOwnerOtherAccounts {
		read = consumed
	}
	var list []*sharing.Share
	for _, text := range slices.Compact(slices.Sorted(slices.Values(arns))) {
		if _, err := parseName(shareType, text); err != nil {
			return nil, errMalformedARN(textShareARN)
		}
		share, err := read(c, text)
		if err != nil {
			return nil, err
		}
		list = append(list, share)
	}
	return list, nil
}

// visible reads a share of the caller's account that it can still see.
func visible(c *operation.Call, text string) (*sharing.Share, error) {
	share, err := sharing.ReadShare(c.Tx, text)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, noShare(text)
	case err != nil:
		return nil, err
	case share.Owner != c.Account() || share.Region != c.Region || gone(share, c.Now):
		return nil, noShare(text)
	}
	return share, nil
}

// consumed reads a share of another account that shares with the caller's.
func consumed(c *operation.Call, text string) (*sharing.Share, error) {
	for share, err := range sharing.SharesWith(c, text[:len(text)-1]) {
		if err != nil {
			return nil, err
		}
		if share.ARN == text {
			return share, nil
		}
		if share.ARN > text {
			break
		}
	}
	return nil, noShare(text)
}

// joined is an association with its share.
type joined struct {
	share *sharing.Share
	sharing.Association
}

// selection is what a list of associations is about.
type selection struct {
	owner    ResourceOwner
	shares   []string // ARNs; none for all
	typ      sharing.AssociationType
	entities []string // none for all
}

// joinedOf yields associations with their shares, each with the key that orders
// it in this selection.
func joinedOf(c *operation.Call, sel selection) (func(after string) iter.Seq2[operation.Keyed[joined], error], error) {
	entities := slices.Compact(slices.Sorted(slices.Values(sel.entities)))
	if len(sel.shares) > 0 || sel.owner == ResourceOwnerOtherAccounts {
		shares, err := sharesOf(c, sel.owner, sel.shares)
		return func(after string) iter.Seq2[operation.Keyed[joined], error] {
			return byShare(c, shares, sel.typ, entities, after)
		}, err
	}
	own := sharing.AssociationQuery{Owner: c.Account(), Region: c.Region, Type: sel.typ}
	return func(after string) iter.Seq2[operation.Keyed[joined], error] {
		return byEntity(c, own, entities, after)
	}, nil
}

// byShare yields what is in some shares: by share, then by entity.
func byShare(c *operation.Call, shares func(string) iter.Seq2[*sharing.Share, error], typ sharing.AssociationType, entities []string, after string) iter.Seq2[operation.Keyed[joined], error] {
	return func(yield func(operation.Keyed[joined], error) bool) {
		afterShare, afterEntity := splitKey(after)
		from := afterShare
		if from != "" {
			from = from[:len(from)-1] // which sorts before the share itself
		}
		for share, err := range shares(from) {
			if err != nil {
				yield(operation.Keyed[joined]{}, err)
				return
			}
			q := sharing.AssociationQuery{Share: share.ARN, Type: typ}
			switch {
			case share.ARN < afterShare:
				continue
			case share.ARN == afterShare:
				q.After = sharing.AssociationKey{Type: typ, Entity: afterEntity, Share: share.ARN}
			}
			for a, err := range each(c, q, entities) {
				if !yield(operation.Keyed[joined]{Key: joinKey(share.ARN, a.Entity), Item: joined{share, a}}, err) || err != nil {
					return
				}
			}
		}
	}
}

// byEntity yields what is in the caller's own shares: by entity, then by share.
func byEntity(c *operation.Call, own sharing.AssociationQuery, entities []string, after string) iter.Seq2[operation.Keyed[joined], error] {
	return func(yield func(operation.Keyed[joined], error) bool) {
		if after != "" {
			own.After.Type = own.Type
			own.After.Entity, own.After.Share = splitKey(after)
		}
		known := map[string]*sharing.Share{}
		for a, err := range each(c, own, entities) {
			share := known[a.Share]
			if err == nil && share == nil {
				share, err = sharing.ReadShare(c.Tx, a.Share)
				known[a.Share] = share
			}
			if err == nil && gone(share, c.Now) {
				continue
			}
			if !yield(operation.Keyed[joined]{Key: joinKey(a.Entity, a.Share), Item: joined{share, a}}, err) || err != nil {
				return
			}
		}
	}
}

// each yields the associations of a query, of all entities or of some, which
// come sorted.
func each(c *operation.Call, q sharing.AssociationQuery, entities []string) iter.Seq2[sharing.Association, error] {
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

func none[T any](func(operation.Keyed[T], error) bool) {}
