package iam

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// holder is a user, a group or a role as what holds policies.
type holder struct {
	kind   identity.Kind
	name   string
	grants *identity.Grants
	save   func() error

	maxInline int    // characters of all inline policies together
	quota     string // what the quota of attached policies is called
}

// A finder finds a holder by its name, to read from it.
type finder func(c *operation.Call, name string) (holder, error)

func userHolder(c *operation.Call, name string) (holder, error) {
	u, err := findUser(c, name)
	return holder{
		kind: identity.UserKind, name: u.Name, grants: &u.Grants, maxInline: maxUserInline, quota: "PoliciesPerUser",
		save: func() error { return identity.PutUser(c.Tx, u, c.Now) },
	}, err
}

func groupHolder(c *operation.Call, name string) (holder, error) {
	g, err := findGroup(c, name)
	return holder{
		kind: identity.GroupKind, name: g.Name, grants: &g.Grants, maxInline: maxGroupInline, quota: "PoliciesPerGroup",
		save: func() error { return identity.PutGroup(c.Tx, g, c.Now) },
	}, err
}

func roleHolder(c *operation.Call, name string) (holder, error) {
	return holderOfRole(c, name, findRole)
}

// ownRoleHolder is the finder of a role that is to be changed.
func ownRoleHolder(c *operation.Call, name string) (holder, error) {
	return holderOfRole(c, name, findOwnRole)
}

func holderOfRole(c *operation.Call, name string, find func(*operation.Call, string) (identity.Role, error)) (holder, error) {
	role, err := find(c, name)
	return holder{
		kind: identity.RoleKind, name: role.Name, grants: &role.Grants, maxInline: maxRoleInline, quota: "PoliciesPerRole",
		save: func() error { return identity.PutRole(c.Tx, role, c.Now) },
	}, err
}
