package iam

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

func createPolicy(c *operation.Call, in *CreatePolicyInput) (*CreatePolicyOutput, error) {
	if err := checkNameAvailable(c, identity.PolicyKind, in.PolicyName); err != nil {
		return nil, err
	}
	if err := checkQuota(c, identity.PolicyKind); err != nil {
		return nil, err
	}
	if err := checkManaged(in.PolicyDocument); err != nil {
		return nil, err
	}
	p := identity.NewPolicy(c.Partition, c.Account(), pathOr(in.Path), in.PolicyName, in.PolicyDocument, c.Now)
	if in.Description != nil {
		p.Description = *in.Description
	}
	if err := identity.PutPolicy(c.Tx, p, c.Now); err != nil {
		return nil, err
	}
	if err := setTags(c, p.ARN, in.Tags); err != nil {
		return nil, err
	}
	v, err := policyView(c, p)
	v.Tags = in.Tags
	return &CreatePolicyOutput{Policy: &v}, err
}

func checkManaged(document string) error {
	if err := checkIdentity(document); err != nil {
		return err
	}
	if size(document) > maxManagedSize {
		return exceeds("PolicySize", maxManagedSize)
	}
	return nil
}

// policyView is a managed policy in the output of lists, with its usage counts in the
// account.
func policyView(c *operation.Call, p identity.ManagedPolicy) (Policy, error) {
	users, err := entitiesUsing(c, p.ARN)
	return Policy{
		PolicyName: &p.Name, PolicyID: &p.ID, ARN: &p.ARN, Path: &p.Path, DefaultVersionID: &p.Default,
		AttachmentCount:               new(len(users.attached)),
		PermissionsBoundaryUsageCount: new(len(users.bounded)),
		IsAttachable:                  new(true),
		CreateDate:                    new(seconds(p.CreatedAt)),
		UpdateDate:                    new(seconds(p.UpdatedAt)),
	}, err
}

func fullPolicy(c *operation.Call, p identity.ManagedPolicy) (*Policy, error) {
	v, err := policyView(c, p)
	if err != nil {
		return nil, err
	}
	v.Description = optional(p.Description)
	v.Tags, err = allTags(c, p.ARN)
	return &v, err
}

// policyUsage are the users, groups and roles of the account to which a managed policy is
// attached, and those whose permissions boundary it is.
type policyUsage struct{ attached, bounded []entity }

// entity is a user, a group or a role of the account.
type entity struct {
	identity.Entity
	kind     identity.Kind
	grants   identity.Grants
	boundary string
}

func entitiesUsing(c *operation.Call, arn string) (policyUsage, error) {
	var u policyUsage
	arns, err := identity.EntitiesUsingPolicy(c.Tx, arn)
	if err != nil {
		return u, err
	}
	for _, user := range arns {
		e, err := readEntity(c, user)
		if err != nil {
			return u, err
		}
		if e.Account != c.Account() {
			continue
		}
		if slices.Contains(e.grants.Attached, arn) {
			u.attached = append(u.attached, e)
		}
		if e.boundary == arn {
			u.bounded = append(u.bounded, e)
		}
	}
	return u, nil
}

// readEntity reads the user, group or role at an ARN.
func readEntity(c *operation.Call, arn string) (entity, error) {
	switch identity.KindOf(arn) {
	case identity.UserKind:
		u, err := identity.ReadUser(c.Tx, arn)
		return entity{u.Entity, identity.UserKind, u.Grants, u.Boundary}, err
	case identity.GroupKind:
		g, err := identity.ReadGroup(c.Tx, arn)
		return entity{g.Entity, identity.GroupKind, g.Grants, ""}, err
	}
	role, err := identity.ReadRole(c.Tx, arn)
	return entity{role.Entity, identity.RoleKind, role.Grants, role.Boundary}, err
}

func getPolicy(c *operation.Call, in *GetPolicyInput) (*GetPolicyOutput, error) {
	p, err := findPolicy(c, in.PolicyARN)
	if err != nil {
		return nil, err
	}
	v, err := fullPolicy(c, p)
	return &GetPolicyOutput{Policy: v}, err
}

