package ram

import (
	"errors"
	"iter"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// The quotas of an account in a region.
// https://docs.aws.amazon.com/ram/latest/userguide/what-is-limits.html
const (
	maxShares         = 25_000
	maxAssociations   = 25_000 // of all shares together: resources, and likewise principals
	maxInOneShare     = 5_000  // resources of one share, and likewise principals
	textTooMany       = "You have reached the limit on the number of resources you can share"
	textTooManyShares = "You have reached the limit of %d resource shares."
)

// quota bounds how many of something there are. The number is kept, since
// counting thousands for each call would be slow, and never too small: what goes
// by itself (a resource that is deleted, a member that leaves) is only found out
// when the quota seems to be used up, and everything is counted again.
type quota struct {
	name    string // of the row that keeps the number
	most    int
	reached error
	count   func() (int, error)
}

const quotaType = "quota"

// take makes room for n more, or returns the error that the quota is reached.
// A negative n gives room back.
func (q quota) take(c *operation.Call, n int) error {
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
	if *used+n > q.most {
		if *used, err = q.count(); err != nil {
			return err
		}
	}
	if n > 0 && *used+n > q.most {
		return q.reached
	}
	if row, err = operation.Record(c, row, max(*used+n, 0)); err != nil {
		return err
	}
	return c.Tx.PutResource(row)
}

// sharesQuota bounds the shares of the caller's account in the region, but for
// those that follow policies.
func sharesQuota(c *operation.Call) quota {
	return quota{"shares", maxShares, errResourceShareLimitExceeded(textTooManyShares, maxShares), func() (int, error) {
		return sum(c, func(*sharing.Share) (int, error) { return 1, nil })
	}}
}

// associationsQuota bounds the resources, or the principals, of those shares.
func associationsQuota(c *operation.Call, typ sharing.AssociationType) quota {
	return quota{string(typ), maxAssociations, errResourceShareLimitExceeded(textTooMany), func() (int, error) {
		return sum(c, func(share *sharing.Share) (int, error) { return inShare(c, share, typ) })
	}}
}

// sum adds up what the shares of the caller have that count.
func sum(c *operation.Call, of func(*sharing.Share) (int, error)) (total int, err error) {
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

// inShare counts the resources or the principals of a share.
func inShare(c *operation.Call, share *sharing.Share, typ sharing.AssociationType) (n int, err error) {
	for _, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN, Type: typ}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// counted are the types of associations that quotas count.
var counted = [...]sharing.AssociationType{sharing.Resource, sharing.Principal}

// takeAssociations makes room in the quotas for associations that a share gets.
// A share is walked for that, as it is to write the policies that follow from it.
func takeAssociations(c *operation.Call, share *sharing.Share, added []sharing.Association) error {
	for typ, n := range byType(added) {
		there, err := inShare(c, share, typ)
		if err != nil {
			return err
		}
		if there+n > maxInOneShare {
			return errResourceShareLimitExceeded(textTooMany)
		}
		if err := associationsQuota(c, typ).take(c, n); err != nil {
			return err
		}
	}
	return nil
}

// releaseAssociations gives the room of associations that go back to the quotas.
func releaseAssociations(c *operation.Call, gone []sharing.Association) error {
	for typ, n := range byType(gone) {
		if err := associationsQuota(c, typ).take(c, -n); err != nil {
			return err
		}
	}
	return nil
}

// byType counts associations of the types that quotas count, where there are any.
func byType(list []sharing.Association) iter.Seq2[sharing.AssociationType, int] {
	return func(yield func(sharing.AssociationType, int) bool) {
		for _, typ := range counted {
			n := 0
			for _, a := range list {
				if a.Type == typ {
					n++
				}
			}
			if n > 0 && !yield(typ, n) {
				return
			}
		}
	}
}
