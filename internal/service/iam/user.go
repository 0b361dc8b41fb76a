package iam

import (
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

func createUser(c *operation.Call, in *CreateUserInput) (*CreateUserOutput, error) {
	if err := checkNameAvailable(c, identity.UserKind, in.UserName); err != nil {
		return nil, err
	}
	if err := checkQuota(c, identity.UserKind); err != nil {
		return nil, err
	}
	u := identity.NewUser(c.Partition, c.Account(), pathOr(in.Path), in.UserName)
	u.CreatedAt = c.Now
	var err error
	if u.Boundary, err = newBoundary(c, in.PermissionsBoundary); err != nil {
		return nil, err
	}
	if err := identity.PutUser(c.Tx, u, c.Now); err != nil {
		return nil, err
	}
	if err := setTags(c, u.ARN, in.Tags); err != nil {
		return nil, err
	}
	v, err := fullUser(c, u)
	return &CreateUserOutput{User: v}, err
}

// getUser without a name returns the caller, which may be the root user.
func getUser(c *operation.Call, in *GetUserInput) (*GetUserOutput, error) {
	if in.UserName == nil && c.Caller.Principal.Kind == policy.Root {
		return &GetUserOutput{User: rootView(c)}, nil
	}
	u, err := findUser(c, nameOr(in.UserName, c.Caller.Name))
	if err != nil {
		return nil, err
	}
	v, err := fullUser(c, u)
	return &GetUserOutput{User: v}, err
}

// nameOr is the given name, or the caller's.
func nameOr(name *string, caller string) string {
	if name == nil {
		return caller
	}
	return *name
}

func listUsers(c *operation.Call, in *ListUsersInput) (*ListUsersOutput, error) {
	p, err := stored(c, apiListUsers.Name, identity.UserKind, in.PathPrefix, in.Marker, in.MaxItems, userView)
	if err != nil {
		return nil, err
	}
	return &ListUsersOutput{Users: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func updateUser(c *operation.Call, in *UpdateUserInput) (*UpdateUserOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	path, name, err := newPathAndName(c, identity.UserKind, u.Entity, in.NewPath, in.NewUserName, apiUpdateUser.Name)
	if err != nil {
		return nil, err
	}
	_, err = identity.MoveUser(c.Tx, u, path, name, c.Now)
	return &UpdateUserOutput{}, err
}

// newPathAndName are the requested path and name of a user or a group. The caller must be
// allowed the update on both ARNs.
func newPathAndName(c *operation.Call, kind identity.Kind, e identity.Entity, newPath, newName *string, op string) (path, name string, err error) {
	path, name = e.Path, nameOr(newName, e.Name)
	if newPath != nil {
		path = *newPath
	}
	if err := c.Authorize(api.Name+":"+op, authz.Target{ARN: newARN(c, kind, path, name)}); err != nil {
		return "", "", err
	}
	if strings.EqualFold(name, e.Name) {
		return path, name, nil
	}
	return path, name, checkNameAvailable(c, kind, name)
}

func deleteUser(c *operation.Call, in *DeleteUserInput) (*DeleteUserOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	keys, err := c.Tx.AccessKeys(u.ARN)
	switch {
	case err != nil:
		return nil, err
	case len(keys) > 0:
		return nil, errDeleteConflict("Cannot delete entity, must delete access keys first.")
	case len(u.Groups) > 0:
		return nil, errDeleteConflict("Cannot delete entity, must remove users from group first.")
	}
	if err := checkNoPolicies(u.Grants); err != nil {
		return nil, err
	}
	if err := conflictOf(c, u); err != nil {
		return nil, err
	}
	return &DeleteUserOutput{}, identity.DeleteUser(c.Tx, u, c.Now)
}

// checkNoPolicies returns an error if an entity to be deleted still has policies.
func checkNoPolicies(g identity.Grants) error {
	switch {
	case len(g.Policies) > 0:
		return errDeleteConflict("Cannot delete entity, must delete policies first.")
	case len(g.Attached) > 0:
		return errDeleteConflict("Cannot delete entity, must detach all policies first.")
	}
	return nil
}
