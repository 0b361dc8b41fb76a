package iam

import (
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// Entities in outputs. Those of list operations have neither tags nor permissions
// boundaries.

// seconds is a time with IAM's precision.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func userView(u identity.User) (User, error) {
	return User{Path: u.Path, UserName: u.Name, UserID: u.ID, ARN: u.ARN, CreateDate: seconds(u.CreatedAt)}, nil
}

func fullUser(c *operation.Call, u identity.User) (*User, error) {
	v, _ := userView(u)
	v.PermissionsBoundary = boundaryView(u.Boundary)
	var err error
	v.Tags, err = tagsOf(c, u.ARN)
	return &v, err
}

func groupView(g identity.Group) (Group, error) {
	return Group{Path: g.Path, GroupName: g.Name, GroupID: g.ID, ARN: g.ARN, CreateDate: seconds(g.CreatedAt)}, nil
}

// A role has more or fewer members in different outputs: the members of each function
// below, and no others.

// briefRole is a role in an instance profile.
func briefRole(c *operation.Call, role identity.Role) (Role, error) {
	trust, err := trustOf(c, role)
	return Role{
		Path: role.Path, RoleName: role.Name, RoleID: role.ID, ARN: role.ARN, CreateDate: seconds(role.CreatedAt),
		AssumeRolePolicyDocument: escaped(trust),
	}, err
}

// createdRole is a role in the output of the operation that created it.
func createdRole(c *operation.Call, role identity.Role) (*Role, error) {
	v, err := briefRole(c, role)
	if err != nil {
		return nil, err
	}
	v.PermissionsBoundary = boundaryView(role.Boundary)
	v.Tags, err = tagsOf(c, role.ARN)
	return &v, err
}

// listedRole is a role in a list.
func listedRole(c *operation.Call) func(identity.Role) (Role, error) {
	return func(role identity.Role) (Role, error) {
		v, err := briefRole(c, role)
		v.Description = optional(role.Description)
		v.MaxSessionDuration = &role.MaxSessionDuration
		return v, err
	}
}

// trustOf is the trust policy of a role, which is stored in the table of policies.
func trustOf(c *operation.Call, role identity.Role) (string, error) {
	if role.TrustPolicy != "" {
		return role.TrustPolicy, nil
	}
	full, err := identity.ReadRole(c.Tx, role.ARN)
	return full.TrustPolicy, err
}

// fullRole is a role in the output of GetRole.
func fullRole(c *operation.Call, role identity.Role) (*Role, error) {
	v, err := listedRole(c)(role)
	if err != nil {
		return nil, err
	}
	v.PermissionsBoundary = boundaryView(role.Boundary)
	v.RoleLastUsed = &RoleLastUsed{}
	if use, ok := c.AccessUsage.LastUsed(role.ARN); ok && !use.At.Before(role.CreatedAt) {
		v.RoleLastUsed = &RoleLastUsed{LastUsedDate: new(seconds(use.At)), Region: &use.Region}
	}
	v.Tags, err = tagsOf(c, role.ARN)
	return &v, err
}

// boundaryView is a permissions boundary; nil if there is none.
func boundaryView(arn string) *AttachedPermissionsBoundary {
	if arn == "" {
		return nil
	}
	return &AttachedPermissionsBoundary{
		PermissionsBoundaryType: new(PermissionsBoundaryAttachmentTypePolicy),
		PermissionsBoundaryARN:  &arn,
	}
}

// profileView is an instance profile with its role.
func profileView(c *operation.Call) func(identity.InstanceProfile) (InstanceProfile, error) {
	return func(p identity.InstanceProfile) (InstanceProfile, error) {
		v := InstanceProfile{
			Path: p.Path, InstanceProfileName: p.Name, InstanceProfileID: p.ID, ARN: p.ARN, CreateDate: seconds(p.CreatedAt),
			Roles: []Role{},
		}
		if p.Role == "" {
			return v, nil
		}
		role, err := identity.ReadRole(c.Tx, p.Role)
		if err != nil {
			return v, err
		}
		shown, err := briefRole(c, role)
		v.Roles = []Role{shown}
		return v, err
	}
}

func fullProfile(c *operation.Call, p identity.InstanceProfile) (*InstanceProfile, error) {
	v, err := profileView(c)(p)
	if err != nil {
		return nil, err
	}
	v.Tags, err = allTags(c, p.ARN)
	return &v, err
}

// createdProfile is an instance profile in the output of the operation that created it.
func createdProfile(c *operation.Call, p identity.InstanceProfile, tags []Tag) (*InstanceProfile, error) {
	v, err := profileView(c)(p)
	v.Tags = tags
	return &v, err
}

// optional is s, or nil if s is "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
