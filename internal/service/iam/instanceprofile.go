package iam

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

func createInstanceProfile(c *operation.Call, in *CreateInstanceProfileInput) (*CreateInstanceProfileOutput, error) {
	if err := checkNameAvailable(c, identity.InstanceProfileKind, in.InstanceProfileName); err != nil {
		return nil, err
	}
	if err := checkQuota(c, identity.InstanceProfileKind); err != nil {
		return nil, err
	}
	p := identity.NewInstanceProfile(c.Partition, c.Account(), pathOr(in.Path), in.InstanceProfileName)
	p.CreatedAt = c.Now
	if err := identity.PutInstanceProfile(c.Tx, p, c.Now); err != nil {
		return nil, err
	}
	if err := setTags(c, p.ARN, in.Tags); err != nil {
		return nil, err
	}
	v, err := createdProfile(c, p, in.Tags)
	return &CreateInstanceProfileOutput{InstanceProfile: v}, err
}

func getInstanceProfile(c *operation.Call, in *GetInstanceProfileInput) (*GetInstanceProfileOutput, error) {
	p, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	v, err := fullProfile(c, p)
	return &GetInstanceProfileOutput{InstanceProfile: v}, err
}

func listInstanceProfiles(c *operation.Call, in *ListInstanceProfilesInput) (*ListInstanceProfilesOutput, error) {
	p, err := stored(c, apiListInstanceProfiles.Name, identity.InstanceProfileKind, in.PathPrefix, in.Marker, in.MaxItems, profileView(c))
	if err != nil {
		return nil, err
	}
	return &ListInstanceProfilesOutput{InstanceProfiles: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// profilesOf are the ARNs of the instance profiles with a role.
func profilesOf(c *operation.Call, role string) (profiles []string, err error) {
	users, err := c.Tx.ReferencedBy(role, 0)
	for _, arn := range users {
		if identity.KindOf(arn) == identity.InstanceProfileKind {
			profiles = append(profiles, arn)
		}
	}
	return profiles, err
}

func listInstanceProfilesForRole(c *operation.Call, in *ListInstanceProfilesForRoleInput) (*ListInstanceProfilesForRoleOutput, error) {
	role, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	profiles, err := profilesOf(c, role.ARN)
	if err != nil {
		return nil, err
	}
	p, err := listed(apiListInstanceProfilesForRole.Name, in.Marker, in.MaxItems, profiles, identityKey, func(arn string) (InstanceProfile, error) {
		p, err := identity.ReadInstanceProfile(c.Tx, arn)
		if err != nil {
			return InstanceProfile{}, err
		}
		return profileView(c)(p)
	})
	if err != nil {
		return nil, err
	}
	return &ListInstanceProfilesForRoleOutput{InstanceProfiles: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// addRoleToInstanceProfile makes the role available to the instances of the profile, so the
// caller needs iam:PassRole.
func addRoleToInstanceProfile(c *operation.Call, in *AddRoleToInstanceProfileInput) (*AddRoleToInstanceProfileOutput, error) {
	p, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	role, err := findModifiableRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := c.PassRole(role.ARN, "ec2.amazonaws.com"); err != nil {
		return nil, err
	}
	if p.Role != "" {
		return nil, exceeds("InstanceSessionsPerInstanceProfile", 1)
	}
	p.Role = role.ARN
	return &AddRoleToInstanceProfileOutput{}, identity.PutInstanceProfile(c.Tx, p, c.Now)
}

func removeRoleFromInstanceProfile(c *operation.Call, in *RemoveRoleFromInstanceProfileInput) (*RemoveRoleFromInstanceProfileOutput, error) {
	p, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	role, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if p.Role != role.ARN {
		return nil, errNoSuchEntity("Role %s in Instance Profile %s cannot be found.", in.RoleName, in.InstanceProfileName)
	}
	p.Role = ""
	return &RemoveRoleFromInstanceProfileOutput{}, identity.PutInstanceProfile(c.Tx, p, c.Now)
}

func deleteInstanceProfile(c *operation.Call, in *DeleteInstanceProfileInput) (*DeleteInstanceProfileOutput, error) {
	p, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if p.Role != "" {
		return nil, errDeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
	}
	return &DeleteInstanceProfileOutput{}, c.Tx.DeleteResource(p.ARN)
}
