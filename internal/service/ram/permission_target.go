package ram

import (
	"errors"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// awsAccount owns the permissions that AWS manages. To the gate what it owns is
// everybody's own.
const awsAccount = "aws"

// parsePermission takes the ARN of a permission apart. Some pages of AWS write a
// service before the names of those that it manages; the gate gets to see one
// ARN only.
func parsePermission(text string) (name, error) {
	n, err := parseName(permissionType, strings.Replace(text, "::aws:permission/imagebuilder:", "::aws:permission/", 1))
	if err != nil {
		err = errMalformedARN("The specified permission ARN %s is not valid. Verify the ARN and try again.", text)
	}
	return n, err
}

func noPermission(arn string) error {
	return errUnknownResource("Permission %s could not be found.", arn)
}

// onPermission is the target of an operation that reads a permission.
func onPermission[In any](member func(*In) string) func(*operation.Call, *In) (authz.Target, error) {
	return func(c *operation.Call, in *In) (authz.Target, error) {
		n, err := parsePermission(member(in))
		if err != nil {
			return authz.Target{}, err
		}
		return permissionTarget(c, n)
	}
}

// onOwnPermission is the target of an operation that changes a permission, which
// must be the caller's own.
func onOwnPermission[In any](member func(*In) string) func(*operation.Call, *In) (authz.Target, error) {
	return func(c *operation.Call, in *In) (authz.Target, error) {
		n, err := parsePermission(member(in))
		switch {
		case err != nil:
			return authz.Target{}, err
		case n.Account == awsAccount:
			return authz.Target{}, errOperationNotPermitted("The permission %s is managed by AWS and can't be changed.", n)
		case n.Account != c.Account():
			return authz.Target{}, noPermission(n.String())
		}
		return permissionTarget(c, n)
	}
}

// onListedPermission is the target of ListPermissionAssociations, which names a
// permission or means all of them.
func onListedPermission(c *operation.Call, in *ListPermissionAssociationsInput) (authz.Target, error) {
	if in.PermissionARN == nil {
		return operation.OnAll(c, in)
	}
	return onPermission(func(in *ListPermissionAssociationsInput) string { return *in.PermissionARN })(c, in)
}

// newPermission is the target of CreatePermission, which has no resource.
func newPermission(c *operation.Call, in *CreatePermissionInput) (authz.Target, error) {
	return authz.Target{ARN: "*", RequestTags: tagMap(in.Tags), Keys: map[string][]string{
		"ram:PermissionArn":          {newName(c, permissionType, in.Name).String()},
		"ram:PermissionResourceType": {in.ResourceType},
	}}, nil
}

// permissionTarget is a permission as the gate judges it.
func permissionTarget(c *operation.Call, n name) (authz.Target, error) {
	t := authz.Target{ARN: n.String(), Keys: map[string][]string{"ram:PermissionArn": {n.String()}}}
	p, err := sharing.ReadPermission(c.Tx, t.ARN)
	if errors.Is(err, store.ErrNotFound) {
		return t, nil // which the handler says
	}
	if err == nil {
		t.Keys["ram:PermissionResourceType"] = []string{p.ResourceType}
	}
	return t, err
}

// readPermission reads a permission that the caller can use: one that AWS
// manages, or one of its account in the region. Any other is as if it were not
// there.
func readPermission(c *operation.Call, text string) (*sharing.Permission, error) {
	n, err := parsePermission(text)
	if err != nil {
		return nil, err
	}
	if n.Account != awsAccount && (n.Account != c.Account() || !here(c, n)) {
		return nil, noPermission(text)
	}
	p, err := sharing.ReadPermission(c.Tx, n.String())
	if errors.Is(err, store.ErrNotFound) {
		err = noPermission(text)
	}
	return p, err
}

// attachable is readPermission for one that is managed in RAM, rather than
// by a policy.
func attachable(c *operation.Call, arn string) (*sharing.Permission, error) {
	p, err := readPermission(c, arn)
	if err == nil && p.FeatureSet != sharing.Standard {
		err = errOperationNotPermitted("The permission %s was created from a resource-based policy and is not managed in RAM. "+
			"Use PromotePermissionCreatedFromPolicy to have one that is.", p.ARN)
	}
	return p, err
}

// namedPermission is attachable for one that an operation names beside its
// target: the caller must be allowed the operation on it, too.
func namedPermission(c *operation.Call, op, arn string) (*sharing.Permission, error) {
	n, err := parsePermission(arn)
	switch {
	case err != nil:
		return nil, err
	case n.Account != awsAccount && n.Account != c.Account():
		return nil, noPermission(arn)
	}
	t, err := permissionTarget(c, n)
	if err != nil {
		return nil, err
	}
	if err := c.Authorize(api.Name+":"+op, t); err != nil {
		return nil, err
	}
	return attachable(c, arn)
}

// taggablePermission says why a permission may not be tagged.
func taggablePermission(c *operation.Call, n name) error {
	_, err := attachable(c, n.String())
	return err
}
