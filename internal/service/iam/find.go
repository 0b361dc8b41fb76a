package iam

import (
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// find reads a thing of the caller's account by its name; without one it is a
// NoSuchEntity error, in the words for its kind.
func find[T any](c *operation.Call, kind identity.Kind, name string, read func(arn string) (T, error)) (T, error) {
	var v T
	arn, err := identity.ARNByName(c.Tx, kind, c.Partition, c.Account(), name)
	if err == nil {
		v, err = read(arn)
	}
	if isNotFound(err) {
		return v, noSuch(kind, name)
	}
	return v, err
}

func noSuch(kind identity.Kind, name string) error {
	switch kind {
	case identity.GroupKind:
		return errNoSuchEntity("The group with name %s cannot be found.", name)
	case identity.RoleKind:
		return errNoSuchEntity("The role with name %s cannot be found.", name)
	case identity.InstanceProfileKind:
		return errNoSuchEntity("Instance Profile %s cannot be found.", name)
	}
	return errNoSuchEntity("The user with name %s cannot be found.", name)
}

func findUser(c *operation.Call, name string) (identity.User, error) {
	return find(c, identity.UserKind, name, func(arn string) (identity.User, error) { return identity.ReadUser(c.Tx, arn) })
}

func findGroup(c *operation.Call, name string) (identity.Group, error) {
	return find(c, identity.GroupKind, name, func(arn string) (identity.Group, error) { return identity.ReadGroup(c.Tx, arn) })
}

func findRole(c *operation.Call, name string) (identity.Role, error) {
	return find(c, identity.RoleKind, name, func(arn string) (identity.Role, error) { return identity.ReadRole(c.Tx, arn) })
}

// findOwnRole is findRole for what changes the role: a service-linked one is
// its service's to change.
func findOwnRole(c *operation.Call, name string) (identity.Role, error) {
	role, err := findRole(c, name)
	if err == nil && role.Service != "" {
		return identity.Role{}, errUnmodifiableEntity("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", role.Name)
	}
	return role, err
}

func findProfile(c *operation.Call, name string) (identity.InstanceProfile, error) {
	return find(c, identity.InstanceProfileKind, name, func(arn string) (identity.InstanceProfile, error) {
		return identity.ReadInstanceProfile(c.Tx, arn)
	})
}

// findPolicy reads the managed policy at an ARN.
func findPolicy(c *operation.Call, arn string) (identity.ManagedPolicy, error) {
	p, err := identity.ReadPolicy(c.Tx, arn)
	if isNotFound(err) {
		return p, errNoSuchEntity("Policy %s was not found.", arn)
	}
	return p, err
}

// self is the ARN of the user, or root user, that a call without a user name is
// about.
func self(c *operation.Call) (string, error) {
	if kind := c.Caller.Principal.Kind; kind != policy.User && kind != policy.Root {
		return "", invalid("Must specify userName when calling with non-User credentials")
	}
	return c.Caller.ARN(), nil
}

// invalid is the error of a request that is wrong in itself.
func invalid(format string, args ...any) error {
	return awserr.New("ValidationError", 400, format, args...)
}

// free makes sure that a name may be given to a new thing.
func free(c *operation.Call, kind identity.Kind, name string) error {
	taken, err := identity.NameTaken(c.Tx, kind, c.Partition, c.Account(), name)
	if err != nil || !taken {
		return err
	}
	switch kind {
	case identity.GroupKind:
		return errEntityAlreadyExists("Group with name %s already exists.", name)
	case identity.RoleKind:
		return errEntityAlreadyExists("Role with name %s already exists.", name)
	case identity.PolicyKind:
		return errEntityAlreadyExists("A policy called %s already exists. Duplicate names are not allowed.", name)
	case identity.InstanceProfileKind:
		return errEntityAlreadyExists("Instance Profile %s already exists.", name)
	}
	return errEntityAlreadyExists("User with name %s already exists.", name)
}
