package iam

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// policyOwner is a user, a group or a role with its policies.
type policyOwner struct {
	kind   identity.Kind
	name   string
	grants *identity.Grants
	save   func() error

	maxInline int    // characters of all inline policies together
	quota     string // name of the quota of attached policies
}

// findOwner reads a policyOwner by its name.
type findOwner func(c *operation.Call, name string) (policyOwner, error)

func userOwner(c *operation.Call, name string) (policyOwner, error) {
	u, err := findUser(c, name)
	return policyOwner{
		kind: identity.UserKind, name: u.Name, grants: &u.Grants, maxInline: maxUserInline, quota: "PoliciesPerUser",
		save: func() error { return identity.PutUser(c.Tx, u, c.Now) },
	}, err
}

func groupOwner(c *operation.Call, name string) (policyOwner, error) {
	g, err := findGroup(c, name)
	return policyOwner{
		kind: identity.GroupKind, name: g.Name, grants: &g.Grants, maxInline: maxGroupInline, quota: "PoliciesPerGroup",
		save: func() error { return identity.PutGroup(c.Tx, g, c.Now) },
	}, err
}

func roleOwner(c *operation.Call, name string) (policyOwner, error) {
	return ownerOfRole(c, name, findRole)
}

// modifiableRoleOwner is roleOwner for operations that change the role.
func modifiableRoleOwner(c *operation.Call, name string) (policyOwner, error) {
	return ownerOfRole(c, name, findModifiableRole)
}

func ownerOfRole(c *operation.Call, name string, find func(*operation.Call, string) (identity.Role, error)) (policyOwner, error) {
	role, err := find(c, name)
	return policyOwner{
		kind: identity.RoleKind, name: role.Name, grants: &role.Grants, maxInline: maxRoleInline, quota: "PoliciesPerRole",
		save: func() error { return identity.PutRole(c.Tx, role, c.Now) },
	}, err
}
