package iam

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// find reads an entity of the caller's account by its name. The error is NoSuchEntity, with
// the message for its kind, if there is none.
func find[T any](c *operation.Call, kind identity.Kind, name string, read func(arn string) (T, error)) (T, error) {
	var v T
	arn, err := identity.ARNByName(c.Tx, kind, c.Partition, c.Account(), name)
	if err == nil {
		v, err = read(arn)
	}
	if isNotFound(err) {
		return v, errNotFound(kind, name)
	}
	return v, err
}

func errNotFound(kind identity.Kind, name string) error {
	switch kind {
	case identity.GroupKind:
		return errNoSuchEntity("The group with name %s cannot be found.", name)
	case identity.RoleKind:
		return errNoSuchEntity("The role with name %s cannot be found.", name)
	case identity.InstanceProfileKind:
		return errNoSuchEntity("Instance Profile %s cannot be found.", name)
	case identity.ServerCertificateKind:
		return errNoSuchEntity("The Server Certificate with name %s cannot be found.", name)
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

// findModifiableRole is findRole for operations that change the role: a service-linked
// role can be changed only by its service.
func findModifiableRole(c *operation.Call, name string) (identity.Role, error) {
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

// callerUser is the ARN of the calling user or root user, for requests without a user
// name.
func callerUser(c *operation.Call) (string, error) {
	if kind := c.Caller.Principal.Kind; kind != policy.User && kind != policy.Root {
		return "", invalid("Must specify userName when calling with non-User credentials")
	}
	return c.Caller.ARN(), nil
}

// checkNameAvailable returns an error if a name is taken.
func checkNameAvailable(c *operation.Call, kind identity.Kind, name string) error {
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
	case identity.ServerCertificateKind:
		return errEntityAlreadyExists("The Server Certificate with name %s already exists.", name)
	}
	return errEntityAlreadyExists("User with name %s already exists.", name)
}

// The ARNs of existing entities.

func findUserARN(c *operation.Call, name string) (string, error) {
	e, err := findUser(c, name)
	return e.ARN, err
}

func findRoleARN(c *operation.Call, name string) (string, error) {
	e, err := findRole(c, name)
	return e.ARN, err
}

func findModifiableRoleARN(c *operation.Call, name string) (string, error) {
	e, err := findModifiableRole(c, name)
	return e.ARN, err
}

func findProfileARN(c *operation.Call, name string) (string, error) {
	e, err := findProfile(c, name)
	return e.ARN, err
}

func findPolicyARN(c *operation.Call, name string) (string, error) {
	e, err := findPolicy(c, name)
	return e.ARN, err
}

func findMFADeviceARN(c *operation.Call, name string) (string, error) {
	e, err := findMFADevice(c, name)
	return e.ARN, err
}

func findServerCertificateARN(c *operation.Call, name string) (string, error) {
	e, err := findServerCertificate(c, name)
	return e.ARN, err
}

func findOIDCProviderARN(c *operation.Call, name string) (string, error) {
	e, err := findOIDCProvider(c, name)
	return e.ARN, err
}

func findSAMLProviderARN(c *operation.Call, name string) (string, error) {
	e, err := findSAMLProvider(c, name)
	return e.ARN, err
}
