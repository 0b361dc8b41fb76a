package iam

import (
	_ "embed"
	"slices"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// actionReference is the part of the service authorization reference about the service's actions.
//
//go:embed authorization.json
var actionReference []byte

// New returns the service. All its state is in the store.
func New() *operation.Service {
	own := api
	own.Invalid = violated
	w := &own
	const (
		read  = operation.Read
		write = operation.Write
		owner = operation.OwnerWrite
	)
	return &operation.Service{
		API:           w,
		Authorization: actionReference,
		Global:        true,
		NotOwner:      awserr.New("AccessDenied", 403, "Policy is outside your own account."),
		Operations: slices.Concat([]operation.Operation{
			operation.Row(w, apiCreateUser, write, onNew(identity.UserKind, func(in *CreateUserInput) *string { return in.Path }, func(in *CreateUserInput) string { return in.UserName },
				tagging(func(in *CreateUserInput) []Tag { return in.Tags }), boundary(func(in *CreateUserInput) *string { return in.PermissionsBoundary })), createUser),
			operation.Row(w, apiGetUser, read, onSelf(func(in *GetUserInput) *string { return in.UserName }), getUser),
			operation.Row(w, apiListUsers, read, operation.OnAll, listUsers),
			operation.Row(w, apiUpdateUser, write, onUser(func(in *UpdateUserInput) string { return in.UserName }), updateUser),
			operation.Row(w, apiDeleteUser, write, onUser(func(in *DeleteUserInput) string { return in.UserName }), deleteUser),
			operation.Row(w, apiTagUser, write, onUser(func(in *TagUserInput) string { return in.UserName }, tagging(func(in *TagUserInput) []Tag { return in.Tags })), tag[*TagUserInput, TagUserOutput](findUserARN, func(in *TagUserInput) string { return in.UserName }, func(in *TagUserInput) []Tag { return in.Tags })),
			operation.Row(w, apiUntagUser, write, onUser(func(in *UntagUserInput) string { return in.UserName }, untagging(func(in *UntagUserInput) []string { return in.TagKeys })), untag[*UntagUserInput, UntagUserOutput](findUserARN, func(in *UntagUserInput) string { return in.UserName }, func(in *UntagUserInput) []string { return in.TagKeys })),
			operation.Row(w, apiListUserTags, read, onUser(func(in *ListUserTagsInput) string { return in.UserName }), listUserTags),

			operation.Row(w, apiCreateAccessKey, write, onSelf(func(in *CreateAccessKeyInput) *string { return in.UserName }), createAccessKey),
			operation.Row(w, apiListAccessKeys, read, onSelf(func(in *ListAccessKeysInput) *string { return in.UserName }), listAccessKeys),
			operation.Row(w, apiUpdateAccessKey, write, onSelf(func(in *UpdateAccessKeyInput) *string { return in.UserName }), updateAccessKey),
			operation.Row(w, apiDeleteAccessKey, write, onSelf(func(in *DeleteAccessKeyInput) *string { return in.UserName }), deleteAccessKey),
			operation.Row(w, apiGetAccessKeyLastUsed, read, onKeyOwner, getAccessKeyLastUsed),

			operation.Row(w, apiCreateGroup, write, onNew(identity.GroupKind, func(in *CreateGroupInput) *string { return in.Path }, func(in *CreateGroupInput) string { return in.GroupName }), createGroup),
			operation.Row(w, apiGetGroup, read, onGroup(func(in *GetGroupInput) string { return in.GroupName }), getGroup),
			operation.Row(w, apiListGroups, read, operation.OnAll, listGroups),
			operation.Row(w, apiUpdateGroup, write, onGroup(func(in *UpdateGroupInput) string { return in.GroupName }), updateGroup),
			operation.Row(w, apiDeleteGroup, write, onGroup(func(in *DeleteGroupInput) string { return in.GroupName }), deleteGroup),
			operation.Row(w, apiAddUserToGroup, write, onGroup(func(in *AddUserToGroupInput) string { return in.GroupName }), addUserToGroup),
			operation.Row(w, apiRemoveUserFromGroup, write, onGroup(func(in *RemoveUserFromGroupInput) string { return in.GroupName }), removeUserFromGroup),
			operation.Row(w, apiListGroupsForUser, read, onUser(func(in *ListGroupsForUserInput) string { return in.UserName }), listGroupsForUser),

			operation.Row(w, apiCreateRole, write, onNew(identity.RoleKind, func(in *CreateRoleInput) *string { return in.Path }, func(in *CreateRoleInput) string { return in.RoleName },
				tagging(func(in *CreateRoleInput) []Tag { return in.Tags }), boundary(func(in *CreateRoleInput) *string { return in.PermissionsBoundary })), createRole),
			operation.Row(w, apiGetRole, read, onRole(func(in *GetRoleInput) string { return in.RoleName }, hasBoundary), getRole),
			operation.Row(w, apiListRoles, read, operation.OnAll, listRoles),
			operation.Row(w, apiUpdateRole, write, onRole(func(in *UpdateRoleInput) string { return in.RoleName }, hasBoundary), updateRole),
			operation.Row(w, apiUpdateRoleDescription, write, onRole(func(in *UpdateRoleDescriptionInput) string { return in.RoleName }, hasBoundary), updateRoleDescription),
			operation.Row(w, apiUpdateAssumeRolePolicy, write, onRole(func(in *UpdateAssumeRolePolicyInput) string { return in.RoleName }, hasBoundary), updateAssumeRolePolicy),
			operation.Row(w, apiDeleteRole, write, onRole(func(in *DeleteRoleInput) string { return in.RoleName }, hasBoundary), deleteRole),
			operation.Row(w, apiTagRole, write, onRole(func(in *TagRoleInput) string { return in.RoleName }, tagging(func(in *TagRoleInput) []Tag { return in.Tags })), tag[*TagRoleInput, TagRoleOutput](findModifiableRoleARN, func(in *TagRoleInput) string { return in.RoleName }, func(in *TagRoleInput) []Tag { return in.Tags })),
			operation.Row(w, apiUntagRole, write, onRole(func(in *UntagRoleInput) string { return in.RoleName }, untagging(func(in *UntagRoleInput) []string { return in.TagKeys })), untag[*UntagRoleInput, UntagRoleOutput](findModifiableRoleARN, func(in *UntagRoleInput) string { return in.RoleName }, func(in *UntagRoleInput) []string { return in.TagKeys })),
			operation.Row(w, apiListRoleTags, read, onRole(func(in *ListRoleTagsInput) string { return in.RoleName }), listRoleTags),
			operation.Row(w, apiCreateServiceLinkedRole, write, onServiceRole, createServiceLinkedRole),
			operation.Row(w, apiDeleteServiceLinkedRole, write, onRole(func(in *DeleteServiceLinkedRoleInput) string { return in.RoleName }), deleteServiceLinkedRole),
			operation.Row(w, apiGetServiceLinkedRoleDeletionStatus, read, onTask, getServiceLinkedRoleDeletionStatus),

			operation.Row(w, apiCreateInstanceProfile, write, onNew(identity.InstanceProfileKind, func(in *CreateInstanceProfileInput) *string { return in.Path }, func(in *CreateInstanceProfileInput) string { return in.InstanceProfileName },
				tagging(func(in *CreateInstanceProfileInput) []Tag { return in.Tags })), createInstanceProfile),
			operation.Row(w, apiGetInstanceProfile, read, onProfile(func(in *GetInstanceProfileInput) string { return in.InstanceProfileName }), getInstanceProfile),
			operation.Row(w, apiListInstanceProfiles, read, operation.OnAll, listInstanceProfiles),
			operation.Row(w, apiListInstanceProfilesForRole, read, onRole(func(in *ListInstanceProfilesForRoleInput) string { return in.RoleName }), listInstanceProfilesForRole),
			operation.Row(w, apiAddRoleToInstanceProfile, write, onProfile(func(in *AddRoleToInstanceProfileInput) string { return in.InstanceProfileName }), addRoleToInstanceProfile),
			operation.Row(w, apiRemoveRoleFromInstanceProfile, write, onProfile(func(in *RemoveRoleFromInstanceProfileInput) string { return in.InstanceProfileName }), removeRoleFromInstanceProfile),
			operation.Row(w, apiDeleteInstanceProfile, write, onProfile(func(in *DeleteInstanceProfileInput) string { return in.InstanceProfileName }), deleteInstanceProfile),
			operation.Row(w, apiTagInstanceProfile, write, onProfile(func(in *TagInstanceProfileInput) string { return in.InstanceProfileName }, tagging(func(in *TagInstanceProfileInput) []Tag { return in.Tags })), tag[*TagInstanceProfileInput, TagInstanceProfileOutput](findProfileARN, func(in *TagInstanceProfileInput) string { return in.InstanceProfileName }, func(in *TagInstanceProfileInput) []Tag { return in.Tags })),
			operation.Row(w, apiUntagInstanceProfile, write, onProfile(func(in *UntagInstanceProfileInput) string { return in.InstanceProfileName }, untagging(func(in *UntagInstanceProfileInput) []string { return in.TagKeys })), untag[*UntagInstanceProfileInput, UntagInstanceProfileOutput](findProfileARN, func(in *UntagInstanceProfileInput) string { return in.InstanceProfileName }, func(in *UntagInstanceProfileInput) []string { return in.TagKeys })),
			operation.Row(w, apiListInstanceProfileTags, read, onProfile(func(in *ListInstanceProfileTagsInput) string { return in.InstanceProfileName }), listInstanceProfileTags),

			operation.Row(w, apiPutUserPolicy, write, onUser(func(in *PutUserPolicyInput) string { return in.UserName }, hasBoundary), putUserPolicy),
			operation.Row(w, apiGetUserPolicy, read, onUser(func(in *GetUserPolicyInput) string { return in.UserName }), getUserPolicy),
			operation.Row(w, apiListUserPolicies, read, onUser(func(in *ListUserPoliciesInput) string { return in.UserName }), listUserPolicies),
			operation.Row(w, apiDeleteUserPolicy, write, onUser(func(in *DeleteUserPolicyInput) string { return in.UserName }, hasBoundary), deleteUserPolicy),
			operation.Row(w, apiPutGroupPolicy, write, onGroup(func(in *PutGroupPolicyInput) string { return in.GroupName }), putGroupPolicy),
			operation.Row(w, apiGetGroupPolicy, read, onGroup(func(in *GetGroupPolicyInput) string { return in.GroupName }), getGroupPolicy),
			operation.Row(w, apiListGroupPolicies, read, onGroup(func(in *ListGroupPoliciesInput) string { return in.GroupName }), listGroupPolicies),
			operation.Row(w, apiDeleteGroupPolicy, write, onGroup(func(in *DeleteGroupPolicyInput) string { return in.GroupName }), deleteGroupPolicy),
			operation.Row(w, apiPutRolePolicy, write, onRole(func(in *PutRolePolicyInput) string { return in.RoleName }, hasBoundary), putRolePolicy),
			operation.Row(w, apiGetRolePolicy, read, onRole(func(in *GetRolePolicyInput) string { return in.RoleName }), getRolePolicy),
			operation.Row(w, apiListRolePolicies, read, onRole(func(in *ListRolePoliciesInput) string { return in.RoleName }), listRolePolicies),
			operation.Row(w, apiDeleteRolePolicy, write, onRole(func(in *DeleteRolePolicyInput) string { return in.RoleName }, hasBoundary), deleteRolePolicy),

			operation.Row(w, apiCreatePolicy, write, onNew(identity.PolicyKind, func(in *CreatePolicyInput) *string { return in.Path }, func(in *CreatePolicyInput) string { return in.PolicyName },
				tagging(func(in *CreatePolicyInput) []Tag { return in.Tags })), createPolicy),
			operation.Row(w, apiGetPolicy, read, onARN(func(in *GetPolicyInput) string { return in.PolicyARN }), getPolicy),
			operation.Row(w, apiListPolicies, read, operation.OnAll, listPolicies),
			operation.Row(w, apiDeletePolicy, owner, onARN(func(in *DeletePolicyInput) string { return in.PolicyARN }), deletePolicy),
			operation.Row(w, apiCreatePolicyVersion, owner, onARN(func(in *CreatePolicyVersionInput) string { return in.PolicyARN }), createPolicyVersion),
			operation.Row(w, apiGetPolicyVersion, read, onARN(func(in *GetPolicyVersionInput) string { return in.PolicyARN }), getPolicyVersion),
			operation.Row(w, apiListPolicyVersions, read, onARN(func(in *ListPolicyVersionsInput) string { return in.PolicyARN }), listPolicyVersions),
			operation.Row(w, apiSetDefaultPolicyVersion, owner, onARN(func(in *SetDefaultPolicyVersionInput) string { return in.PolicyARN }), setDefaultPolicyVersion),
			operation.Row(w, apiDeletePolicyVersion, owner, onARN(func(in *DeletePolicyVersionInput) string { return in.PolicyARN }), deletePolicyVersion),
			operation.Row(w, apiTagPolicy, owner, onARN(func(in *TagPolicyInput) string { return in.PolicyARN }, tagging(func(in *TagPolicyInput) []Tag { return in.Tags })), tag[*TagPolicyInput, TagPolicyOutput](findPolicyARN, func(in *TagPolicyInput) string { return in.PolicyARN }, func(in *TagPolicyInput) []Tag { return in.Tags })),
			operation.Row(w, apiUntagPolicy, owner, onARN(func(in *UntagPolicyInput) string { return in.PolicyARN }, untagging(func(in *UntagPolicyInput) []string { return in.TagKeys })), untag[*UntagPolicyInput, UntagPolicyOutput](findPolicyARN, func(in *UntagPolicyInput) string { return in.PolicyARN }, func(in *UntagPolicyInput) []string { return in.TagKeys })),
			operation.Row(w, apiListPolicyTags, read, onARN(func(in *ListPolicyTagsInput) string { return in.PolicyARN }), listPolicyTags),
			operation.Row(w, apiListEntitiesForPolicy, read, onARN(func(in *ListEntitiesForPolicyInput) string { return in.PolicyARN }), listEntitiesForPolicy),
			operation.Row(w, apiAttachUserPolicy, write, onUser(func(in *AttachUserPolicyInput) string { return in.UserName },
				policyARN(func(in *AttachUserPolicyInput) string { return in.PolicyARN }), hasBoundary), attachUserPolicy),
			operation.Row(w, apiDetachUserPolicy, write, onUser(func(in *DetachUserPolicyInput) string { return in.UserName },
				policyARN(func(in *DetachUserPolicyInput) string { return in.PolicyARN }), hasBoundary), detachUserPolicy),
			operation.Row(w, apiListAttachedUserPolicies, read, onUser(func(in *ListAttachedUserPoliciesInput) string { return in.UserName }), listAttachedUserPolicies),
			operation.Row(w, apiAttachGroupPolicy, write, onGroup(func(in *AttachGroupPolicyInput) string { return in.GroupName },
				policyARN(func(in *AttachGroupPolicyInput) string { return in.PolicyARN })), attachGroupPolicy),
			operation.Row(w, apiDetachGroupPolicy, write, onGroup(func(in *DetachGroupPolicyInput) string { return in.GroupName },
				policyARN(func(in *DetachGroupPolicyInput) string { return in.PolicyARN })), detachGroupPolicy),
			operation.Row(w, apiListAttachedGroupPolicies, read, onGroup(func(in *ListAttachedGroupPoliciesInput) string { return in.GroupName }), listAttachedGroupPolicies),
			operation.Row(w, apiAttachRolePolicy, write, onRole(func(in *AttachRolePolicyInput) string { return in.RoleName },
				policyARN(func(in *AttachRolePolicyInput) string { return in.PolicyARN }), hasBoundary), attachRolePolicy),
			operation.Row(w, apiDetachRolePolicy, write, onRole(func(in *DetachRolePolicyInput) string { return in.RoleName },
				policyARN(func(in *DetachRolePolicyInput) string { return in.PolicyARN }), hasBoundary), detachRolePolicy),
			operation.Row(w, apiListAttachedRolePolicies, read, onRole(func(in *ListAttachedRolePoliciesInput) string { return in.RoleName }), listAttachedRolePolicies),

			operation.Row(w, apiPutUserPermissionsBoundary, write, onUser(func(in *PutUserPermissionsBoundaryInput) string { return in.UserName }, boundary(func(in *PutUserPermissionsBoundaryInput) *string { return &in.PermissionsBoundary })), putUserPermissionsBoundary),
			operation.Row(w, apiDeleteUserPermissionsBoundary, write, onUser(func(in *DeleteUserPermissionsBoundaryInput) string { return in.UserName }, hasBoundary), deleteUserPermissionsBoundary),
			operation.Row(w, apiPutRolePermissionsBoundary, write, onRole(func(in *PutRolePermissionsBoundaryInput) string { return in.RoleName }, boundary(func(in *PutRolePermissionsBoundaryInput) *string { return &in.PermissionsBoundary })), putRolePermissionsBoundary),
			operation.Row(w, apiDeleteRolePermissionsBoundary, write, onRole(func(in *DeleteRolePermissionsBoundaryInput) string { return in.RoleName }, hasBoundary), deleteRolePermissionsBoundary),

			operation.Row(w, apiCreateAccountAlias, write, operation.OnAll, createAccountAlias),
			operation.Row(w, apiListAccountAliases, read, operation.OnAll, listAccountAliases),
			operation.Row(w, apiDeleteAccountAlias, write, operation.OnAll, deleteAccountAlias),
			operation.Row(w, apiGetAccountSummary, read, operation.OnAll, getAccountSummary),
			operation.Row(w, apiGetAccountAuthorizationDetails, read, operation.OnAll, getAccountAuthorizationDetails),

			operation.Row(w, apiSimulateCustomPolicy, read, operation.OnAll, simulateCustomPolicy),
			operation.Row(w, apiSimulatePrincipalPolicy, read, onARN(func(in *SimulatePrincipalPolicyInput) string { return in.PolicySourceARN }), simulatePrincipalPolicy),
			operation.Row(w, apiGetContextKeysForCustomPolicy, read, operation.OnAll, getContextKeysForCustomPolicy),
			operation.Row(w, apiGetContextKeysForPrincipalPolicy, read, onARN(func(in *GetContextKeysForPrincipalPolicyInput) string { return in.PolicySourceARN }), getContextKeysForPrincipalPolicy),
		}, credentialOperations(w), providerOperations(w), reportOperations(w)),
	}
}
