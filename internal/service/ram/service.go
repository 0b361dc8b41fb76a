package ram

import (
	_ "embed"

	"github.com/writdev/writ/internal/operation"
)

// actionReference is the part of the service authorization reference about the service's actions.
//
//go:embed authorization.json
var actionReference []byte

// Config configures the service. The zero value is valid.
type Config struct {
	Lifecycle operation.Lifecycle
}

// ram has the handlers as methods. All state is in the store.
type ram struct {
	lifecycle operation.Lifecycle
}

// New returns the service.
func New(cfg Config) *operation.Service {
	s := &ram{lifecycle: cfg.Lifecycle}
	w := api
	w.Invalid = invalid
	const (
		read  = operation.Read
		write = operation.Write
		owner = operation.OwnerWrite
	)
	return &operation.Service{
		API:           &w,
		Authorization: actionReference,
		NotOwner:      errNotOwner(),
		Operations: []operation.Operation{
			operation.Row(&w, apiCreateResourceShare, write, createResourceShareTarget, s.createResourceShare),
			operation.Row(&w, apiGetResourceShares, read, getResourceSharesTarget, s.getResourceShares),
			operation.Row(&w, apiUpdateResourceShare, owner, updateResourceShareTarget, s.updateResourceShare),
			operation.Row(&w, apiDeleteResourceShare, owner, onShare(func(in *DeleteResourceShareInput) string { return in.ResourceShareARN }), s.deleteResourceShare),
			operation.Row(&w, apiPromoteResourceShareCreatedFromPolicy, owner, promoteResourceShareTarget, s.promoteResourceShareCreatedFromPolicy),

			operation.Row(&w, apiAssociateResourceShare, owner, associateResourceShareTarget, s.associateResourceShare),
			operation.Row(&w, apiDisassociateResourceShare, write, disassociateResourceShareTarget, s.disassociateResourceShare),
			operation.Row(&w, apiGetResourceShareAssociations, read, operation.OnAll, s.getResourceShareAssociations),
			operation.Row(&w, apiListResources, read, operation.OnAll, s.listResources),
			operation.Row(&w, apiListPrincipals, read, operation.OnAll, s.listPrincipals),
			operation.Row(&w, apiListSourceAssociations, read, operation.OnAll, s.listSourceAssociations),
			operation.Row(&w, apiGetResourcePolicies, read, operation.OnAll, s.getResourcePolicies),

			operation.Row(&w, apiGetResourceShareInvitations, read, operation.OnAll, s.getResourceShareInvitations),
			operation.Row(&w, apiAcceptResourceShareInvitation, write, s.acceptInvitationTarget, s.acceptResourceShareInvitation),
			operation.Row(&w, apiRejectResourceShareInvitation, write, s.rejectInvitationTarget, s.rejectResourceShareInvitation),
			operation.Row(&w, apiListPendingInvitationResources, read, s.listPendingInvitationResourcesTarget, s.listPendingInvitationResources),

			operation.Row(&w, apiCreatePermission, write, createPermissionTarget, s.createPermission),
			operation.Row(&w, apiGetPermission, read, onPermission(func(in *GetPermissionInput) string { return in.PermissionARN }), s.getPermission),
			operation.Row(&w, apiListPermissions, read, operation.OnAll, s.listPermissions),
			operation.Row(&w, apiDeletePermission, owner, onOwnPermission(func(in *DeletePermissionInput) string { return in.PermissionARN }), s.deletePermission),
			operation.Row(&w, apiPromotePermissionCreatedFromPolicy, owner, onOwnPermission(func(in *PromotePermissionCreatedFromPolicyInput) string { return in.PermissionARN }), s.promotePermissionCreatedFromPolicy),

			operation.Row(&w, apiCreatePermissionVersion, owner, onOwnPermission(func(in *CreatePermissionVersionInput) string { return in.PermissionARN }), s.createPermissionVersion),
			operation.Row(&w, apiListPermissionVersions, read, operation.OnAll, s.listPermissionVersions),
			operation.Row(&w, apiSetDefaultPermissionVersion, owner, onOwnPermission(func(in *SetDefaultPermissionVersionInput) string { return in.PermissionARN }), s.setDefaultPermissionVersion),
			operation.Row(&w, apiDeletePermissionVersion, owner, onOwnPermission(func(in *DeletePermissionVersionInput) string { return in.PermissionARN }), s.deletePermissionVersion),

			operation.Row(&w, apiAssociateResourceSharePermission, owner, onShare(func(in *AssociateResourceSharePermissionInput) string { return in.ResourceShareARN }), s.associateResourceSharePermission),
			operation.Row(&w, apiDisassociateResourceSharePermission, owner, onShare(func(in *DisassociateResourceSharePermissionInput) string { return in.ResourceShareARN }), s.disassociateResourceSharePermission),
			operation.Row(&w, apiListResourceSharePermissions, read, listResourceSharePermissionsTarget, s.listResourceSharePermissions),
			operation.Row(&w, apiListPermissionAssociations, read, listPermissionAssociationsTarget, s.listPermissionAssociations),
			operation.Row(&w, apiReplacePermissionAssociations, write, onPermission(func(in *ReplacePermissionAssociationsInput) string { return in.FromPermissionARN }), s.replacePermissionAssociations),
			operation.Row(&w, apiListReplacePermissionAssociationsWork, read, operation.OnAll, s.listReplacePermissionAssociationsWork),
			operation.Row(&w, apiListResourceTypes, read, operation.OnAll, s.listResourceTypes),

			operation.Row(&w, apiEnableSharingWithAwsOrganization, write, operation.OnAll, s.enableSharingWithAwsOrganization),

			operation.Row(&w, apiTagResource, owner, tagResourceTarget, s.tagResource),
			operation.Row(&w, apiUntagResource, owner, untagResourceTarget, s.untagResource),
		},
	}
}
