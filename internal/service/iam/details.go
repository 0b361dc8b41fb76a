package iam

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// detail is one entry of GetAccountAuthorizationDetails; one of its fields is set.
type detail struct {
	user   *UserDetail
	group  *GroupDetail
	role   *RoleDetail
	policy *ManagedPolicyDetail
}

// getAccountAuthorizationDetails pages through the entities of the account in the order of
// their ARNs, then through the AWS managed policies that it uses.
func getAccountAuthorizationDetails(c *operation.Call, in *GetAccountAuthorizationDetailsInput) (*GetAccountAuthorizationDetailsOutput, error) {
	p, err := paginate(apiGetAccountAuthorizationDetails.Name, in.Marker, in.MaxItems, func(after string) iter.Seq2[operation.Keyed[detail], error] {
		return details(c, in.Filter, after)
	})
	if err != nil {
		return nil, err
	}
	out := &GetAccountAuthorizationDetailsOutput{
		UserDetailList: []UserDetail{}, GroupDetailList: []GroupDetail{}, RoleDetailList: []RoleDetail{}, Policies: []ManagedPolicyDetail{},
		IsTruncated: p.truncated, Marker: p.marker,
	}
	for _, d := range p.items {
		switch {
		case d.user != nil:
			out.UserDetailList = append(out.UserDetailList, *d.user)
		case d.group != nil:
			out.GroupDetailList = append(out.GroupDetailList, *d.group)
		case d.role != nil:
			out.RoleDetailList = append(out.RoleDetailList, *d.role)
		case d.policy != nil:
			out.Policies = append(out.Policies, *d.policy)
		}
	}
	return out, nil
}

// entityTypes are the kinds in the spelling of the filter.
var entityTypes = map[identity.Kind]EntityType{
	identity.UserKind:   EntityTypeUser,
	identity.GroupKind:  EntityTypeGroup,
	identity.RoleKind:   EntityTypeRole,
	identity.PolicyKind: EntityTypeLocalManagedPolicy,
}

func details(c *operation.Call, filter []EntityType, after string) iter.Seq2[operation.Keyed[detail], error] {
	wanted := func(t EntityType) bool { return len(filter) == 0 || slices.Contains(filter, t) }
	return func(yield func(operation.Keyed[detail], error) bool) {
		// The prefix ends before the kind, so it selects all entities of the account.
		own := store.Query{Service: api.Name, Account: c.Account(), Prefix: newARN(c, "", "", ""), After: after}
		for r, err := range c.Tx.Resources(own) {
			t, shown := entityTypes[identity.Kind(r.Type)]
			if err == nil && (!shown || !wanted(t)) {
				continue
			}
			var d detail
			if err == nil {
				d, err = detailOf(c, r)
			}
			if !yield(operation.Keyed[detail]{Key: r.ARN, Item: d}, err) {
				return
			}
		}
		if !wanted(EntityTypeAWSManagedPolicy) {
			return
		}
		for _, p := range identity.AWSManaged(c.Partition) {
			v, err := policyView(c, p)
			if err == nil && (p.ARN <= after || *v.AttachmentCount+*v.PermissionsBoundaryUsageCount == 0) {
				continue
			}
			if !yield(operation.Keyed[detail]{Key: p.ARN, Item: detail{policy: policyDetail(p, v)}}, err) {
				return
			}
		}
	}
}

