package iam

import (
	"slices"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

func createGroup(c *operation.Call, in *CreateGroupInput) (*CreateGroupOutput, error) {
	if err := checkNameAvailable(c, identity.GroupKind, in.GroupName); err != nil {
		return nil, err
	}
	if err := checkQuota(c, identity.GroupKind); err != nil {
		return nil, err
	}
	g := identity.NewGroup(c.Partition, c.Account(), pathOr(in.Path), in.GroupName)
	g.CreatedAt = c.Now
	if err := identity.PutGroup(c.Tx, g, c.Now); err != nil {
		return nil, err
	}
	v, err := groupView(g)
	return &CreateGroupOutput{Group: &v}, err
}

func getGroup(c *operation.Call, in *GetGroupInput) (*GetGroupOutput, error) {
	g, err := findGroup(c, in.GroupName)
	if err != nil {
		return nil, err
	}
	members, err := identity.GroupMembers(c.Tx, g.ARN)
	if err != nil {
		return nil, err
	}
	p, err := listed(apiGetGroup.Name, in.Marker, in.MaxItems, members, identityKey, func(arn string) (User, error) {
		u, err := identity.ReadUser(c.Tx, arn)
		if err != nil {
			return User{}, err
		}
		return userView(u)
	})
	if err != nil {
		return nil, err
	}
	v, err := groupView(g)
	return &GetGroupOutput{Group: &v, Users: p.items, IsTruncated: p.truncated, Marker: p.marker}, err
}

func listGroups(c *operation.Call, in *ListGroupsInput) (*ListGroupsOutput, error) {
	p, err := stored(c, apiListGroups.Name, identity.GroupKind, in.PathPrefix, in.Marker, in.MaxItems, groupView)
	if err != nil {
		return nil, err
	}
	return &ListGroupsOutput{Groups: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func updateGroup(c *operation.Call, in *UpdateGroupInput) (*UpdateGroupOutput, error) {
	g, err := findGroup(c, in.GroupName)
	if err != nil {
		return nil, err
	}
	path, name, err := newPathAndName(c, identity.GroupKind, g.Entity, in.NewPath, in.NewGroupName, apiUpdateGroup.Name)
	if err != nil {
		return nil, err
	}
	_, err = identity.MoveGroup(c.Tx, g, path, name, c.Now)
	return &UpdateGroupOutput{}, err
}

func deleteGroup(c *operation.Call, in *DeleteGroupInput) (*DeleteGroupOutput, error) {
	g, err := findGroup(c, in.GroupName)
	if err != nil {
		return nil, err
	}
	members, err := identity.GroupMembers(c.Tx, g.ARN)
	if err != nil {
		return nil, err
	}
	if len(members) > 0 {
		return nil, errDeleteConflict("Cannot delete entity, must remove users from group first.")
	}
	if err := checkNoPolicies(g.Grants); err != nil {
		return nil, err
	}
	return &DeleteGroupOutput{}, c.Tx.DeleteResource(g.ARN)
}

// addUserToGroup is idempotent.
func addUserToGroup(c *operation.Call, in *AddUserToGroupInput) (*AddUserToGroupOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	g, err := findGroup(c, in.GroupName)
	if err != nil {
		return nil, err
	}
	if slices.Contains(u.Groups, g.ARN) {
		return &AddUserToGroupOutput{}, nil
	}
	if len(u.Groups) >= maxGroupsOfUser {
		return nil, exceeds("GroupsPerUser", maxGroupsOfUser)
	}
	u.Groups = append(u.Groups, g.ARN)
	return &AddUserToGroupOutput{}, identity.PutUser(c.Tx, u, c.Now)
}

// removeUserFromGroup is idempotent.
func removeUserFromGroup(c *operation.Call, in *RemoveUserFromGroupInput) (*RemoveUserFromGroupOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	g, err := findGroup(c, in.GroupName)
	if err != nil {
		return nil, err
	}
	u.Groups = slices.DeleteFunc(u.Groups, func(arn string) bool { return arn == g.ARN })
	return &RemoveUserFromGroupOutput{}, identity.PutUser(c.Tx, u, c.Now)
}

func listGroupsForUser(c *operation.Call, in *ListGroupsForUserInput) (*ListGroupsForUserOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	p, err := listed(apiListGroupsForUser.Name, in.Marker, in.MaxItems, u.Groups, identityKey, func(arn string) (Group, error) {
		g, err := identity.ReadGroup(c.Tx, arn)
		if err != nil {
			return Group{}, err
		}
		return groupView(g)
	})
	if err != nil {
		return nil, err
	}
	return &ListGroupsForUserOutput{Groups: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}