// listPolicies lists the customer managed policies, then the AWS managed ones.
func listPolicies(c *operation.Call, in *ListPoliciesInput) (*ListPoliciesOutput, error) {
	scope := PolicyScopeTypeAll
	if in.Scope != nil {
		scope = *in.Scope
	}
	wanted := func(p identity.ManagedPolicy, v Policy) bool {
		attached := *v.AttachmentCount > 0
		if in.PolicyUsageFilter != nil && *in.PolicyUsageFilter == PolicyUsageTypePermissionsBoundary {
			attached = *v.PermissionsBoundaryUsageCount > 0
		}
		return (scope != PolicyScopeTypeAws || isAWS(p)) && (scope != PolicyScopeTypeLocal || !isAWS(p)) &&
			(attached || in.OnlyAttached == nil || !*in.OnlyAttached)
	}
	p, err := paginate(apiListPolicies.Name, in.Marker, in.MaxItems, func(after string) iter.Seq2[operation.Keyed[Policy], error] {
		return func(yield func(operation.Keyed[Policy], error) bool) {
			for p, err := range managed(c, pathOr(in.PathPrefix), after) {
				var v Policy
				if err == nil {
					v, err = policyView(c, p)
				}
				if err == nil && !wanted(p, v) {
					continue
				}
				if !yield(operation.Keyed[Policy]{Key: p.ARN, Item: v}, err) {
					return
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return &ListPoliciesOutput{Policies: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// managed yields the managed policies that the account can attach, below a path and after
// an ARN: its own, then those of AWS, whose ARNs sort after those of any account.
func managed(c *operation.Call, path, after string) iter.Seq2[identity.ManagedPolicy, error] {
	return func(yield func(identity.ManagedPolicy, error) bool) {
		for r, err := range c.Tx.Resources(entities(c, identity.PolicyKind, path, after, 0)) {
			var p identity.ManagedPolicy
			if err == nil {
				p, err = decoded(r, same[identity.ManagedPolicy])
			}
			if !yield(p, err) {
				return
			}
		}
		for _, p := range identity.AWSManaged(c.Partition) {
			if strings.HasPrefix(p.Path+p.Name, path) && p.ARN > after && !yield(p, nil) {
				return
			}
		}
	}
}

func deletePolicy(c *operation.Call, in *DeletePolicyInput) (*DeletePolicyOutput, error) {
	p, err := findPolicy(c, in.PolicyARN)
	if err != nil {
		return nil, err
	}
	users, err := identity.EntitiesUsingPolicy(c.Tx, p.ARN)
	switch {
	case err != nil:
		return nil, err
	case len(users) > 0:
		return nil, errDeleteConflict("Cannot delete a policy attached to entities.")
	case len(p.Versions) > 1:
		return nil, errDeleteConflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	return &DeletePolicyOutput{}, c.Tx.DeleteResource(p.ARN)
}

// versionView is a version in outputs, optionally with its document.
func versionView(p identity.ManagedPolicy, v identity.PolicyVersion, document bool) PolicyVersion {
	shown := PolicyVersion{VersionID: &v.ID, IsDefaultVersion: new(v.ID == p.Default), CreateDate: new(seconds(v.CreatedAt))}
	if document {
		shown.Document = escaped(v.Document)
	}
	return shown
}

func createPolicyVersion(c *operation.Call, in *CreatePolicyVersionInput) (*CreatePolicyVersionOutput, error) {
	p, err := findPolicy(c, in.PolicyARN)
	if err != nil {
		return nil, err
	}
	if err := checkManaged(in.PolicyDocument); err != nil {
		return nil, err
	}
	if len(p.Versions) >= maxVersions {
		return nil, errLimitExceeded("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
	}
	v := p.AddVersion(in.PolicyDocument, in.SetAsDefault != nil && *in.SetAsDefault, c.Now)
	if err := identity.PutPolicy(c.Tx, p, c.Now); err != nil {
		return nil, err
	}
	return &CreatePolicyVersionOutput{PolicyVersion: new(versionView(p, v, false))}, nil
}

// findVersion reads a version of a managed policy.
func findVersion(c *operation.Call, arn, id string) (identity.ManagedPolicy, identity.PolicyVersion, error) {
	p, err := identity.ReadPolicy(c.Tx, arn)
	if err != nil && !isNotFound(err) {
		return p, identity.PolicyVersion{}, err
	}
	v, ok := p.Version(id)
	if !ok { // nor has a policy that does not exist
		return p, v, errNoSuchEntity("Policy %s version %s does not exist or is not attachable.", arn, id)
	}
	return p, v, nil
}

func getPolicyVersion(c *operation.Call, in *GetPolicyVersionInput) (*GetPolicyVersionOutput, error) {
	p, v, err := findVersion(c, in.PolicyARN, in.VersionID)
	if err != nil {
		return nil, err
	}
	return &GetPolicyVersionOutput{PolicyVersion: new(versionView(p, v, true))}, nil
}

// listPolicyVersions lists the newest version first.
func listPolicyVersions(c *operation.Call, in *ListPolicyVersionsInput) (*ListPolicyVersionsOutput, error) {
	p, err := findPolicy(c, in.PolicyARN)
	if err != nil {
		return nil, err
	}
	versions := slices.SortedFunc(slices.Values(p.Versions), func(a, b identity.PolicyVersion) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(len(b.ID), len(a.ID)), cmp.Compare(b.ID, a.ID))
	})
	l, err := inOrder(apiListPolicyVersions.Name, in.Marker, in.MaxItems, versions,
		func(v identity.PolicyVersion) (PolicyVersion, error) { return versionView(p, v, false), nil })
	if err != nil {
		return nil, err
	}
	return &ListPolicyVersionsOutput{Versions: l.items, IsTruncated: l.truncated, Marker: l.marker}, nil
}

func setDefaultPolicyVersion(c *operation.Call, in *SetDefaultPolicyVersionInput) (*SetDefaultPolicyVersionOutput, error) {
	p, v, err := findVersion(c, in.PolicyARN, in.VersionID)
	if err != nil {
		return nil, err
	}
	p.Default, p.UpdatedAt = v.ID, c.Now
	return &SetDefaultPolicyVersionOutput{}, identity.PutPolicy(c.Tx, p, c.Now)
}

func deletePolicyVersion(c *operation.Call, in *DeletePolicyVersionInput) (*DeletePolicyVersionOutput, error) {
	p, v, err := findVersion(c, in.PolicyARN, in.VersionID)
	if err != nil {
		return nil, err
	}
	if v.ID == p.Default {
		return nil, errDeleteConflict("Cannot delete the default version of a policy.")
	}
	p.Versions = slices.DeleteFunc(p.Versions, func(o identity.PolicyVersion) bool { return o.ID == v.ID })
	return &DeletePolicyVersionOutput{}, identity.PutPolicy(c.Tx, p, c.Now)
}

func listEntitiesForPolicy(c *operation.Call, in *ListEntitiesForPolicyInput) (*ListEntitiesForPolicyOutput, error) {
	switch _, ok, err := attachable(c, in.PolicyARN); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, errNotAttachable(in.PolicyARN)
	}
	users, err := entitiesUsing(c, in.PolicyARN)
	if err != nil {
		return nil, err
	}
	list := users.attached
	switch {
	case in.PolicyUsageFilter == nil:
		for _, e := range users.bounded {
			if !slices.Contains(e.grants.Attached, in.PolicyARN) {
				list = append(list, e)
			}
		}
	case *in.PolicyUsageFilter == PolicyUsageTypePermissionsBoundary:
		list = users.bounded
	}
	list = slices.DeleteFunc(list, func(e entity) bool {
		return !strings.HasPrefix(e.Path, pathOr(in.PathPrefix)) || in.EntityFilter != nil && !strings.EqualFold(string(*in.EntityFilter), string(e.kind))
	})
	p, err := listed(apiListEntitiesForPolicy.Name, in.Marker, in.MaxItems, list, func(e entity) string { return e.ARN }, same)
	if err != nil {
		return nil, err
	}
	out := &ListEntitiesForPolicyOutput{
		PolicyGroups: []PolicyGroup{}, PolicyUsers: []PolicyUser{}, PolicyRoles: []PolicyRole{},
		IsTruncated: p.truncated, Marker: p.marker,
	}
	for _, e := range p.items {
		switch e.kind {
		case identity.UserKind:
			out.PolicyUsers = append(out.PolicyUsers, PolicyUser{UserName: &e.Name, UserID: &e.ID})
		case identity.GroupKind:
			out.PolicyGroups = append(out.PolicyGroups, PolicyGroup{GroupName: &e.Name, GroupID: &e.ID})
		case identity.RoleKind:
			out.PolicyRoles = append(out.PolicyRoles, PolicyRole{RoleName: &e.Name, RoleID: &e.ID})
		}
	}
	return out, nil
}
