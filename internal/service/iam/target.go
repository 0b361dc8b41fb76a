package iam

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The targets and condition keys of operations are those of
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html

// addKeys adds condition keys and tags of a request to its target.
type addKeys[In any] func(c *operation.Call, in In, t *authz.Target) error

// targetOf is the target of an operation.
type targetOf[In any] = func(*operation.Call, In) (authz.Target, error)

// on is the target of operations on a named entity of the caller's account. If there is
// none, it is the ARN with the path "/".
func on[In any](kind identity.Kind, name func(In) string, marks ...addKeys[In]) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		arn, err := identity.ARNByName(c.Tx, kind, c.Partition, c.Account(), name(in))
		if err != nil && !isNotFound(err) {
			return authz.Target{}, err
		}
		return target(c, arn, in, marks)
	}
}

func onUser[In any](name func(In) string, marks ...addKeys[In]) func(*operation.Call, In) (authz.Target, error) {
	return on(identity.UserKind, name, marks...)
}

func onGroup[In any](name func(In) string, marks ...addKeys[In]) func(*operation.Call, In) (authz.Target, error) {
	return on(identity.GroupKind, name, marks...)
}

func onRole[In any](name func(In) string, marks ...addKeys[In]) func(*operation.Call, In) (authz.Target, error) {
	return on(identity.RoleKind, name, marks...)
}

func onProfile[In any](name func(In) string, marks ...addKeys[In]) func(*operation.Call, In) (authz.Target, error) {
	return on(identity.InstanceProfileKind, name, marks...)
}

// onSelf is the target of operations whose user is optional and by default the caller.
func onSelf[In any](name func(In) *string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		if given := name(in); given != nil {
			return onUser(func(In) string { return *given })(c, in)
		}
		arn, err := callerUser(c)
		if err != nil {
			return authz.Target{}, err
		}
		return target(c, arn, in, nil)
	}
}

// onNew is the target of operations that create an entity.
func onNew[In any](kind identity.Kind, path func(In) *string, name func(In) string, marks ...addKeys[In]) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		return target(c, newARN(c, kind, pathOr(path(in)), name(in)), in, marks)
	}
}

func newARN(c *operation.Call, kind identity.Kind, path, name string) string {
	return "arn:" + c.Partition + ":iam::" + c.Account() + ":" + string(kind) + path + name
}

// pathOr is the path given, or "/".
func pathOr(path *string) string {
	if path == nil {
		return "/"
	}
	return *path
}

// onARN is the target of operations on an entity named by its ARN.
func onARN[In any](arn func(In) string, marks ...addKeys[In]) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) { return target(c, arn(in), in, marks) }
}

func target[In any](c *operation.Call, arn string, in In, marks []addKeys[In]) (authz.Target, error) {
	t := authz.Target{ARN: arn, Keys: map[string][]string{}}
	for _, m := range marks {
		if err := m(c, in, &t); err != nil {
			return authz.Target{}, err
		}
	}
	return t, nil
}

// policyARN adds the key of operations that attach or detach a managed policy.
func policyARN[In any](arn func(In) string) addKeys[In] {
	return func(_ *operation.Call, in In, t *authz.Target) error {
		t.Keys["iam:PolicyARN"] = []string{arn(in)}
		return nil
	}
}

// boundary adds the key of operations that can set a permissions boundary.
func boundary[In any](arn func(In) *string) addKeys[In] {
	return func(_ *operation.Call, in In, t *authz.Target) error {
		if arn := arn(in); arn != nil {
			t.Keys["iam:PermissionsBoundary"] = []string{*arn}
		}
		return nil
	}
}

// hasBoundary adds the current permissions boundary of a user or role.
func hasBoundary[In any](c *operation.Call, _ In, t *authz.Target) error {
	has := ""
	if identity.KindOf(t.ARN) == identity.UserKind {
		u, err := identity.ReadUser(c.Tx, t.ARN)
		if err != nil && !isNotFound(err) {
			return err
		}
		has = u.Boundary
	} else {
		role, err := identity.ReadRole(c.Tx, t.ARN)
		if err != nil && !isNotFound(err) {
			return err
		}
		has = role.Boundary
	}
	if has != "" {
		t.Keys["iam:PermissionsBoundary"] = []string{has}
	}
	return nil
}

// tagging adds the keys of operations that set tags.
func tagging[In any](tags func(In) []Tag) addKeys[In] {
	return func(_ *operation.Call, in In, t *authz.Target) error {
		t.RequestTags = map[string]string{}
		for _, tag := range tags(in) {
			t.RequestTags[tag.Key] = tag.Value
		}
		return nil
	}
}

// untagging adds the keys of operations that remove tags.
func untagging[In any](keys func(In) []string) addKeys[In] {
	return func(_ *operation.Call, in In, t *authz.Target) error {
		t.TagKeys = keys(in)
		return nil
	}
}

// onServiceRole is the target of CreateServiceLinkedRole.
func onServiceRole(c *operation.Call, in *CreateServiceLinkedRoleInput) (authz.Target, error) {
	name, path := identity.ServiceRoleName(in.AWSServiceName, suffix(in)), servicePath(in.AWSServiceName)
	t, err := target(c, newARN(c, identity.RoleKind, path, name), in, nil)
	t.Keys["iam:AWSServiceName"] = []string{in.AWSServiceName}
	return t, err
}

// onKeyOwner is the target of GetAccessKeyLastUsed: the owner of the key, which is no user
// if the key is not of the caller's account.
func onKeyOwner(c *operation.Call, in *GetAccessKeyLastUsedInput) (authz.Target, error) {
	key, err := c.Tx.AccessKey(in.AccessKeyID)
	switch {
	case isNotFound(err), err == nil && key.Account != c.Account():
		return authz.Target{ARN: "*"}, nil
	case err != nil:
		return authz.Target{}, err
	}
	return target(c, key.Principal, in, nil)
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
