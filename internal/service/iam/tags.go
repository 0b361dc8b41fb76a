package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// setTags adds tags to an entity. Keys are not case-sensitive; the last spelling is kept.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func setTags(c *operation.Call, arn string, tags []Tag) error {
	has, err := c.Tx.Tags(arn)
	if err != nil {
		return err
	}
	set, gone := map[string]string{}, []string{}
	for _, tag := range tags {
		if len(matching(set, tag.Key)) > 0 {
			return errInvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if strings.HasPrefix(strings.ToLower(tag.Key), "aws:") {
			return errInvalidInput("Tag keys that begin with aws: are reserved.")
		}
		set[tag.Key] = tag.Value
		gone = append(gone, matching(has, tag.Key)...)
	}
	if len(has)-len(gone)+len(set) > maxTags {
		return exceeds("TagsPerResource", maxTags)
	}
	if err := c.Tx.DeleteTags(arn, gone); err != nil {
		return err
	}
	return c.Tx.SetTags(arn, set)
}

func removeTags(c *operation.Call, arn string, keys []string) error {
	has, err := c.Tx.Tags(arn)
	if err != nil {
		return err
	}
	var gone []string
	for _, key := range keys {
		gone = append(gone, matching(has, key)...)
	}
	return c.Tx.DeleteTags(arn, gone)
}

// matching are the keys of tags that equal key ignoring case.
func matching(tags map[string]string, key string) (keys []string) {
	for k := range tags {
		if strings.EqualFold(k, key) {
			keys = append(keys, k)
		}
	}
	return keys
}

// tagsOf are the tags of an entity, in the order of their keys; nil if it has none.
func tagsOf(c *operation.Call, arn string) ([]Tag, error) {
	tags, err := c.Tx.Tags(arn)
	return tagList(tags), err
}

func tagList(tags map[string]string) (list []Tag) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{key, tags[key]})
	}
	return list
}

func listTags(c *operation.Call, op, arn string, marker *string, maxItems *int) (page[Tag], error) {
	tags, err := tagsOf(c, arn)
	if err != nil {
		return page[Tag]{}, err
	}
	return listed(op, marker, maxItems, tags, func(t Tag) string { return t.Key }, same)
}

func tagUser(c *operation.Call, in *TagUserInput) (*TagUserOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &TagUserOutput{}, setTags(c, u.ARN, in.Tags)
}

func untagUser(c *operation.Call, in *UntagUserInput) (*UntagUserOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &UntagUserOutput{}, removeTags(c, u.ARN, in.TagKeys)
}

func listUserTags(c *operation.Call, in *ListUserTagsInput) (*ListUserTagsOutput, error) {
	u, err := findUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	tags, err := listTags(c, apiListUserTags.Name, u.ARN, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListUserTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, nil
}

func tagRole(c *operation.Call, in *TagRoleInput) (*TagRoleOutput, error) {
	role, err := findModifiableRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &TagRoleOutput{}, setTags(c, role.ARN, in.Tags)
}

func untagRole(c *operation.Call, in *UntagRoleInput) (*UntagRoleOutput, error) {
	role, err := findModifiableRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &UntagRoleOutput{}, removeTags(c, role.ARN, in.TagKeys)
}

func listRoleTags(c *operation.Call, in *ListRoleTagsInput) (*ListRoleTagsOutput, error) {
	role, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	tags, err := listTags(c, apiListRoleTags.Name, role.ARN, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListRoleTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, nil
}

func tagInstanceProfile(c *operation.Call, in *TagInstanceProfileInput) (*TagInstanceProfileOutput, error) {
	p, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &TagInstanceProfileOutput{}, setTags(c, p.ARN, in.Tags)
}

func untagInstanceProfile(c *operation.Call, in *UntagInstanceProfileInput) (*UntagInstanceProfileOutput, error) {
	p, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &UntagInstanceProfileOutput{}, removeTags(c, p.ARN, in.TagKeys)
}

func listInstanceProfileTags(c *operation.Call, in *ListInstanceProfileTagsInput) (*ListInstanceProfileTagsOutput, error) {
	p, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	tags, err := listTags(c, apiListInstanceProfileTags.Name, p.ARN, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListInstanceProfileTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, nil
}

func tagPolicy(c *operation.Call, in *TagPolicyInput) (*TagPolicyOutput, error) {
	p, err := findPolicy(c, in.PolicyARN)
	if err != nil {
		return nil, err
	}
	return &TagPolicyOutput{}, setTags(c, p.ARN, in.Tags)
}

func untagPolicy(c *operation.Call, in *UntagPolicyInput) (*UntagPolicyOutput, error) {
	p, err := findPolicy(c, in.PolicyARN)
	if err != nil {
		return nil, err
	}
	return &UntagPolicyOutput{}, removeTags(c, p.ARN, in.TagKeys)
}

func listPolicyTags(c *operation.Call, in *ListPolicyTagsInput) (*ListPolicyTagsOutput, error) {
	p, err := findPolicy(c, in.PolicyARN)
	if err != nil {
		return nil, err
	}
	tags, err := listTags(c, apiListPolicyTags.Name, p.ARN, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &ListPolicyTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, nil
}
