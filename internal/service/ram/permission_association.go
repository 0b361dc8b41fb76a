package ram

import (
	"iter"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// listPermissionAssociations lists which of the caller's shares have which
// permissions attached.
func (s *ram) listPermissionAssociations(c *operation.Call, in *ListPermissionAssociationsInput) (*ListPermissionAssociationsOutput, error) {
	f, err := newPermissionFilter(c, in)
	if err != nil {
		return nil, err
	}
	page, err := page(apiListPermissionAssociations.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[AssociatedPermission], error] {
		return view(permitted(c, f.permission, after), func(pair permittedShare) (operation.Keyed[AssociatedPermission], bool, error) {
			item, listed, err := s.associatedPermission(c, pair, f)
			return operation.Keyed[AssociatedPermission]{Key: joinKey(pair.share.ARN, pair.resourceType), Item: item}, listed, err
		})
	})
	return &ListPermissionAssociationsOutput{Permissions: page.Items, NextToken: page.Next}, err
}

// permissionFilter is what ListPermissionAssociations is asked for.
type permissionFilter struct {
	*ListPermissionAssociationsInput
	permission   *sharing.Permission // nil for any
	resourceType string              // "" for any
}

func newPermissionFilter(c *operation.Call, in *ListPermissionAssociationsInput) (f permissionFilter, err error) {
	f.ListPermissionAssociationsInput = in
	if in.PermissionARN != nil {
		if f.permission, err = readPermission(c, *in.PermissionARN); err != nil {
			return f, err
		}
	}
	if in.ResourceType != nil {
		t, ok := typeNamed(*in.ResourceType)
		if !ok {
			return f, errInvalidParameter("Invalid resource type: %s", *in.ResourceType)
		}
		f.resourceType = t.Name
	}
	return f, nil
}

// permittedShare is a share and one of the resource types it has a permission for.
type permittedShare struct {
	share        *sharing.Share
	resourceType string
}

// permitted yields the caller's active shares with the types of their
// permissions, or of one permission only, from the first that sorts after a key.
func permitted(c *operation.Call, only *sharing.Permission, after string) iter.Seq2[permittedShare, error] {
	return func(yield func(permittedShare, error) bool) {
		last, lastType := splitKey(after)
		if only == nil && last != "" {
			// The page before may have ended in the middle of a share.
			share, err := ownShare(c, last)
			if err != nil && !isNoShare(err) {
				yield(permittedShare{}, err)
				return
			}
			if share != nil && !yieldTypes(share, lastType, yield) {
				return
			}
		}
		shares := sharing.SharesOf(c.Tx, c.Account(), c.Region, last)
		if only != nil {
			shares = usersOf(c, only, last)
		}
		for share, err := range shares {
			switch {
			case err != nil:
				yield(permittedShare{}, err)
				return
			case !share.Deleted.IsZero():
			case only != nil:
				if !yield(permittedShare{share, only.ResourceType}, nil) {
					return
				}
			case !yieldTypes(share, "", yield):
				return
			}
		}
	}
}

func yieldTypes(share *sharing.Share, after string, yield func(permittedShare, error) bool) bool {
	for t := range permissionsOf(share, after) {
		if !yield(permittedShare{share, t}, nil) {
			return false
		}
	}
	return true
}

// usersOf yields the caller's active shares that have a permission attached,
// by ARN. One that AWS manages has shares of other accounts, which it passes by.
func usersOf(c *operation.Call, p *sharing.Permission, after string) iter.Seq2[*sharing.Share, error] {
	return func(yield func(*sharing.Share, error) bool) {
		own := newName(c, shareType, "").prefix()
		for arn, err := range p.UsedBy(c.Tx, max(after, own)) {
			if err == nil && !strings.HasPrefix(arn, own) {
				return // ARNs come in order
			}
			var share *sharing.Share
			if err == nil {
				share, err = sharing.ReadShare(c.Tx, arn)
			}
			if !yield(share, err) || err != nil {
				return
			}
		}
	}
}

// associatedPermission is one line of ListPermissionAssociations; not listed if
// the filter leaves it out.
func (s *ram) associatedPermission(c *operation.Call, pair permittedShare, f permissionFilter) (item AssociatedPermission, listed bool, err error) {
	share, ref := pair.share, pair.share.Permissions[pair.resourceType]
	p, err := sharing.ReadPermission(c.Tx, ref.ARN)
	if err != nil {
		return item, false, err
	}
	features := PermissionFeatureSet(s.featureSet(c, share))
	switch {
	case f.PermissionVersion != nil && *f.PermissionVersion != ref.Version,
		f.DefaultVersion != nil && *f.DefaultVersion && ref.Version != p.Default,
		f.AssociationStatus != nil && *f.AssociationStatus != ResourceShareAssociationStatusAssociated,
		f.FeatureSet != nil && *f.FeatureSet != features:
		return item, false, nil
	}
	if f.resourceType != "" {
		// As AWS words it: shares that include a resource of the type.
		if pair.resourceType != f.resourceType {
			return item, false, nil
		}
		if listed, err := has(c, share, f.resourceType); !listed {
			return item, false, err
		}
	}
	return AssociatedPermission{
		ARN: &p.ARN, PermissionVersion: new(strconv.Itoa(ref.Version)), DefaultVersion: new(ref.Version == p.Default),
		ResourceType: &p.ResourceType, Status: new(string(sharing.Associated)), FeatureSet: &features,
		LastUpdatedTime: moment(share.Updated), ResourceShareARN: &share.ARN,
	}, true, nil
}

// featureSet is that of a share at the time of the call.
func (s *ram) featureSet(c *operation.Call, share *sharing.Share) ResourceShareFeatureSet {
	if share.Promoted.IsZero() {
		return ResourceShareFeatureSet(share.FeatureSet)
	}
	return operation.StatusAt(s.lifecycle, promotingStages, share.Promoted, c.Now)
}
