package ram

import (
	"errors"
	"unicode/utf8"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// maxShareName is the longest name of a share, in characters.
const maxShareName = 255

func allowsExternal(in *CreateResourceShareInput) bool {
	return in.AllowExternalPrincipals == nil || *in.AllowExternalPrincipals
}

func retainsOnLeave(in *CreateResourceShareInput) bool {
	conf := in.ResourceShareConfiguration
	return conf != nil && conf.RetainSharingOnAccountLeaveOrganization != nil && *conf.RetainSharingOnAccountLeaveOrganization
}

func (s *ram) createResourceShare(c *operation.Call, in *CreateResourceShareInput) (*CreateResourceShareOutput, error) {
	return idempotent(c, apiCreateResourceShare.Name, in.ClientToken, in, func() (*CreateResourceShareOutput, error) {
		if err := checkShareName(in.Name); err != nil {
			return nil, err
		}
		if err := purgeDeletedShares(c); err != nil {
			return nil, err
		}
		if err := sharesQuota(c).reserve(c, 1); err != nil {
			return nil, err
		}
		n := newName(c, shareType, c.NewShareID())
		share := &sharing.Share{
			ARN: n.String(), Owner: n.Account, Region: n.Region,
			Name: in.Name, AllowExternal: allowsExternal(in), RetainOnLeave: retainsOnLeave(in), FeatureSet: sharing.Standard,
			Permissions: map[string]sharing.PermissionRef{}, Created: c.Now, Updated: c.Now,
		}
		if err := attachPermissions(c, share, in.PermissionARNs); err != nil {
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
		v, err := s.shareOutput(c, share)
		v.FeatureSet = nil // AWS omits it here
		return &CreateResourceShareOutput{ResourceShare: &v, ClientToken: in.ClientToken}, err
	})
}

func checkShareName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > maxShareName {
		return errInvalidParameter("The name of a resource share must have 1 to %d characters.", maxShareName)
	}
	return nil
}

// attachPermissions attaches the default versions of permissions to a share. A
// share has one permission for each resource type.
func attachPermissions(c *operation.Call, share *sharing.Share, permissions []string) error {
	for _, arn := range permissions {
		p, err := readStandardPermission(c, arn)
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

// readOwnShare reads a share of the caller's account that is not deleted.
func readOwnShare(c *operation.Call, arn string) (*sharing.Share, error) {
	n, err := parseName(shareType, arn)
	if err != nil {
		return nil, errMalformedARN(textShareARN)
	}
	share, err := sharing.ReadShare(c.Tx, arn)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, errShareNotFound(arn)
	case err != nil:
		return nil, err
	case n.Account != c.Account() || !inRegion(c, n) || !share.Deleted.IsZero():
		return nil, errShareNotFound(arn)
	}
	return share, nil
}

// readModifiableShare is readOwnShare for a share that RAM may change: one of
// feature set STANDARD.
func readModifiableShare(c *operation.Call, arn string) (*sharing.Share, error) {
	share, err := readOwnShare(c, arn)
	if err == nil && share.FeatureSet == sharing.CreatedFromPolicy {
		return nil, errManagedByPolicy(share)
	}
	return share, err
}

// isShareNotFound reports whether err is the error for a share that does not exist
// or that the caller cannot see.
func isShareNotFound(err error) bool { return hasCode(err, errUnknownResource("").Code) }

func (s *ram) updateResourceShare(c *operation.Call, in *UpdateResourceShareInput) (*UpdateResourceShareOutput, error) {
	return idempotent(c, apiUpdateResourceShare.Name, in.ClientToken, in, func() (*UpdateResourceShareOutput, error) {
		share, err := readModifiableShare(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		if err := purgeDeletedShares(c); err != nil {
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
				if err := checkNoExternalPrincipals(c, share); err != nil {
					return nil, err
				}
			}
			share.AllowExternal = *in.AllowExternalPrincipals
		}
		share.Updated = c.Now
		if err := share.Put(c); err != nil {
			return nil, err
		}
		v, err := s.shareOutput(c, share)
		v.FeatureSet = nil // AWS omits it here
		return &UpdateResourceShareOutput{ResourceShare: &v, ClientToken: in.ClientToken}, err
	})
}

// checkNoExternalPrincipals returns an error if a share has principals outside the
// owner's organization. Such a share cannot be restricted to the organization.
func checkNoExternalPrincipals(c *operation.Call, share *sharing.Share) error {
	for a, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN, Type: sharing.Principal}) {
		if err != nil {
			return err
		}
		if a.External && associationStatus(share, a, c.Now) != sharing.Failed {
			return errInvalidParameter("Principal %s is not in your AWS organization. Disassociate it before you restrict the resource share to your organization.", a.Entity)
		}
	}
	return nil
}

// deleteResourceShare deletes a share and revokes all access that it grants in the
// same transaction. The owner can see the deleted share for some time.
func (s *ram) deleteResourceShare(c *operation.Call, in *DeleteResourceShareInput) (*DeleteResourceShareOutput, error) {
	return idempotent(c, apiDeleteResourceShare.Name, in.ClientToken, in, func() (*DeleteResourceShareOutput, error) {
		share, err := readModifiableShare(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		if err := purgeDeletedShares(c); err != nil {
			return nil, err
		}
		if err := sharesQuota(c).reserve(c, -1); err != nil {
			return nil, err
		}
		if err := releaseShare(c, share); err != nil {
			return nil, err
		}
		share.Deleted, share.Updated = c.Now, c.Now
		if err := share.Put(c); err != nil {
			return nil, err
		}
		if err := sharing.Refresh(c, share); err != nil {
			return nil, err
		}
		return &DeleteResourceShareOutput{ReturnValue: new(true), ClientToken: in.ClientToken}, recordDeletion(c, share)
	})
}

// releaseShare withdraws the pending invitations of a share that is deleted, and
// subtracts its associations from the quotas.
func releaseShare(c *operation.Call, share *sharing.Share) error {
	all, err := loadAssociations(c, share)
	if err != nil {
		return err
	}
	if err := withdrawInvitations(c, share, pending(all)); err != nil {
		return err
	}
	return releaseAssociations(c, all)
}
