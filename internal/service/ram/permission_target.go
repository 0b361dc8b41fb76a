package ram

import (
	"errors"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// awsAccount owns the AWS managed permissions. The gate treats its resources as those
// of the caller.
const awsAccount = "aws"

// parsePermission parses the ARN of a permission. Some AWS pages print the ARNs of
// managed permissions with a service before the name; parsePermission removes it, so
// that the gate sees one form only.
func parsePermission(text string) (name, error) {
	n, err := parseName(permissionType, strings.Replace(text, "::aws:permission/imagebuilder:", "::aws:permission/", 1))
	if err != nil {
		err = errMalformedARN("The specified permission ARN %s is not valid. Verify the ARN and try again.", text)
	}
	return n, err
}

func errPermissionNotFound(arn string) error {
	return errUnknownResource("Permission %s could not be found.", arn)
}

// onPermission returns the target of an operation that reads a permission.
func onPermission[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		n, err := parsePermission(member(in))
		if err != nil {
			return authz.Target{}, err
		}
		return permissionTarget(c, n)
	}
}

// onOwnPermission returns the target of an operation that changes a permission of the
// caller's account.
func onOwnPermission[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		n, err := parsePermission(member(in))
		switch {
		case err != nil:
			return authz.Target{}, err
		case n.Account == awsAccount:
			return authz.Target{}, errOperationNotPermitted("The permission %s is managed by AWS and can't be changed.", n)
		case n.Account != c.Account():
			return authz.Target{}, errPermissionNotFound(n.String())
		}
		return permissionTarget(c, n)
	}
}

// listPermissionAssociationsTarget returns the permission that the request names, or all of
// them.
func listPermissionAssociationsTarget(c *operation.Call, in *ListPermissionAssociationsInput) (authz.Target, error) {
	if in.PermissionARN == nil {
		return operation.OnAll(c, in)
	}
	return onPermission(func(in *ListPermissionAssociationsInput) string { return *in.PermissionARN })(c, in)
}

// createPermissionTarget returns "*", since CreatePermission has no resource.
func createPermissionTarget(c *operation.Call, in *CreatePermissionInput) (authz.Target, error) {
	return authz.Target{ARN: "*", RequestTags: tagMap(in.Tags), Keys: map[string][]string{
		"ram:PermissionArn":          {newName(c, permissionType, in.Name).String()},
		"ram:PermissionResourceType": {in.ResourceType},
	}}, nil
}

// permissionTarget returns a permission as a target of the gate.
func permissionTarget(c *operation.Call, n name) (authz.Target, error) {
	t := authz.Target{ARN: n.String(), Keys: map[string][]string{"ram:PermissionArn": {n.String()}}}
	p, err := sharing.ReadPermission(c.Tx, t.ARN)
	if errors.Is(err, store.ErrNotFound) {
		return t, nil // the handler returns the error
	}
	if err == nil {
		t.Keys["ram:PermissionResourceType"] = []string{p.ResourceType}
	}
	return t, err
}

// readPermission reads an AWS managed permission or one of the caller's account in the
// region. It returns the same error for any other permission as for one that does not
// exist.
func readPermission(c *operation.Call, text string) (*sharing.Permission, error) {
	n, err := parsePermission(text)
	if err != nil {
		return nil, err
	}
	if n.Account != awsAccount && (n.Account != c.Account() || !inRegion(c, n)) {
		return nil, errPermissionNotFound(text)
	}
	p, err := sharing.ReadPermission(c.Tx, n.String())
	if errors.Is(err, store.ErrNotFound) {
		err = errPermissionNotFound(text)
	}
	return p, err
}

// readStandardPermission is readPermission for a permission that is managed in RAM, not
// by a policy.
func readStandardPermission(c *operation.Call, arn string) (*sharing.Permission, error) {
	p, err := readPermission(c, arn)
	if err == nil && p.FeatureSet != sharing.Standard {
		err = errOperationNotPermitted("The permission %s was created from a resource-based policy and is not managed in RAM. "+
			"Use PromotePermissionCreatedFromPolicy to create one that is.", p.ARN)
	}
	return p, err
}

// authorizePermission is readStandardPermission for a permission that a request names
// in addition to its target: the caller must be allowed the operation on it, too.
func authorizePermission(c *operation.Call, op, arn string) (*sharing.Permission, error) {
	n, err := parsePermission(arn)
	switch {
	case err != nil:
		return nil, err
	case n.Account != awsAccount && n.Account != c.Account():
		return nil, errPermissionNotFound(arn)
	}
	t, err := permissionTarget(c, n)
	if err != nil {
		return nil, err
	}
	if err := c.Authorize(api.Name+":"+op, t); err != nil {
		return nil, err
	}
	return readStandardPermission(c, arn)
}

// checkTaggablePermission returns an error if a permission cannot be tagged.
func checkTaggablePermission(c *operation.Call, n name) error {
	_, err := readStandardPermission(c, n.String())
	return err
}
