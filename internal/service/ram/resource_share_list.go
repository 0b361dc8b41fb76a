package ram

import (
	"errors"
	"iter"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// getResourceShares lists the shares that the caller's account owns, or those that
// other accounts share with it.
func (s *ram) getResourceShares(c *operation.Call, in *GetResourceSharesInput) (*GetResourceSharesOutput, error) {
	if in.PermissionVersion != nil && in.PermissionARN == nil {
		return nil, errInvalidParameter("Specify permissionArn with permissionVersion.")
	}
	var permission sharing.PermissionRef
	if in.PermissionARN != nil {
		p, err := readPermission(c, *in.PermissionARN)
		if err != nil {
			return nil, err
		}
		permission.ARN = p.ARN
		if in.PermissionVersion != nil {
			permission.Version = *in.PermissionVersion
		}
	}
	shares, err := sharesOf(c, in.ResourceOwner, in.ResourceShareARNs)
	if err != nil {
		return nil, err
	}
	wanted := func(v ResourceShare, share *sharing.Share) bool {
		return (in.Name == nil || *in.Name == share.Name) &&
			(in.ResourceShareStatus == nil || *in.ResourceShareStatus == *v.Status) &&
			(in.PermissionARN == nil || hasPermission(share, permission)) &&
			matchesTagFilters(v.Tags, in.TagFilters)
	}
	p, err := paginate(apiGetResourceShares.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceShare], error] {
		return convertItems(shares(after), func(share *sharing.Share) (operation.Keyed[ResourceShare], bool, error) {
			v, err := s.shareOutput(c, share)
			return operation.Keyed[ResourceShare]{Key: share.ARN, Item: v}, wanted(v, share), err
		})
	})
	return &GetResourceSharesOutput{ResourceShares: p.Items, NextToken: p.Next}, err
}

// hasPermission reports whether a permission is attached to a share. Version 0
// matches any version.
func hasPermission(share *sharing.Share, permission sharing.PermissionRef) bool {
	for _, ref := range share.Permissions {
		if ref.ARN == permission.ARN && (permission.Version == 0 || permission.Version == ref.Version) {
			return true
		}
	}
	return false
}

// matchesTagFilters reports whether tags match all filters. A filter names a tag key
// and the values it may have; without values it matches any value.
func matchesTagFilters(tags []Tag, filters []TagFilter) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(tags, func(t Tag) bool {
			return f.TagKey != nil && *f.TagKey == *t.Key && (len(f.TagValues) == 0 || slices.Contains(f.TagValues, *t.Value))
		}) {
			return false
		}
	}
	return true
}

// sharesOf returns a function that yields the caller's own shares, or those that
// other accounts share with it, by ARN. Given ARNs it yields these shares only; an ARN
// of any other share is an UnknownResourceException.
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

// ownShares yields the shares that the caller's account owns and can see.
func ownShares(c *operation.Call, after string) iter.Seq2[*sharing.Share, error] {
	return func(yield func(*sharing.Share, error) bool) {
		for share, err := range sharing.SharesOf(c.Tx, c.Account(), c.Region, after) {
			if err == nil && retentionElapsed(share, c.Now) {
				continue
			}
			if !yield(share, err) {
				return
			}
		}
	}
}

// namedShares reads the shares with the given ARNs, sorted and without duplicates.
func namedShares(c *operation.Call, owner ResourceOwner, arns []string) ([]*sharing.Share, error) {
	read := readVisibleShare
	if owner == ResourceOwnerOtherAccounts {
		read = readSharedWithCaller
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

// readVisibleShare reads a share that the caller's account owns and can see, which
// may be deleted.
func readVisibleShare(c *operation.Call, text string) (*sharing.Share, error) {
	share, err := sharing.ReadShare(c.Tx, text)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, errShareNotFound(text)
	case err != nil:
		return nil, err
	case share.Owner != c.Account() || share.Region != c.Region || retentionElapsed(share, c.Now):
		return nil, errShareNotFound(text)
	}
	return share, nil
}

// readSharedWithCaller reads a share of another account that is shared with the
// caller's account.
func readSharedWithCaller(c *operation.Call, text string) (*sharing.Share, error) {
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
	return nil, errShareNotFound(text)
}
