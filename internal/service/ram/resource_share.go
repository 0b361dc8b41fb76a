package ram

import (
	"errors"
	"iter"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// keepDeleted is how long the owner still sees a share that was deleted.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-delete.html
const keepDeleted = 2 * time.Hour

// maxShareName is how many characters the name of a share may have.
const maxShareName = 255

func allowsExternal(in *CreateResourceShareInput) bool {
	return in.AllowExternalPrincipals == nil || *in.AllowExternalPrincipals
}

func retains(in *CreateResourceShareInput) bool {
	conf := in.ResourceShareConfiguration
	return conf != nil && conf.RetainSharingOnAccountLeaveOrganization != nil && *conf.RetainSharingOnAccountLeaveOrganization
}

func (s *ram) createResourceShare(c *operation.Call, in *CreateResourceShareInput) (*CreateResourceShareOutput, error) {
	return once(c, apiCreateResourceShare.Name, in.ClientToken, in, func() (*CreateResourceShareOutput, error) {
		if err := checkShareName(in.Name); err != nil {
			return nil, err
		}
		if err := bury(c); err != nil {
			return nil, err
		}
		if err := sharesQuota(c).take(c, 1); err != nil {
			return nil, err
		}
		n := newName(c, shareType, c.NewID())
		share := &sharing.Share{
			ARN: n.String(), Owner: n.Account, Region: n.Region,
			Name: in.Name, AllowExternal: allowsExternal(in), RetainOnLeave: retains(in), FeatureSet: sharing.Standard,
			Permissions: map[string]sharing.PermissionRef{}, Created: c.Now, Updated: c.Now,
		}
		if err := attach(c, share, in.PermissionARNs); err != nil {
			return nil, err
		}
		if err := share.Put(c); err != nil {
			return nil, err
		}
		if err := setTags(c, share.ARN, in.Tags); err != nil {
			return nil, err
		}
		if _, err := associate(c, share, entities{in.ResourceARNs, in.Principals, in.Sources}); err != nil {
			return nil, err
		}
		v, err := s.shareView(c, share)
		v.FeatureSet = nil // which AWS does not tell here
		return &CreateResourceShareOutput{ResourceShare: &v, ClientToken: in.ClientToken}, err
	})
}

func checkShareName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > maxShareName {
		return errInvalidParameter("The name of a resource share must have 1 to %d characters.", maxShareName)
	}
	return nil
}

// attach attaches permissions to a share, at the versions that are their defaults
// now. A share has one permission for each type of resources.
func attach(c *operation.Call, share *sharing.Share, permissions []string) error {
	for _, arn := range permissions {
		p, err := attachable(c, arn)
		if err != nil {
			return err
		}
		if _, taken := share.Permissions[p.ResourceType]; taken {
			return errInvalidParameter("Only one permission can be associated with each resource type: there are several for %s.", p.ResourceType)
		}
		share.Permissions[p.ResourceType] = sharing.PermissionRef{ARN: p.ARN, Version: p.Default}
	}
	return nil
}

// ownShare reads a share of the caller's that is not deleted.
func ownShare(c *operation.Call, arn string) (*sharing.Share, error) {
	n, err := parseName(shareType, arn)
	if err != nil {
		return nil, errMalformedARN(textShareARN)
	}
	share, err := sharing.ReadShare(c.Tx, arn)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, noShare(arn)
	case err != nil:
		return nil, err
	case n.Account != c.Account() || !here(c, n) || !share.Deleted.IsZero():
		return nil, noShare(arn)
	}
	return share, nil
}

// changeable is ownShare for what RAM may change: a STANDARD share.
func changeable(c *operation.Call, arn string) (*sharing.Share, error) {
	share, err := ownShare(c, arn)
	if err == nil && share.FeatureSet == sharing.CreatedFromPolicy {
		return nil, unpromoted(share)
	}
	return share, err
}

// isNoShare reports whether err says that there is no such share for the caller.
func isNoShare(err error) bool { return hasCode(err, errUnknownResource("").Code) }

func (s *ram) updateResourceShare(c *operation.Call, in *UpdateResourceShareInput) (*UpdateResourceShareOutput, error) {
	return once(c, apiUpdateResourceShare.Name, in.ClientToken, in, func() (*UpdateResourceShareOutput, error) {
		share, err := changeable(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		if err := bury(c); err != nil {
			return nil, err
		}
		if in.Name != nil {
			if err := checkShareName(*in.Name); err != nil {
				return nil, err
			}
			share.Name = *in.Name
		}
		if in.AllowExternalPrincipals != nil {
			if share.AllowExternal && !*in.AllowExternalPrincipals {
				if err := noExternals(c, share); err != nil {
					return nil, err
				}
			}
			share.AllowExternal = *in.AllowExternalPrincipals
		}
		share.Updated = c.Now
		if err := share.Put(c); err != nil {
			return nil, err
		}
		v, err := s.shareView(c, share)
		v.FeatureSet = nil // which AWS does not tell here
		return &UpdateResourceShareOutput{ResourceShare: &v, ClientToken: in.ClientToken}, err
	})
}

// noExternals makes sure that a share has no principals outside the owner's
// organization, so that it can be closed to them.
func noExternals(c *operation.Call, share *sharing.Share) error {
	for a, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN, Type: sharing.Principal}) {
		if err != nil {
			return err
		}
		if a.External && statusAt(share, a, c.Now) != sharing.Failed {
			return errInvalidParameter("Principal %s is not in your AWS organization. Disassociate it before you restrict the resource share to your organization.", a.Entity)
		}
	}
	return nil
}

