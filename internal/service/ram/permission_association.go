package ram

import (
	"iter"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// listPermissionAssociations lists the caller's shares with the permissions attached
// to them.
func (s *ram) listPermissionAssociations(c *operation.Call, in *ListPermissionAssociationsInput) (*ListPermissionAssociationsOutput, error) {
	f, err := newPermissionFilter(c, in)
	if err != nil {
		return nil, err
	}
	page, err := paginate(apiListPermissionAssociations.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[AssociatedPermission], error] {
		return convertItems(permissionAssociations(c, f.permission, after), func(pair permissionAssociation) (operation.Keyed[AssociatedPermission], bool, error) {
			item, listed, err := s.associatedPermission(c, pair, f)
			return operation.Keyed[AssociatedPermission]{Key: joinKey(pair.share.ARN, pair.resourceType), Item: item}, listed, err
		})
	})
	return &ListPermissionAssociationsOutput{Permissions: page.Items, NextToken: page.Next}, err
}

// permissionFilter holds the filters of a ListPermissionAssociations request.
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
	f.resourceType, err = parseResourceType(in.ResourceType)
	return f, err
}

// permissionAssociation is a share and a resource type for which it has a permission.
type permissionAssociation struct {
	share        *sharing.Share
	resourceType string
}

// permissionAssociations yields the permission associations of the caller's active
// shares, of all permissions or of one, starting after a key.
func permissionAssociations(c *operation.Call, only *sharing.Permission, after string) iter.Seq2[permissionAssociation, error] {
	return func(yield func(permissionAssociation, error) bool) {
		last, lastType := splitKey(after)
		if only == nil && last != "" {
			// The previous page may have ended between two permissions of this share.
			share, err := readOwnShare(c, last)
			if err != nil && !isShareNotFound(err) {
				yield(permissionAssociation{}, err)
				return
			}
			if share != nil && !yieldPermissionTypes(share, lastType, yield) {
				return
			}
		}
		shares := sharing.SharesOf(c.Tx, c.Account(), c.Region, last)
		if only != nil {
			shares = sharesUsing(c, only, last)
		}
		for share, err := range shares {
			switch {
			case err != nil:
				yield(permissionAssociation{}, err)
				return
			case !share.Deleted.IsZero():
			case only != nil:
				if !yield(permissionAssociation{share, only.ResourceType}, nil) {
					return
				}
			case !yieldPermissionTypes(share, "", yield):
				return
			}
		}
	}
}

// yieldPermissionTypes yields the permission associations of one share. It returns
// false if the consumer stopped.
func yieldPermissionTypes(share *sharing.Share, after string, yield func(permissionAssociation, error) bool) bool {
	for t, err := range permissionTypes(share, after) {
		if !yield(permissionAssociation{share, t}, err) {
			return false
		}
	}
	return true
}

// sharesUsing yields the caller's active shares to which a permission is attached, by
// ARN. It skips the shares of other accounts that use an AWS managed permission.
func sharesUsing(c *operation.Call, p *sharing.Permission, after string) iter.Seq2[*sharing.Share, error] {
	return func(yield func(*sharing.Share, error) bool) {
		own := newName(c, shareType, "").prefix()
		for arn, err := range p.UsedBy(c.Tx, max(after, own)) {
			if err == nil && !strings.HasPrefix(arn, own) {
				return // the ARNs are sorted
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

// associatedPermission returns one item of ListPermissionAssociations, and whether it
// matches the filter.
func (s *ram) associatedPermission(c *operation.Call, pair permissionAssociation, f permissionFilter) (item AssociatedPermission, listed bool, err error) {
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
		// AWS lists shares that include a resource of the type.
		if pair.resourceType != f.resourceType {
			return item, false, nil
		}
		if listed, err := hasResourceOfType(c, share, f.resourceType); !listed {
			return item, false, err
		}
	}
	return AssociatedPermission{
		ARN: &p.ARN, PermissionVersion: new(strconv.Itoa(ref.Version)), DefaultVersion: new(ref.Version == p.Default),
		ResourceType: &p.ResourceType, Status: new(string(sharing.Associated)), FeatureSet: &features,
		LastUpdatedTime: timestamp(share.Updated), ResourceShareARN: &share.ARN,
	}, true, nil
}
