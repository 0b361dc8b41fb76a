package ram

import "github.com/writdev/writ/internal/service"

// Config says how the service behaves. The zero value works.
type Config struct {
	Lifecycle service.Lifecycle
}

// ram has the handlers as its methods. All its state is in the store.
type ram struct {
	lifecycle service.Lifecycle
}

// New makes the service.
func New(cfg Config) *service.Service {
	s := &ram{lifecycle: cfg.Lifecycle}
	w := api
	w.Invalid = invalid
	const (
		read  = service.Read
		write = service.Write
		owner = service.OwnerWrite
	)
	return &service.Service{
		API:      &w,
		NotOwner: notOwner(),
		Operations: []service.Operation{
			service.Row(&w, apiCreateResourceShare, write, newShare, s.createResourceShare),
			service.Row(&w, apiGetResourceShares, read, listedShares, s.getResourceShares),
			service.Row(&w, apiUpdateResourceShare, owner, updatedShare, s.updateResourceShare),
			service.Row(&w, apiDeleteResourceShare, owner, onShare(func(in *DeleteResourceShareInput) string { return in.ResourceShareARN }), s.deleteResourceShare),
			service.Row(&w, apiPromoteResourceShareCreatedFromPolicy, owner, promotedShare, s.promoteResourceShareCreatedFromPolicy),

			service.Row(&w, apiAssociateResourceShare, owner, associatedShare, s.associateResourceShare),
			service.Row(&w, apiDisassociateResourceShare, write, disassociatedShare, s.disassociateResourceShare),
			service.Row(&w, apiGetResourceShareAssociations, read, service.OnAll, s.getResourceShareAssociations),
			service.Row(&w, apiListResources, read, service.OnAll, s.listResources),
			service.Row(&w, apiListPrincipals, read, service.OnAll, s.listPrincipals),
			service.Row(&w, apiListSourceAssociations, read, service.OnAll, s.listSourceAssociations),
			service.Row(&w, apiGetResourcePolicies, read, service.OnAll, s.getResourcePolicies),

			service.Row(&w, apiGetResourceShareInvitations, read, service.OnAll, s.getResourceShareInvitations),
			service.Row(&w, apiAcceptResourceShareInvitation, write, s.acceptedInvitation, s.acceptResourceShareInvitation),
			service.Row(&w, apiRejectResourceShareInvitation, write, s.rejectedInvitation, s.rejectResourceShareInvitation),
			service.Row(&w, apiListPendingInvitationResources, read, s.pendingInvitation, s.listPendingInvitationResources),

			service.Row(&w, apiCreatePermission, write, newPermission, s.createPermission),
			service.Row(&w, apiGetPermission, read, onPermission(func(in *GetPermissionInput) string { return in.PermissionARN }), s.getPermission),
			service.Row(&w, apiListPermissions, read, service.OnAll, s.listPermissions),
			service.Row(&w, apiDeletePermission, owner, onOwnPermission(func(in *DeletePermissionInput) string { return in.PermissionARN }), s.deletePermission),
			service.Row(&w, apiPromotePermissionCreatedFromPolicy, owner, onOwnPermission(func(in *PromotePermissionCreatedFromPolicyInput) string { return in.PermissionARN }), s.promotePermissionCreatedFromPolicy),

			service.Row(&w, apiCreatePermissionVersion, owner, onOwnPermission(func(in *CreatePermissionVersionInput) string { return in.PermissionARN }), s.createPermissionVersion),
			service.Row(&w, apiListPermissionVersions, read, service.OnAll, s.listPermissionVersions),
			service.Row(&w, apiSetDefaultPermissionVersion, owner, onOwnPermission(func(in *SetDefaultPermissionVersionInput) string { return in.PermissionARN }), s.setDefaultPermissionVersion),
			service.Row(&w, apiDeletePermissionVersion, owner, onOwnPermission(func(in *DeletePermissionVersionInput) string { return in.PermissionARN }), s.deletePermissionVersion),

			service.Row(&w, apiAssociateResourceSharePermission, owner, onShare(func(in *AssociateResourceSharePermissionInput) string { return in.ResourceShareARN }), s.associateResourceSharePermission),
			service.Row(&w, apiDisassociateResourceSharePermission, owner, onShare(func(in *DisassociateResourceSharePermissionInput) string { return in.ResourceShareARN }), s.disassociateResourceSharePermission),
			service.Row(&w, apiListResourceSharePermissions, read, onListedShare, s.listResourceSharePermissions),
			service.Row(&w, apiListPermissionAssociations, read, onListedPermission, s.listPermissionAssociations),
			service.Row(&w, apiReplacePermissionAssociations, write, onPermission(func(in *ReplacePermissionAssociationsInput) string { return in.FromPermissionARN }), s.replacePermissionAssociations),
			service.Row(&w, apiListReplacePermissionAssociationsWork, read, service.OnAll, s.listReplacePermissionAssociationsWork),
			service.Row(&w, apiListResourceTypes, read, service.OnAll, s.listResourceTypes),

			service.Row(&w, apiEnableSharingWithAwsOrganization, write, service.OnAll, s.enableSharingWithAwsOrganization),

			service.Row(&w, apiTagResource, owner, tagged, s.tagResource),
			service.Row(&w, apiUntagResource, owner, untagged, s.untagResource),
		},
	}
}
