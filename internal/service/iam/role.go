package iam

import (
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// reservedPaths are the paths of roles created by AWS services. Roles there are exempt from
// service control policies, so no other caller can create one there, nor with a path that
// makes its ARN look like one.
var reservedPaths = []string{serviceRolePath, "/aws-reserved/"}

func createRole(c *operation.Call, in *CreateRoleInput) (*CreateRoleOutput, error) {
	path := pathOr(in.Path)
	for _, reserved := range reservedPaths {
		if strings.Contains(":role"+path, ":role"+reserved) {
			return nil, errInvalidInput("The path %s is reserved for roles of AWS services.", reserved)
		}
	}
	if err := checkNameAvailable(c, identity.RoleKind, in.RoleName); err != nil {
		return nil, err
	}
	if err := checkQuota(c, identity.RoleKind); err != nil {
		return nil, err
	}
	role := identity.NewRole(c.Partition, c.Account(), path, in.RoleName)
	role.CreatedAt = c.Now
	if in.Description != nil {
		role.Description = *in.Description
	}
	if in.MaxSessionDuration != nil {
		role.MaxSessionDuration = *in.MaxSessionDuration
	}
	var err error
	if role.TrustPolicy, err = checkTrust(c, in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	if role.Boundary, err = newBoundary(c, in.PermissionsBoundary); err != nil {
		return nil, err
	}
	if err := identity.PutRole(c.Tx, role, c.Now); err != nil {
		return nil, err
	}
	if err := setTags(c, role.ARN, in.Tags); err != nil {
		return nil, err
	}
	v, err := createdRole(c, role)
	return &CreateRoleOutput{Role: v}, err
}

func getRole(c *operation.Call, in *GetRoleInput) (*GetRoleOutput, error) {
	role, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	v, err := fullRole(c, role)
	return &GetRoleOutput{Role: v}, err
}

func listRoles(c *operation.Call, in *ListRolesInput) (*ListRolesOutput, error) {
	p, err := stored(c, apiListRoles.Name, identity.RoleKind, in.PathPrefix, in.Marker, in.MaxItems, listedRole(c))
	if err != nil {
		return nil, err
	}
	return &ListRolesOutput{Roles: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func updateRole(c *operation.Call, in *UpdateRoleInput) (*UpdateRoleOutput, error) {
	role, err := findModifiableRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if in.Description != nil {
		role.Description = *in.Description
	}
	if in.MaxSessionDuration != nil {
		role.MaxSessionDuration = *in.MaxSessionDuration
	}
	return &UpdateRoleOutput{}, identity.PutRole(c.Tx, role, c.Now)
}

func updateRoleDescription(c *operation.Call, in *UpdateRoleDescriptionInput) (*UpdateRoleDescriptionOutput, error) {
	role, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	role.Description = in.Description
	if err := identity.PutRole(c.Tx, role, c.Now); err != nil {
		return nil, err
	}
	v, err := createdRole(c, role)
	if err != nil {
		return nil, err
	}
	v.Description = optional(role.Description)
	return &UpdateRoleDescriptionOutput{Role: v}, nil
}

func updateAssumeRolePolicy(c *operation.Call, in *UpdateAssumeRolePolicyInput) (*UpdateAssumeRolePolicyOutput, error) {
	role, err := findModifiableRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if role.TrustPolicy, err = checkTrust(c, in.PolicyDocument); err != nil {
		return nil, err
	}
	return &UpdateAssumeRolePolicyOutput{}, identity.PutRole(c.Tx, role, c.Now)
}

func deleteRole(c *operation.Call, in *DeleteRoleInput) (*DeleteRoleOutput, error) {
	role, err := findModifiableRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	profiles, err := profilesOf(c, role.ARN)
	if err != nil {
		return nil, err
	}
	if len(profiles) > 0 {
		return nil, errDeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
	}
	if err := checkNoPolicies(role.Grants); err != nil {
		return nil, err
	}
	return &DeleteRoleOutput{}, identity.DeleteRole(c.Tx, role, c.Now)
}
