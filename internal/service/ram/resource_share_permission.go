package ram

import (
	"iter"
	"maps"
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// A share has one permission for each type of resource that it contains.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-update.html

func (s *ram) associateResourceSharePermission(c *operation.Call, in *AssociateResourceSharePermissionInput) (*AssociateResourceSharePermissionOutput, error) {
	return idempotent(c, apiAssociateResourceSharePermission.Name, in.ClientToken, in, func() (*AssociateResourceSharePermissionOutput, error) {
		share, err := readModifiableShare(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		p, err := authorizePermission(c, apiAssociateResourceSharePermission.Name, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		if in.PermissionVersion != nil && *in.PermissionVersion != p.Default {
			return nil, errOperationNotPermitted("Only the default version of a permission can be associated, which is version %d of permission %s.", p.Default, p.ARN)
		}
		if known, taken := share.Permissions[p.ResourceType]; taken && (in.Replace == nil || !*in.Replace) {
			return nil, errInvalidParameter("The resource share has the permission %s for %s. To replace it, set replace to true.", known.ARN, p.ResourceType)
		}
		return &AssociateResourceSharePermissionOutput{ReturnValue: new(true), ClientToken: in.ClientToken}, attachPermission(c, share, p)
	})
}

// attachPermission attaches the default version of a permission to a share and
// replaces the one it has for the resource type. RAM writes the policies of the
// resources on the caller's behalf, so the caller must be allowed to put them.
func attachPermission(c *operation.Call, share *sharing.Share, p *sharing.Permission) error {
	for a, err := range resourceAssociations(c, share, p.ResourceType) {
		if err != nil {
			return err
		}
		t, _ := sharing.TypeOf(a.Entity)
		if err := c.Authorize(t.PutAction, viaRAM(a.Entity)); err != nil {
			return err
		}
	}
	if share.Permissions == nil {
		share.Permissions = map[string]sharing.PermissionRef{}
	}
	share.Permissions[p.ResourceType] = sharing.PermissionRef{ARN: p.ARN, Version: p.Default}
	return saveShare(c, share)
}

// saveShare writes a share whose permissions changed, and updates the policies that
// depend on them.
func saveShare(c *operation.Call, share *sharing.Share) error {
	share.Updated = c.Now
	if err := share.Put(c); err != nil {
		return err
	}
	return sharing.Refresh(c, share)
}

// resourceAssociations yields the resources of a type in a share.
func resourceAssociations(c *operation.Call, share *sharing.Share, resourceType string) iter.Seq2[sharing.Association, error] {
	return func(yield func(sharing.Association, error) bool) {
		for a, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Share: share.ARN, Type: sharing.Resource}) {
			if t, ok := sharing.TypeOf(a.Entity); err == nil && (!ok || t.Name != resourceType) {
				continue
			}
			if !yield(a, err) {
				return
			}
		}
	}
}

// hasResourceOfType reports whether a share contains a resource of a type.
func hasResourceOfType(c *operation.Call, share *sharing.Share, resourceType string) (bool, error) {
	for _, err := range resourceAssociations(c, share, resourceType) {
		return err == nil, err
	}
	return false, nil
}

func (s *ram) disassociateResourceSharePermission(c *operation.Call, in *DisassociateResourceSharePermissionInput) (*DisassociateResourceSharePermissionOutput, error) {
	return idempotent(c, apiDisassociateResourceSharePermission.Name, in.ClientToken, in, func() (*DisassociateResourceSharePermissionOutput, error) {
		share, err := readModifiableShare(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		p, err := authorizePermission(c, apiDisassociateResourceSharePermission.Name, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		if share.Permissions[p.ResourceType].ARN != p.ARN {
			return nil, errInvalidParameter("The permission %s is not associated with the resource share.", p.ARN)
		}
		used, err := hasResourceOfType(c, share, p.ResourceType)
		if err != nil {
			return nil, err
		}
		if used {
			return nil, errOperationNotPermitted("The permission %s can't be removed while resources of the type %s are in the resource share.", p.ARN, p.ResourceType)
		}
		delete(share.Permissions, p.ResourceType)
		return &DisassociateResourceSharePermissionOutput{ReturnValue: new(true), ClientToken: in.ClientToken}, saveShare(c, share)
	})
}

func (s *ram) listResourceSharePermissions(c *operation.Call, in *ListResourceSharePermissionsInput) (*ListResourceSharePermissionsOutput, error) {
	share, err := readOwnShare(c, in.ResourceShareARN)
	if err != nil {
		return nil, err
	}
	page, err := paginate(apiListResourceSharePermissions.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceSharePermissionSummary], error] {
		return convertItems(permissionTypes(share, after), func(t string) (operation.Keyed[ResourceSharePermissionSummary], bool, error) {
			ref := share.Permissions[t]
			p, err := sharing.ReadPermission(c.Tx, ref.ARN)
			if err != nil {
				return operation.Keyed[ResourceSharePermissionSummary]{}, false, err
			}
			item, err := permissionSummary(c, p, ref.Version)
			return operation.Keyed[ResourceSharePermissionSummary]{Key: t, Item: item}, true, err
		})
	})
	return &ListResourceSharePermissionsOutput{Permissions: page.Items, NextToken: page.Next}, err
}

// permissionTypes yields the resource types for which a share has permissions, in
// order, starting after a name.
func permissionTypes(share *sharing.Share, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, t := range slices.Sorted(maps.Keys(share.Permissions)) {
			if t > after && !yield(t, nil) {
				return
			}
		}
	}
}
