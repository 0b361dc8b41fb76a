package ram

import (
	"iter"
	"maps"
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
)

// A share has one permission for each type of resources that are in it.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-update.html

func (s *ram) associateResourceSharePermission(c *operation.Call, in *AssociateResourceSharePermissionInput) (*AssociateResourceSharePermissionOutput, error) {
	return once(c, apiAssociateResourceSharePermission.Name, in.ClientToken, in, func() (*AssociateResourceSharePermissionOutput, error) {
		share, err := changeable(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		p, err := namedPermission(c, apiAssociateResourceSharePermission.Name, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		if in.PermissionVersion != nil && *in.PermissionVersion != p.Default {
			return nil, errOperationNotPermitted("Only the default version of a permission can be associated, which is version %d of permission %s.", p.Default, p.ARN)
		}
		if known, taken := share.Permissions[p.ResourceType]; taken && (in.Replace == nil || !*in.Replace) {
			return nil, errInvalidParameter("The resource share has the permission %s for %s. To replace it, set replace to true.", known.ARN, p.ResourceType)
		}
		return &AssociateResourceSharePermissionOutput{ReturnValue: new(true), ClientToken: in.ClientToken}, permit(c, share, p)
	})
}

// permit attaches the default version of a permission to a share, in the place of
// the one it has for the type. RAM writes the policies of the resources with the
// authority of the caller, who must be allowed to.
func permit(c *operation.Call, share *sharing.Share, p *sharing.Permission) error {
	for a, err := range resourcesIn(c, share, p.ResourceType) {
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
	return rewrite(c, share)
}

// rewrite keeps a share whose permissions changed, and what follows from them.
func rewrite(c *operation.Call, share *sharing.Share) error {
	share.Updated = c.Now
	if err := share.Put(c); err != nil {
		return err
	}
	return sharing.Refresh(c, share)
}

// resourcesIn yields the resources of a type that are in a share.
func resourcesIn(c *operation.Call, share *sharing.Share, resourceType string) iter.Seq2[sharing.Association, error] {
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

// has reports whether a resource of a type is in a share.
func has(c *operation.Call, share *sharing.Share, resourceType string) (bool, error) {
	for _, err := range resourcesIn(c, share, resourceType) {
		return err == nil, err
	}
	return false, nil
}

func (s *ram) disassociateResourceSharePermission(c *operation.Call, in *DisassociateResourceSharePermissionInput) (*DisassociateResourceSharePermissionOutput, error) {
	return once(c, apiDisassociateResourceSharePermission.Name, in.ClientToken, in, func() (*DisassociateResourceSharePermissionOutput, error) {
		share, err := changeable(c, in.ResourceShareARN)
		if err != nil {
			return nil, err
		}
		p, err := namedPermission(c, apiDisassociateResourceSharePermission.Name, in.PermissionARN)
		if err != nil {
			return nil, err
		}
		if share.Permissions[p.ResourceType].ARN != p.ARN {
			return nil, errInvalidParameter("The permission %s is not associated with the resource share.", p.ARN)
		}
		used, err := has(c, share, p.ResourceType)
		if err != nil {
			return nil, err
		}
		if used {
			return nil, errOperationNotPermitted("The permission %s can't be removed while resources of the type %s are in the resource share.", p.ARN, p.ResourceType)
		}
		delete(share.Permissions, p.ResourceType)
		return &DisassociateResourceSharePermissionOutput{ReturnValue: new(true), ClientToken: in.ClientToken}, rewrite(c, share)
	})
}

func (s *ram) listResourceSharePermissions(c *operation.Call, in *ListResourceSharePermissionsInput) (*ListResourceSharePermissionsOutput, error) {
	share, err := ownShare(c, in.ResourceShareARN)
	if err != nil {
		return nil, err
	}
	page, err := page(apiListResourceSharePermissions.Name, in.MaxResults, in.NextToken, func(after string) iter.Seq2[operation.Keyed[ResourceSharePermissionSummary], error] {
		return view(permissionsOf(share, after), func(t string) (operation.Keyed[ResourceSharePermissionSummary], bool, error) {
			ref := share.Permissions[t]
			p, err := sharing.ReadPermission(c.Tx, ref.ARN)
			if err != nil {
				return operation.Keyed[ResourceSharePermissionSummary]{}, false, err
			}
			item, err := summarize(c, p, ref.Version)
			return operation.Keyed[ResourceSharePermissionSummary]{Key: t, Item: item}, true, err
		})
	})
	return &ListResourceSharePermissionsOutput{Permissions: page.Items, NextToken: page.Next}, err
}

// permissionsOf yields the resource types that a share has permissions for, in
// their order, from the first that sorts after a name.
func permissionsOf(share *sharing.Share, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, t := range slices.Sorted(maps.Keys(share.Permissions)) {
			if t > after && !yield(t, nil) {
				return
			}
		}
	}
}

// onListedShare is the target of ListResourceSharePermissions: only the owner of a
// share sees its permissions.
func onListedShare(c *operation.Call, in *ListResourceSharePermissionsInput) (authz.Target, error) {
	if _, err := parseName(shareType, in.ResourceShareARN); err != nil {
		return authz.Target{}, errMalformedARN(textShareARN)
	}
	return shareTarget(c, in.ResourceShareARN)
}
