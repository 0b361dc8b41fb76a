package iam

import (
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/service"
)

// New makes the service. All its state is in the store.
func New() *service.Service {
	w := &api
	const (
		read  = service.Read
		write = service.Write
		owner = service.OwnerWrite
	)
	return &service.Service{
		API:      w,
		Global:   true,
		NotOwner: awserr.New("AccessDenied", 403, "Policy is outside your own account."),
		Operations: []service.Operation{
			service.Row(w, apiCreateUser, write, onNew(identity.UserKind, func(in *CreateUserInput) *string { return in.Path }, func(in *CreateUserInput) string { return in.UserName },
				tagging(func(in *CreateUserInput) []Tag { return in.Tags }), boundary(func(in *CreateUserInput) *string { return in.PermissionsBoundary })), createUser),
			service.Row(w, apiGetUser, read, onSelf(func(in *GetUserInput) *string { return in.UserName }), getUser),
			service.Row(w, apiListUsers, read, service.OnAll, listUsers),
			service.Row(w, apiUpdateUser, write, onUser(func(in *UpdateUserInput) string { return in.UserName }), updateUser),
			service.Row(w, apiDeleteUser, write, onUser(func(in *DeleteUserInput) string { return in.UserName }), deleteUser),
			service.Row(w, apiTagUser, write, onUser(func(in *TagUserInput) string { return in.UserName }, tagging(func(in *TagUserInput) []Tag { return in.Tags })), tagUser),
			service.Row(w, apiUntagUser, write, onUser(func(in *UntagUserInput) string { return in.UserName }, untagging(func(in *UntagUserInput) []string { return in.TagKeys })), untagUser),
			service.Row(w, apiListUserTags, read, onUser(func(in *ListUserTagsInput) string { return in.UserName }), listUserTags),

			service.Row(w, apiCreateAccessKey, write, onSelf(func(in *CreateAccessKeyInput) *string { return in.UserName }), createAccessKey),
			service.Row(w, apiListAccessKeys, read, onSelf(func(in *ListAccessKeysInput) *string { return in.UserName }), listAccessKeys),
			service.Row(w, apiUpdateAccessKey, write, onSelf(func(in *UpdateAccessKeyInput) *string { return in.UserName }), updateAccessKey),
			service.Row(w, apiDeleteAccessKey, write, onSelf(func(in *DeleteAccessKeyInput) *string { return in.UserName }), deleteAccessKey),
			service.Row(w, apiGetAccessKeyLastUsed, read, onKeyOwner, getAccessKeyLastUsed),

			service.Row(w, apiCreateGroup, write, onNew(identity.GroupKind, func(in *CreateGroupInput) *string { return in.Path }, func(in *CreateGroupInput) string { return in.GroupName }), createGroup),
			service.Row(w, apiGetGroup, read, onGroup(func(in *GetGroupInput) string { return in.GroupName }), getGroup),
			service.Row(w, apiListGroups, read, service.OnAll, listGroups),
			service.Row(w, apiUpdateGroup, write, onGroup(func(in *UpdateGroupInput) string { return in.GroupName }), updateGroup),
			service.Row(w, apiDeleteGroup, write, onGroup(func(in *DeleteGroupInput) string { return in.GroupName }), deleteGroup),
			service.Row(w, apiAddUserToGroup, write, onGroup(func(in *AddUserToGroupInput) string { return in.GroupName }), addUserToGroup),
			service.Row(w, apiRemoveUserFromGroup, write, onGroup(func(in *RemoveUserFromGroupInput) string { return in.GroupName }), removeUserFromGroup),
			service.Row(w, apiListGroupsForUser, read, onUser(func(in *ListGroupsForUserInput) string { return in.UserName }), listGroupsForUser),

			service.Row(w, apiCreateRole, write, onNew(identity.RoleKind, func(in *CreateRoleInput) *string { return in.Path }, func(in *CreateRoleInput) string { return in.RoleName },
				tagging(func(in *CreateRoleInput) []Tag { return in.Tags }), boundary(func(in *CreateRoleInput) *string { return in.PermissionsBoundary })), createRole),
			service.Row(w, apiGetRole, read, onRole(func(in *GetRoleInput) string { return in.RoleName }, bounded), getRole),
			service.Row(w, apiListRoles, read, service.OnAll, listRoles),
			service.Row(w, apiUpdateRole, write, onRole(func(in *UpdateRoleInput) string { return in.RoleName }, bounded), updateRole),
			service.Row(w, apiUpdateRoleDescription, write, onRole(func(in *UpdateRoleDescriptionInput) string { return in.RoleName }, bounded), updateRoleDescription),
			service.Row(w, apiUpdateAssumeRolePolicy, write, onRole(func(in *UpdateAssumeRolePolicyInput) string { return in.RoleName }, bounded), updateAssumeRolePolicy),
			service.Row(w, apiDeleteRole, write, onRole(func(in *DeleteRoleInput) string { return in.RoleName }, bounded), deleteRole),
			service.Row(w, apiTagRole, write, onRole(func(in *TagRoleInput) string { return in.RoleName }, tagging(func(in *TagRoleInput) []Tag { return in.Tags })), tagRole),
			service.Row(w, apiUntagRole, write, onRole(func(in *UntagRoleInput) string { return in.RoleName }, untagging(func(in *UntagRoleInput) []string { return in.TagKeys })), untagRole),
			service.Row(w, apiListRoleTags, read, onRole(func(in *ListRoleTagsInput) string { return in.RoleName }), listRoleTags),
			service.Row(w, apiCreateServiceLinkedRole, write, onServiceRole, createServiceLinkedRole),
			service.Row(w, apiDeleteServiceLinkedRole, write, onRole(func(in *DeleteServiceLinkedRoleInput) string { return in.RoleName }), deleteServiceLinkedRole),
			service.Row(w, apiGetServiceLinkedRoleDeletionStatus, read, onTask, getServiceLinkedRoleDeletionStatus),

			service.Row(w, apiCreateInstanceProfile, write, onNew(identity.InstanceProfileKind, func(in *CreateInstanceProfileInput) *string { return in.Path }, func(in *CreateInstanceProfileInput) string { return in.InstanceProfileName },
				tagging(func(in *CreateInstanceProfileInput) []Tag { return in.Tags })), createInstanceProfile),
			service.Row(w, apiGetInstanceProfile, read, onProfile(func(in *GetInstanceProfileInput) string { return in.InstanceProfileName }), getInstanceProfile),
			service.Row(w, apiListInstanceProfiles, read, service.OnAll, listInstanceProfiles),
			service.Row(w, apiListInstanceProfilesForRole, read, onRole(func(in *ListInstanceProfilesForRoleInput) string { return in.RoleName }), listInstanceProfilesForRole),
			service.Row(w, apiAddRoleToInstanceProfile, write, onProfile(func(in *AddRoleToInstanceProfileInput) string { return in.InstanceProfileName }), addRoleToInstanceProfile),
			service.Row(w, apiRemoveRoleFromInstanceProfile, write, onProfile(func(in *RemoveRoleFromInstanceProfileInput) string { return in.InstanceProfileName }), removeRoleFromInstanceProfile),
			service.Row(w, apiDeleteInstanceProfile, write, onProfile(func(in *DeleteInstanceProfileInput) string { return in.InstanceProfileName }), deleteInstanceProfile),
			service.Row(w, apiTagInstanceProfile, write, onProfile(func(in *TagInstanceProfileInput) string { return in.InstanceProfileName }, tagging(func(in *TagInstanceProfileInput) []Tag { return in.Tags })), tagInstanceProfile),
			service.Row(w, apiUntagInstanceProfile, write, onProfile(func(in *UntagInstanceProfileInput) string { return in.InstanceProfileName }, untagging(func(in *UntagInstanceProfileInput) []string { return in.TagKeys })), untagInstanceProfile),
			service.Row(w, apiListInstanceProfileTags, read, onProfile(func(in *ListInstanceProfileTagsInput) string { return in.InstanceProfileName }), listInstanceProfileTags),

			service.Row(w, apiPutUserPolicy, write, onUser(func(in *PutUserPolicyInput) string { return in.UserName }, bounded), putUserPolicy),
			service.Row(w, apiGetUserPolicy, read, onUser(func(in *GetUserPolicyInput) string { return in.UserName }), getUserPolicy),
			service.Row(w, apiListUserPolicies, read, onUser(func(in *ListUserPoliciesInput) string { return in.UserName }), listUserPolicies),
			service.Row(w, apiDeleteUserPolicy, write, onUser(func(in *DeleteUserPolicyInput) string { return in.UserName }, bounded), deleteUserPolicy),
			service.Row(w, apiPutGroupPolicy, write, onGroup(func(in *PutGroupPolicyInput) string { return in.GroupName }), putGroupPolicy),
			service.Row(w, apiGetGroupPolicy, read, onGroup(func(in *GetGroupPolicyInput) string { return in.GroupName }), getGroupPolicy),
			service.Row(w, apiListGroupPolicies, read, onGroup(func(in *ListGroupPoliciesInput) string { return in.GroupName }), listGroupPolicies),
			service.Row(w, apiDeleteGroupPolicy, write, onGroup(func(in *DeleteGroupPolicyInput) string { return in.GroupName }), deleteGroupPolicy),
			service.Row(w, apiPutRolePolicy, write, onRole(func(in *PutRolePolicyInput) string { return in.RoleName }, bounded), putRolePolicy),
			service.Row(w, apiGetRolePolicy, read, onRole(func(in *GetRolePolicyInput) string { return in.RoleName }), getRolePolicy),
			service.Row(w, apiListRolePolicies, read, onRole(func(in *ListRolePoliciesInput) string { return in.RoleName }), listRolePolicies),
			service.Row(w, apiDeleteRolePolicy, write, onRole(func(in *DeleteRolePolicyInput) string { return in.RoleName }, bounded), deleteRolePolicy),

			service.Row(w, apiCreatePolicy, write, onNew(identity.PolicyKind, func(in *CreatePolicyInput) *string { return in.Path }, func(in *CreatePolicyInput) string { return in.PolicyName },
				tagging(func(in *CreatePolicyInput) []Tag { return in.Tags })), createPolicy),
			service.Row(w, apiGetPolicy, read, onARN(func(in *GetPolicyInput) string { return in.PolicyARN }), getPolicy),
			service.Row(w, apiListPolicies, read, service.OnAll, listPolicies),
			service.Row(w, apiDeletePolicy, owner, onARN(func(in *DeletePolicyInput) string { return in.PolicyARN }), deletePolicy),
			service.Row(w, apiCreatePolicyVersion, owner, onARN(func(in *CreatePolicyVersionInput) string { return in.PolicyARN }), createPolicyVersion),
			service.Row(w, apiGetPolicyVersion, read, onARN(func(in *GetPolicyVersionInput) string { return in.PolicyARN }), getPolicyVersion),
			service.Row(w, apiListPolicyVersions, read, onARN(func(in *ListPolicyVersionsInput) string { return in.PolicyARN }), listPolicyVersions),
			service.Row(w, apiSetDefaultPolicyVersion, owner, onARN(func(in *SetDefaultPolicyVersionInput) string { return in.PolicyARN }), setDefaultPolicyVersion),
			service.Row(w, apiDeletePolicyVersion, owner, onARN(func(in *DeletePolicyVersionInput) string { return in.PolicyARN }), deletePolicyVersion),
			service.Row(w, apiTagPolicy, owner, onARN(func(in *TagPolicyInput) string { return in.PolicyARN }, tagging(func(in *TagPolicyInput) []Tag { return in.Tags })), tagPolicy),
			service.Row(w, apiUntagPolicy, owner, onARN(func(in *UntagPolicyInput) string { return in.PolicyARN }, untagging(func(in *UntagPolicyInput) []string { return in.TagKeys })), untagPolicy),
			service.Row(w, apiListPolicyTags, read, onARN(func(in *ListPolicyTagsInput) string { return in.PolicyARN }), listPolicyTags),
			service.Row(w, apiListEntitiesForPolicy, read, onARN(func(in *ListEntitiesForPolicyInput) string { return in.PolicyARN }), listEntitiesForPolicy),
			service.Row(w, apiAttachUserPolicy, write, onUser(func(in *AttachUserPolicyInput) string { return in.UserName },
				policyARN(func(in *AttachUserPolicyInput) string { return in.PolicyARN }), bounded), attachUserPolicy),
			service.Row(w, apiDetachUserPolicy, write, onUser(func(in *DetachUserPolicyInput) string { return in.UserName },
				policyARN(func(in *DetachUserPolicyInput) string { return in.PolicyARN }), bounded), detachUserPolicy),
			service.Row(w, apiListAttachedUserPolicies, read, onUser(func(in *ListAttachedUserPoliciesInput) string { return in.UserName }), listAttachedUserPolicies),
			service.Row(w, apiAttachGroupPolicy, write, onGroup(func(in *AttachGroupPolicyInput) string { return in.GroupName },
				policyARN(func(in *AttachGroupPolicyInput) string { return in.PolicyARN })), attachGroupPolicy),
			service.Row(w, apiDetachGroupPolicy, write, onGroup(func(in *DetachGroupPolicyInput) string { return in.GroupName },
				policyARN(func(in *DetachGroupPolicyInput) string { return in.PolicyARN })), detachGroupPolicy),
			service.Row(w, apiListAttachedGroupPolicies, read, onGroup(func(in *ListAttachedGroupPoliciesInput) string { return in.GroupName }), listAttachedGroupPolicies),
			service.Row(w, apiAttachRolePolicy, write, onRole(func(in *AttachRolePolicyInput) string { return in.RoleName },
				policyARN(func(in *AttachRolePolicyInput) string { return in.PolicyARN }), bounded), attachRolePolicy),
			service.Row(w, apiDetachRolePolicy, write, onRole(func(in *DetachRolePolicyInput) string { return in.RoleName },
				policyARN(func(in *DetachRolePolicyInput) string { return in.PolicyARN }), bounded), detachRolePolicy),
			service.Row(w, apiListAttachedRolePolicies, read, onRole(func(in *ListAttachedRolePoliciesInput) string { return in.RoleName }), listAttachedRolePolicies),

			service.Row(w, apiPutUserPermissionsBoundary, write, onUser(func(in *PutUserPermissionsBoundaryInput) string { return in.UserName }, boundary(func(in *PutUserPermissionsBoundaryInput) *string { return &in.PermissionsBoundary })), putUserPermissionsBoundary),
			service.Row(w, apiDeleteUserPermissionsBoundary, write, onUser(func(in *DeleteUserPermissionsBoundaryInput) string { return in.UserName }, bounded), deleteUserPermissionsBoundary),
			service.Row(w, apiPutRolePermissionsBoundary, write, onRole(func(in *PutRolePermissionsBoundaryInput) string { return in.RoleName }, boundary(func(in *PutRolePermissionsBoundaryInput) *string { return &in.PermissionsBoundary })), putRolePermissionsBoundary),
			service.Row(w, apiDeleteRolePermissionsBoundary, write, onRole(func(in *DeleteRolePermissionsBoundaryInput) string { return in.RoleName }, bounded), deleteRolePermissionsBoundary),

			service.Row(w, apiCreateAccountAlias, write, service.OnAll, createAccountAlias),
			service.Row(w, apiListAccountAliases, read, service.OnAll, listAccountAliases),
			service.Row(w, apiDeleteAccountAlias, write, service.OnAll, deleteAccountAlias),
			service.Row(w, apiGetAccountSummary, read, service.OnAll, getAccountSummary),
			service.Row(w, apiGetAccountAuthorizationDetails, read, service.OnAll, getAccountAuthorizationDetails),

			service.Row(w, apiSimulateCustomPolicy, read, service.OnAll, simulateCustomPolicy),
			service.Row(w, apiSimulatePrincipalPolicy, read, onARN(func(in *SimulatePrincipalPolicyInput) string { return in.PolicySourceARN }), simulatePrincipalPolicy),
			service.Row(w, apiGetContextKeysForCustomPolicy, read, service.OnAll, getContextKeysForCustomPolicy),
			service.Row(w, apiGetContextKeysForPrincipalPolicy, read, onARN(func(in *GetContextKeysForPrincipalPolicyInput) string { return in.PolicySourceARN }), getContextKeysForPrincipalPolicy),
		},
	}
}