func detailOf(c *operation.Call, r store.Resource) (d detail, err error) {
	switch identity.Kind(r.Type) {
	case identity.UserKind:
		d.user, err = decoded(r, func(u identity.User) (*UserDetail, error) {
			tags, err := tagsOf(c, u.ARN)
			groups := make([]string, len(u.Groups))
			for i, arn := range u.Groups {
				groups[i] = arn[strings.LastIndexByte(arn, '/')+1:]
			}
			return &UserDetail{
				Path: &u.Path, UserName: &u.Name, UserID: &u.ID, ARN: &u.ARN, CreateDate: new(seconds(u.CreatedAt)),
				UserPolicyList: someInline(u.Grants), GroupList: groups, AttachedManagedPolicies: attachedDetails(u.Grants),
				PermissionsBoundary: boundaryView(u.Boundary), Tags: tags,
			}, err
		})
	case identity.GroupKind:
		d.group, err = decoded(r, func(g identity.Group) (*GroupDetail, error) {
			return &GroupDetail{
				Path: &g.Path, GroupName: &g.Name, GroupID: &g.ID, ARN: &g.ARN, CreateDate: new(seconds(g.CreatedAt)),
				GroupPolicyList: inlineDetails(g.Grants), AttachedManagedPolicies: attachedDetails(g.Grants),
			}, nil
		})
	case identity.RoleKind:
		d.role, err = decoded(r, func(role identity.Role) (*RoleDetail, error) { return roleDetail(c, role) })
	case identity.PolicyKind:
		d.policy, err = decoded(r, func(p identity.ManagedPolicy) (*ManagedPolicyDetail, error) {
			v, err := policyView(c, p)
			return policyDetail(p, v), err
		})
	}
	return d, err
}

func roleDetail(c *operation.Call, role identity.Role) (*RoleDetail, error) {
	v, err := fullRole(c, role)
	if err != nil {
		return nil, err
	}
	profiles, err := profilesOf(c, role.ARN)
	if err != nil {
		return nil, err
	}
	shown := make([]InstanceProfile, len(profiles))
	for i, arn := range profiles {
		p, err := identity.ReadInstanceProfile(c.Tx, arn)
		if err != nil {
			return nil, err
		}
		if shown[i], err = profileView(c)(p); err != nil {
			return nil, err
		}
	}
	return &RoleDetail{
		Path: &v.Path, RoleName: &v.RoleName, RoleID: &v.RoleID, ARN: &v.ARN, CreateDate: &v.CreateDate,
		AssumeRolePolicyDocument: v.AssumeRolePolicyDocument, InstanceProfileList: shown,
		RolePolicyList: inlineDetails(role.Grants), AttachedManagedPolicies: attachedDetails(role.Grants),
		PermissionsBoundary: v.PermissionsBoundary, Tags: v.Tags, RoleLastUsed: v.RoleLastUsed,
	}, nil
}

// someInline are the inline policies of a user; nil if it has none, as AWS has it for users
// alone.
func someInline(g identity.Grants) []PolicyDetail {
	if len(g.Policies) == 0 {
		return nil
	}
	return inlineDetails(g)
}

func inlineDetails(g identity.Grants) []PolicyDetail {
	list := []PolicyDetail{}
	for _, name := range slices.Sorted(maps.Keys(g.Policies)) {
		list = append(list, PolicyDetail{PolicyName: &name, PolicyDocument: escaped(g.Policies[name])})
	}
	return list
}

func attachedDetails(g identity.Grants) []AttachedPolicy {
	list := make([]AttachedPolicy, len(g.Attached))
	for i, arn := range g.Attached {
		list[i] = attachedView(arn)
	}
	return list
}

func policyDetail(p identity.ManagedPolicy, v Policy) *ManagedPolicyDetail {
	d := &ManagedPolicyDetail{
		PolicyName: v.PolicyName, PolicyID: v.PolicyID, ARN: v.ARN, Path: v.Path, DefaultVersionID: v.DefaultVersionID,
		AttachmentCount: v.AttachmentCount, PermissionsBoundaryUsageCount: v.PermissionsBoundaryUsageCount,
		IsAttachable: v.IsAttachable, Description: optional(p.Description), CreateDate: v.CreateDate, UpdateDate: v.UpdateDate,
	}
	for _, version := range p.Versions {
		d.PolicyVersionList = append(d.PolicyVersionList, versionView(p, version, true))
	}
	return d
}