// deleteResourceShare ends all that a share gives with this transaction. Its
// owner sees that it was deleted for some time.
func (s *ram) deleteResourceShare(c *operation.Call, in *DeleteResourceShareInput) (*DeleteResourceShareOutput, error) {
	return once(c, apiDeleteResourceShare.Name, in.ClientToken, in, func() (*DeleteResourceShareOutput, error) {
		share, err := changeable(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		if err := bury(c); err != nil {
			return nil, err
		}
		if err := sharesQuota(c).take(c, -1); err != nil {
			return nil, err
		}
		if err := end(c, share); err != nil {
			return nil, err
		}
		share.Deleted, share.Updated = c.Now, c.Now
		if err := share.Put(c); err != nil {
			return nil, err
		}
		if err := sharing.Refresh(c, share); err != nil {
			return nil, err
		}
		return &DeleteResourceShareOutput{ReturnValue: new(true), ClientToken: in.ClientToken}, digGrave(c, share)
	})
}

// end withdraws the invitations to a share that is deleted, and gives its room
// back.
func end(c *operation.Call, share *sharing.Share) error {
	var all []sharing.Association
	for a, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN}) {
		if err != nil {
			return err
		}
		all = append(all, a)
	}
	for _, a := range all {
		if a.Type == sharing.Principal && a.Status == sharing.Associating {
			if err := withdraw(c, a); err != nil {
				return err
			}
		}
	}
	return releaseAssociations(c, all)
}

// getResourceShares lists the caller's own shares, or those of other accounts
// that share with its account.
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
			hasTags(v.Tags, in.TagFilters)
	}
	p, err := page(apiGetResourceShares.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceShare], error] {
		return view(shares(after), func(share *sharing.Share) (operation.Keyed[ResourceShare], bool, error) {
			v, err := s.shareView(c, share)
			return operation.Keyed[ResourceShare]{Key: share.ARN, Item: v}, wanted(v, share), err
		})
	})
	return &GetResourceSharesOutput{ResourceShares: p.Items, NextToken: p.Next}, err
}

// hasPermission reports whether a permission is attached to a share; a version
// of 0 is any.
func hasPermission(share *sharing.Share, permission sharing.PermissionRef) bool {
	for _, ref := range share.Permissions {
		if ref.ARN == permission.ARN && (permission.Version == 0 || permission.Version == ref.Version) {
			return true
		}
	}
	return false
}

// hasTags reports whether tags satisfy all filters: each names a key, and values
// of which one must be there; without values any will do.
func hasTags(tags []Tag, filters []TagFilter) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(tags, func(t Tag) bool {
			return f.TagKey != nil && *f.TagKey == *t.Key && (len(f.TagValues) == 0 || slices.Contains(f.TagValues, *t.Value))
		}) {
			return false
		}
	}
	return true
}

// promotingStages are how a share becomes STANDARD once it is promoted.
var promotingStages = []operation.Stage[ResourceShareFeatureSet]{
	{After: 0, Status: ResourceShareFeatureSetPromotingToStandard},
	{After: 10 * time.Second, Status: ResourceShareFeatureSetStandard},
}

// shareView is a share as answers show it. Tags are its owner's business.
func (s *ram) shareView(c *operation.Call, share *sharing.Share) (ResourceShare, error) {
	v := ResourceShare{
		ResourceShareARN: &share.ARN, Name: &share.Name, OwningAccountID: &share.Owner,
		AllowExternalPrincipals: &share.AllowExternal, Status: new(ResourceShareStatusActive),
		CreationTime: moment(share.Created), LastUpdatedTime: moment(share.Updated),
		FeatureSet:                 new(ResourceShareFeatureSet(share.FeatureSet)),
		ResourceShareConfiguration: &ResourceShareConfiguration{RetainSharingOnAccountLeaveOrganization: &share.RetainOnLeave},
	}
	if !share.Deleted.IsZero() {
		v.Status = new(ResourceShareStatusDeleted)
	}
	if !share.Promoted.IsZero() {
		v.FeatureSet = new(operation.StatusAt(s.lifecycle, promotingStages, share.Promoted, c.Now))
	}
	if share.Owner != c.Account() {
		return v, nil
	}
	var err error
	v.Tags, err = tagList(c, share.ARN)
	return v, err
}
