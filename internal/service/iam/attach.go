package iam

import (
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// attachable reads a managed policy that the account can attach: its own or one of AWS.
func attachable(c *operation.Call, arn string) (identity.ManagedPolicy, bool, error) {
	p, err := identity.ReadPolicy(c.Tx, arn)
	if isNotFound(err) || err == nil && !isAttachable(c, p) {
		return identity.ManagedPolicy{}, false, nil
	}
	return p, err == nil, err
}

// isAttachable reports whether a managed policy is in the partition of the request, and
// belongs to the caller's account or is AWS managed.
func isAttachable(c *operation.Call, p identity.ManagedPolicy) bool {
	return strings.HasPrefix(p.ARN, "arn:"+c.Partition+":") && (p.Account == c.Account() || isAWS(p))
}

// isAWS reports whether a managed policy is AWS managed.
func isAWS(p identity.ManagedPolicy) bool { return p.Account == "aws" }

// attach attaches a managed policy to a user, group or role. It is idempotent.
func attach(c *operation.Call, find findOwner, name, arn string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	h, err := find(c, name)
	if err != nil {
		return err
	}
	p, ok, err := attachable(c, arn)
	switch {
	case err != nil:
		return err
	case !ok:
		return errNotAttachable(arn)
	case p.ForService():
		return errPolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
	case slices.Contains(h.grants.Attached, arn):
		return nil
	case len(h.grants.Attached) >= maxAttached:
		return exceeds(h.quota, maxAttached)
	}
	h.grants.Attached = append(h.grants.Attached, arn)
	return h.save()
}

func errNotAttachable(policy string) error {
	return errNoSuchEntity("Policy %s does not exist or is not attachable.", policy)
}

// checkPolicyARN tells a text that is no ARN from an ARN of something else.
func checkPolicyARN(text string) error {
	if _, err := arn.Parse(text); err != nil {
		return invalid("ARN %s is not valid.", text)
	}
	if identity.KindOf(text) != identity.PolicyKind {
		return errInvalidInput("ARN %s is not valid.", text)
	}
	return nil
}

func detach(c *operation.Call, find findOwner, name, arn string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	h, err := find(c, name)
	if err != nil {
		return err
	}
	i := slices.Index(h.grants.Attached, arn)
	if i < 0 {
		return errNoSuchEntity("Policy %s was not found.", arn)
	}
	h.grants.Attached = slices.Delete(h.grants.Attached, i, i+1)
	return h.save()
}

func listAttached(c *operation.Call, op string, find findOwner, name string, path, marker *string, maxItems *int) (page[AttachedPolicy], error) {
	h, err := find(c, name)
	if err != nil {
		return page[AttachedPolicy]{}, err
	}
	below := slices.DeleteFunc(slices.Clone(h.grants.Attached), func(arn string) bool { return !strings.HasPrefix(policyPath(arn), pathOr(path)) })
	return listed(op, marker, maxItems, below, identityKey, func(arn string) (AttachedPolicy, error) { return attachedView(arn), nil })
}

// policyPath is the path and name of the policy at an ARN.
func policyPath(arn string) string {
	_, path, _ := strings.Cut(arn, ":policy")
	return path
}

func attachedView(arn string) AttachedPolicy {
	return AttachedPolicy{PolicyName: new(arn[strings.LastIndexByte(arn, '/')+1:]), PolicyARN: &arn}
}

// newBoundary is the ARN of the requested permissions boundary; "" if there is none.
func newBoundary(c *operation.Call, arn *string) (string, error) {
	if arn == nil {
		return "", nil
	}
	if err := checkPolicyARN(*arn); err != nil {
		return "", err
	}
	_, ok, err := attachable(c, *arn)
	if err == nil && !ok {
		err = errNoSuchEntity("Scope ARN: %s does not exist or is not attachable.", *arn)
	}
	return *arn, err
}

func putUserPermissionsBoundary(c *operation.Call, in *PutUserPermissionsBoundaryInput) (*PutUserPermissionsBoundaryOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if u.Boundary, err = newBoundary(c, &in.PermissionsBoundary); err != nil {
		return nil, err
	}
	return &PutUserPermissionsBoundaryOutput{}, identity.PutUser(c.Tx, u, c.Now)
}

func deleteUserPermissionsBoundary(c *operation.Call, in *DeleteUserPermissionsBoundaryInput) (*DeleteUserPermissionsBoundaryOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if u.Boundary == "" {
		return nil, errNoSuchEntity("The user with name %s has no permissions boundary.", in.UserName)
	}
	u.Boundary = ""
	return &DeleteUserPermissionsBoundaryOutput{}, identity.PutUser(c.Tx, u, c.Now)
}

func putRolePermissionsBoundary(c *operation.Call, in *PutRolePermissionsBoundaryInput) (*PutRolePermissionsBoundaryOutput, error) {
	role, err := findModifiableRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if role.Boundary, err = newBoundary(c, &in.PermissionsBoundary); err != nil {
		return nil, err
	}
	return &PutRolePermissionsBoundaryOutput{}, identity.PutRole(c.Tx, role, c.Now)
}

func deleteRolePermissionsBoundary(c *operation.Call, in *DeleteRolePermissionsBoundaryInput) (*DeleteRolePermissionsBoundaryOutput, error) {
	role, err := findModifiableRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if role.Boundary == "" {
		return nil, errNoSuchEntity("The role with name %s has no permissions boundary.", in.RoleName)
	}
	role.Boundary = ""
	return &DeleteRolePermissionsBoundaryOutput{}, identity.PutRole(c.Tx, role, c.Now)
}
