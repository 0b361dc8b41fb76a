package organizations

import (
	_ "embed"

	"github.com/writdev/writ/internal/operation"
)

// actionReference is the part of the service authorization reference about the service's actions.
//
//go:embed authorization.json
var actionReference []byte

// Config is the configuration of the service. The zero value works.
type Config struct {
	Lifecycle operation.Lifecycle
}

// organizations has the handlers as its methods. All its state is in the store.
type organizations struct {
	lifecycle operation.Lifecycle
}

// New returns the service.
func New(cfg Config) *operation.Service {
	o := &organizations{lifecycle: cfg.Lifecycle}
	w := api
	w.Invalid = invalid
	const (
		read  = operation.Read
		write = operation.Write
	)
	return &operation.Service{
		API:           &w,
		Authorization: actionReference,
		Operations: []operation.Operation{
			row(&w, apiCreateOrganization, write, anyone, all, o.createOrganization),
			row(&w, apiDescribeOrganization, read, members, all, o.describeOrganization),
			row(&w, apiEnableAllFeatures, write, management, all, o.enableAllFeatures),
			row(&w, apiDeleteOrganization, write, management, all, o.deleteOrganization),

			row(&w, apiCreateAccount, write, management, o.newAccount, o.createAccount),
			row(&w, apiDescribeCreateAccountStatus, read, readers, all, o.describeCreateAccountStatus),
			row(&w, apiListCreateAccountStatus, read, readers, all, o.listCreateAccountStatus),
			row(&w, apiDescribeAccount, read, readers, onNode(func(in *DescribeAccountInput) string { return in.AccountID }), o.describeAccount),
			row(&w, apiListAccounts, read, readers, all, o.listAccounts),
			row(&w, apiListAccountsForParent, read, readers, onNode(func(in *ListAccountsForParentInput) string { return in.ParentID }), o.listAccountsForParent),
			row(&w, apiMoveAccount, write, management, onNode(func(in *MoveAccountInput) string { return in.AccountID }), o.moveAccount),
			row(&w, apiCloseAccount, write, management, onNode(func(in *CloseAccountInput) string { return in.AccountID }), o.closeAccount),
			row(&w, apiRemoveAccountFromOrganization, write, management, onNode(func(in *RemoveAccountFromOrganizationInput) string { return in.AccountID }), o.removeAccount),
			row(&w, apiLeaveOrganization, write, members, all, o.leaveOrganization),

			row(&w, apiInviteAccountToOrganization, write, management, o.invited, o.inviteAccount),
			row(&w, apiDescribeHandshake, read, anyone, onHandshake(func(in *DescribeHandshakeInput) string { return in.HandshakeID }), o.describeHandshake),
			row(&w, apiAcceptHandshake, write, anyone, onHandshake(func(in *AcceptHandshakeInput) string { return in.HandshakeID }), o.acceptHandshake),
			row(&w, apiDeclineHandshake, write, anyone, onHandshake(func(in *DeclineHandshakeInput) string { return in.HandshakeID }), o.declineHandshake),
			row(&w, apiCancelHandshake, write, management, onHandshake(func(in *CancelHandshakeInput) string { return in.HandshakeID }), o.cancelHandshake),
			row(&w, apiListHandshakesForAccount, read, anyone, all, o.listHandshakesForAccount),
			row(&w, apiListHandshakesForOrganization, read, readers, all, o.listHandshakesForOrganization),

			row(&w, apiListRoots, read, readers, all, o.listRoots),
			row(&w, apiCreateOrganizationalUnit, write, management, o.newUnit, o.createUnit),
			row(&w, apiDescribeOrganizationalUnit, read, readers, onNode(func(in *DescribeOrganizationalUnitInput) string { return in.OrganizationalUnitID }), o.describeUnit),
			row(&w, apiUpdateOrganizationalUnit, write, management, onNode(func(in *UpdateOrganizationalUnitInput) string { return in.OrganizationalUnitID }), o.updateUnit),
			row(&w, apiDeleteOrganizationalUnit, write, management, onNode(func(in *DeleteOrganizationalUnitInput) string { return in.OrganizationalUnitID }), o.deleteUnit),
			row(&w, apiListOrganizationalUnitsForParent, read, readers, onNode(func(in *ListOrganizationalUnitsForParentInput) string { return in.ParentID }), o.listUnits),
			row(&w, apiListParents, read, readers, onNode(func(in *ListParentsInput) string { return in.ChildID }), o.listParents),
			row(&w, apiListChildren, read, readers, onNode(func(in *ListChildrenInput) string { return in.ParentID }), o.listChildren),

			row(&w, apiCreatePolicy, write, managers, o.newPolicy, o.createPolicy),
			row(&w, apiDescribePolicy, read, readers, onPolicy(func(in *DescribePolicyInput) string { return in.PolicyID }), o.describePolicy),
			row(&w, apiUpdatePolicy, write, managers, onPolicy(func(in *UpdatePolicyInput) string { return in.PolicyID }), o.updatePolicy),
			row(&w, apiDeletePolicy, write, managers, onPolicy(func(in *DeletePolicyInput) string { return in.PolicyID }), o.deletePolicy),
			row(&w, apiListPolicies, read, readers, ofType(func(in *ListPoliciesInput) PolicyType { return in.Filter }), o.listPolicies),
			row(&w, apiEnablePolicyType, write, managers, onTyped(func(in *EnablePolicyTypeInput) string { return in.RootID }, func(in *EnablePolicyTypeInput) PolicyType { return in.PolicyType }), o.enablePolicyType),
			row(&w, apiDisablePolicyType, write, managers, onTyped(func(in *DisablePolicyTypeInput) string { return in.RootID }, func(in *DisablePolicyTypeInput) PolicyType { return in.PolicyType }), o.disablePolicyType),
			row(&w, apiAttachPolicy, write, managers, onPolicy(func(in *AttachPolicyInput) string { return in.PolicyID }), o.attachPolicy),
			row(&w, apiDetachPolicy, write, managers, onPolicy(func(in *DetachPolicyInput) string { return in.PolicyID }), o.detachPolicy),
			row(&w, apiListTargetsForPolicy, read, readers, onPolicy(func(in *ListTargetsForPolicyInput) string { return in.PolicyID }), o.listTargetsForPolicy),
			row(&w, apiListPoliciesForTarget, read, readers, onTyped(func(in *ListPoliciesForTargetInput) string { return in.TargetID }, func(in *ListPoliciesForTargetInput) PolicyType { return in.Filter }), o.listPoliciesForTarget),
			row(&w, apiDescribeEffectivePolicy, read, members, o.effectiveTarget, o.describeEffectivePolicy),

			row(&w, apiEnableAWSServiceAccess, write, management, ofService(func(in *EnableAWSServiceAccessInput) *string { return &in.ServicePrincipal }), o.enableService),
			row(&w, apiDisableAWSServiceAccess, write, management, ofService(func(in *DisableAWSServiceAccessInput) *string { return &in.ServicePrincipal }), o.disableService),
			row(&w, apiListAWSServiceAccessForOrganization, read, readers, all, o.listServices),
			row(&w, apiRegisterDelegatedAdministrator, write, management, onAdministrator(func(in *RegisterDelegatedAdministratorInput) string { return in.AccountID }, func(in *RegisterDelegatedAdministratorInput) string { return in.ServicePrincipal }), o.registerAdministrator),
			row(&w, apiDeregisterDelegatedAdministrator, write, management, onAdministrator(func(in *DeregisterDelegatedAdministratorInput) string { return in.AccountID }, func(in *DeregisterDelegatedAdministratorInput) string { return in.ServicePrincipal }), o.deregisterAdministrator),
			row(&w, apiListDelegatedAdministrators, read, readers, ofService(func(in *ListDelegatedAdministratorsInput) *string { return in.ServicePrincipal }), o.listAdministrators),
			row(&w, apiListDelegatedServicesForAccount, read, readers, onNode(func(in *ListDelegatedServicesForAccountInput) string { return in.AccountID }), o.listDelegatedServices),
			row(&w, apiPutResourcePolicy, write, management, o.theResourcePolicy, o.putResourcePolicy),
			row(&w, apiDescribeResourcePolicy, read, readers, all, o.describeResourcePolicy),
			row(&w, apiDeleteResourcePolicy, write, management, all, o.deleteResourcePolicy),

			row(&w, apiTagResource, write, managers, o.tagged, o.tagResource),
			row(&w, apiUntagResource, write, managers, o.untagged, o.untagResource),
			row(&w, apiListTagsForResource, read, readers, o.listed, o.listTags),
		},
	}
}
