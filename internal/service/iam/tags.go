package iam

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// setTags adds tags to an entity. The keys of users and roles are not case-sensitive; the
// last spelling is kept.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func setTags(c *operation.Call, arn string, tags []Tag) error {
	has, err := c.Tx.Tags(arn)
	if err != nil {
		return err
	}
	rules := tagRulesOf(arn)
	set, gone := map[string]string{}, []string{}
	for _, tag := range tags {
		if len(rules.matching(set, tag.Key)) > 0 {
			return errInvalidInput("%s", rules.duplicate)
		}
		if strings.HasPrefix(strings.ToLower(tag.Key), "aws:") {
			return errInvalidInput("Tag keys that begin with aws: are reserved.")
		}
		set[tag.Key] = tag.Value
		gone = append(gone, rules.matching(has, tag.Key)...)
	}
	if len(has)-len(gone)+len(set) > maxTags {
		return errLimitExceeded("The number of tags has reached the maximum limit.")
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
		gone = append(gone, tagRulesOf(arn).matching(has, key)...)
	}
	return c.Tx.DeleteTags(arn, gone)
}

// tagRules are how the tags of a kind of entity behave.
type tagRules struct {
	equal     func(a, b string) bool
	compare   func(a, b string) int // of keys, in lists
	duplicate string                // the text of the error for a key that is given twice
}

// Users and roles could be tagged years before other entities, and their tags still behave
// in another way: recorded answers of AWS.
var (
	foldedTags = tagRules{strings.EqualFold, strings.Compare, "Duplicate tag keys found. Please note that Tag keys are case insensitive."}
	exactTags  = tagRules{
		func(a, b string) bool { return a == b },
		func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) },
		"Duplicate tag keys found.",
	}
)

func tagRulesOf(arn string) tagRules {
	if kind := identity.KindOf(arn); kind == identity.UserKind || kind == identity.RoleKind {
		return foldedTags
	}
	return exactTags
}

// matching are the keys of tags that equal key.
func (r tagRules) matching(tags map[string]string, key string) (keys []string) {
	for k := range tags {
		if r.equal(k, key) {
			keys = append(keys, k)
		}
	}
	return keys
}

// tagsOf are the tags of an entity, in their order; nil if it has none.
func tagsOf(c *operation.Call, arn string) ([]Tag, error) {
	tags, err := c.Tx.Tags(arn)
	var list []Tag
	for _, key := range slices.SortedFunc(maps.Keys(tags), tagRulesOf(arn).compare) {
		list = append(list, Tag{key, tags[key]})
	}
	return list, err
}

// allTags are the tags of an entity in an output that has the member Tags even if there
// are none.
func allTags(c *operation.Call, arn string) ([]Tag, error) {
	tags, err := tagsOf(c, arn)
	return append([]Tag{}, tags...), err
}

func listTags(c *operation.Call, op, arn string, marker *string, maxItems *int) (page[Tag], error) {
	tags, err := tagsOf(c, arn)
	if err != nil {
		return page[Tag]{}, err
	}
	return inOrder(op, marker, maxItems, tags, same)
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
