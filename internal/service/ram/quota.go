package ram

import (
	"errors"
	"iter"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// Quotas of an account in a region, and the errors when they are exceeded.
// https://docs.aws.amazon.com/ram/latest/userguide/what-is-limits.html
const (
	maxShares            = 25_000
	maxAssociations      = 25_000 // resources in all shares together, and likewise principals
	maxInOneShare        = 5_000  // resources in one share, and likewise principals
	textAssociationLimit = "You have reached the limit on the number of resources you can share"
	textShareLimit       = "You have reached the limit of %d resource shares."
)

// quota limits a number of items. The number is stored, because counting thousands of
// items for each request would be slow. It is never too small. It can be too large,
// because deleting a resource or leaving an organization does not update it; so when
// the quota seems to be exceeded, the items are counted.
type quota struct {
	name     string // of the row that stores the number
	limit    int
	exceeded error
	count    func() (int, error)
}

// quotaType is the stored type of the rows of quotas.
const quotaType = "quota"

// reserve adds n items, or returns the error that the quota is exceeded. A negative n
// removes items.
func (q quota) reserve(c *operation.Call, n int) error {
	row := store.Resource{
		ARN: newName(c, quotaType, q.name).String(), Service: api.Name, Type: quotaType, Account: c.Account(), Region: c.Region, Name: q.name,
	}
	used := new(int)
	r, err := c.Tx.Resource(row.ARN)
	switch {
	case err == nil:
		if used, err = operation.Decode[int](r); err != nil {
			return err
		}
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	if *used+n > q.limit {
		if *used, err = q.count(); err != nil {
			return err
		}
	}
	if n > 0 && *used+n > q.limit {
		return q.exceeded
	}
	if row, err = operation.Record(c, row, max(*used+n, 0)); err != nil {
		return err
	}
	return c.Tx.PutResource(row)
}

// sharesQuota limits the shares of the caller's account in the region. Shares created
// from policies do not count.
func sharesQuota(c *operation.Call) quota {
	return quota{"shares", maxShares, errResourceShareLimitExceeded(textShareLimit, maxShares), func() (int, error) {
		return sumShares(c, func(*sharing.Share) (int, error) { return 1, nil })
	}}
}

// associationsQuota limits the resources, or the principals, of those shares.
func associationsQuota(c *operation.Call, typ sharing.AssociationType) quota {
	return quota{string(typ), maxAssociations, errResourceShareLimitExceeded(textAssociationLimit), func() (int, error) {
		return sumShares(c, func(share *sharing.Share) (int, error) { return countAssociations(c, share, typ) })
	}}
}

// sumShares adds up a number of each share of the caller's account that counts.
func sumShares(c *operation.Call, of func(*sharing.Share) (int, error)) (total int, err error) {
	for share, err := range sharing.SharesOf(c.Tx, c.Account(), c.Region, "") {
		if err != nil {
			return 0, err
		}
		if !share.Deleted.IsZero() || share.FeatureSet != sharing.Standard {
			continue
		}
		n, err := of(share)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// countAssociations counts the resources, or the principals, of a share.
func countAssociations(c *operation.Call, share *sharing.Share, typ sharing.AssociationType) (n int, err error) {
	for _, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN, Type: typ}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// countedTypes holds the association types that have quotas.
var countedTypes = [...]sharing.AssociationType{sharing.Resource, sharing.Principal}

// reserveAssociations adds associations to the quotas, or returns the error that one is
// exceeded. present are the associations of the share before.
func reserveAssociations(c *operation.Call, present, added []sharing.Association) error {
	for typ, n := range countByType(added) {
		if count(present, typ)+n > maxInOneShare {
			return errResourceShareLimitExceeded(textAssociationLimit)
		}
		if err := associationsQuota(c, typ).reserve(c, n); err != nil {
			return err
		}
	}
	return nil
}

// releaseAssociations subtracts associations from the quotas.
func releaseAssociations(c *operation.Call, removed []sharing.Association) error {
	for typ, n := range countByType(removed) {
		if err := associationsQuota(c, typ).reserve(c, -n); err != nil {
			return err
		}
	}
	return nil
}

// countByType counts associations by the types that have quotas. It omits types with
// none.
func countByType(list []sharing.Association) iter.Seq2[sharing.AssociationType, int] {
	return func(yield func(sharing.AssociationType, int) bool) {
		for _, typ := range countedTypes {
			if n := count(list, typ); n > 0 && !yield(typ, n) {
				return
			}
		}
	}
}

// count counts the associations of a type.
func count(list []sharing.Association, typ sharing.AssociationType) (n int) {
	for _, a := range list {
		if a.Type == typ {
			n++
		}
	}
	return n
}
