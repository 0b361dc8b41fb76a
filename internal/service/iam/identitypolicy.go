package iam

import "github.com/writdev/writ/internal/operation"

// The operations on the policies of users, groups and roles are equal for all three;
// inline.go and attach.go implement them.

func putUserPolicy(c *operation.Call, in *PutUserPolicyInput) (*PutUserPolicyOutput, error) {
	return &PutUserPolicyOutput{}, putInline(c, userOwner, in.UserName, in.PolicyName, in.PolicyDocument)
}

func getUserPolicy(c *operation.Call, in *GetUserPolicyInput) (*GetUserPolicyOutput, error) {
	h, document, err := getInline(c, userOwner, in.UserName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &GetUserPolicyOutput{UserName: h.name, PolicyName: in.PolicyName, PolicyDocument: *escaped(document)}, nil
}

func listUserPolicies(c *operation.Call, in *ListUserPoliciesInput) (*ListUserPoliciesOutput, error) {
	p, err := listInline(c, apiListUserPolicies.Name, userOwner, in.UserName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListUserPoliciesOutput{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func deleteUserPolicy(c *operation.Call, in *DeleteUserPolicyInput) (*DeleteUserPolicyOutput, error) {
	return &DeleteUserPolicyOutput{}, deleteInline(c, userOwner, in.UserName, in.PolicyName)
}

func attachUserPolicy(c *operation.Call, in *AttachUserPolicyInput) (*AttachUserPolicyOutput, error) {
	return &AttachUserPolicyOutput{}, attach(c, userOwner, in.UserName, in.PolicyARN)
}

func detachUserPolicy(c *operation.Call, in *DetachUserPolicyInput) (*DetachUserPolicyOutput, error) {
	return &DetachUserPolicyOutput{}, detach(c, userOwner, in.UserName, in.PolicyARN)
}

func listAttachedUserPolicies(c *operation.Call, in *ListAttachedUserPoliciesInput) (*ListAttachedUserPoliciesOutput, error) {
	p, err := listAttached(c, apiListAttachedUserPolicies.Name, userOwner, in.UserName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListAttachedUserPoliciesOutput{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func putGroupPolicy(c *operation.Call, in *PutGroupPolicyInput) (*PutGroupPolicyOutput, error) {
	return &PutGroupPolicyOutput{}, putInline(c, groupOwner, in.GroupName, in.PolicyName, in.PolicyDocument)
}

func getGroupPolicy(c *operation.Call, in *GetGroupPolicyInput) (*GetGroupPolicyOutput, error) {
	h, document, err := getInline(c, groupOwner, in.GroupName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &GetGroupPolicyOutput{GroupName: h.name, PolicyName: in.PolicyName, PolicyDocument: *escaped(document)}, nil
}

func listGroupPolicies(c *operation.Call, in *ListGroupPoliciesInput) (*ListGroupPoliciesOutput, error) {
	p, err := listInline(c, apiListGroupPolicies.Name, groupOwner, in.GroupName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListGroupPoliciesOutput{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func deleteGroupPolicy(c *operation.Call, in *DeleteGroupPolicyInput) (*DeleteGroupPolicyOutput, error) {
	return &DeleteGroupPolicyOutput{}, deleteInline(c, groupOwner, in.GroupName, in.PolicyName)
}

func attachGroupPolicy(c *operation.Call, in *AttachGroupPolicyInput) (*AttachGroupPolicyOutput, error) {
	return &AttachGroupPolicyOutput{}, attach(c, groupOwner, in.GroupName, in.PolicyARN)
}

func detachGroupPolicy(c *operation.Call, in *DetachGroupPolicyInput) (*DetachGroupPolicyOutput, error) {
	return &DetachGroupPolicyOutput{}, detach(c, groupOwner, in.GroupName, in.PolicyARN)
}

func listAttachedGroupPolicies(c *operation.Call, in *ListAttachedGroupPoliciesInput) (*ListAttachedGroupPoliciesOutput, error) {
	p, err := listAttached(c, apiListAttachedGroupPolicies.Name, groupOwner, in.GroupName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListAttachedGroupPoliciesOutput{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func putRolePolicy(c *operation.Call, in *PutRolePolicyInput) (*PutRolePolicyOutput, error) {
	return &PutRolePolicyOutput{}, putInline(c, modifiableRoleOwner, in.RoleName, in.PolicyName, in.PolicyDocument)
}

func getRolePolicy(c *operation.Call, in *GetRolePolicyInput) (*GetRolePolicyOutput, error) {
	h, document, err := getInline(c, roleOwner, in.RoleName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &GetRolePolicyOutput{RoleName: h.name, PolicyName: in.PolicyName, PolicyDocument: *escaped(document)}, nil
}

func listRolePolicies(c *operation.Call, in *ListRolePoliciesInput) (*ListRolePoliciesOutput, error) {
	p, err := listInline(c, apiListRolePolicies.Name, roleOwner, in.RoleName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListRolePoliciesOutput{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func deleteRolePolicy(c *operation.Call, in *DeleteRolePolicyInput) (*DeleteRolePolicyOutput, error) {
	return &DeleteRolePolicyOutput{}, deleteInline(c, modifiableRoleOwner, in.RoleName, in.PolicyName)
}

func attachRolePolicy(c *operation.Call, in *AttachRolePolicyInput) (*AttachRolePolicyOutput, error) {
	return &AttachRolePolicyOutput{}, attach(c, modifiableRoleOwner, in.RoleName, in.PolicyARN)
}

func detachRolePolicy(c *operation.Call, in *DetachRolePolicyInput) (*DetachRolePolicyOutput, error) {
	return &DetachRolePolicyOutput{}, detach(c, modifiableRoleOwner, in.RoleName, in.PolicyARN)
}

func listAttachedRolePolicies(c *operation.Call, in *ListAttachedRolePoliciesInput) (*ListAttachedRolePoliciesOutput, error) {
	p, err := listAttached(c, apiListAttachedRolePolicies.Name, roleOwner, in.RoleName, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListAttachedRolePoliciesOutput{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
