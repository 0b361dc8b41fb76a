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
	return operation.SetTags(c, arn, set, errInvalidInput)
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

// findARN returns the ARN of the existing entity with a name, serial number or ARN.
type findARN func(c *operation.Call, name string) (string, error)

// tag is the handler of an operation that tags an entity.
func tag[In, Out any](find findARN, name func(In) string, tags func(In) []Tag) func(*operation.Call, In) (*Out, error) {
	return func(c *operation.Call, in In) (*Out, error) {
		arn, err := find(c, name(in))
		if err != nil {
			return nil, err
		}
		return new(Out), setTags(c, arn, tags(in))
	}
}

// untag is the handler of an operation that removes tags of an entity.
func untag[In, Out any](find findARN, name func(In) string, keys func(In) []string) func(*operation.Call, In) (*Out, error) {
	return func(c *operation.Call, in In) (*Out, error) {
		arn, err := find(c, name(in))
		if err != nil {
			return nil, err
		}
		return new(Out), removeTags(c, arn, keys(in))
	}
}

// listTags returns a page of the tags of an entity.
func listTags(c *operation.Call, op string, find findARN, name string, marker *string, maxItems *int) (page[Tag], error) {
	arn, err := find(c, name)
	if err != nil {
		return page[Tag]{}, err
	}
	tags, err := tagsOf(c, arn)
	if err != nil {
		return page[Tag]{}, err
	}
	return inOrder(op, marker, maxItems, tags, same)
}

func listUserTags(c *operation.Call, in *ListUserTagsInput) (*ListUserTagsOutput, error) {
	tags, err := listTags(c, apiListUserTags.Name, findUserARN, in.UserName, in.Marker, in.MaxItems)
	return &ListUserTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, err
}

func listRoleTags(c *operation.Call, in *ListRoleTagsInput) (*ListRoleTagsOutput, error) {
	tags, err := listTags(c, apiListRoleTags.Name, findRoleARN, in.RoleName, in.Marker, in.MaxItems)
	return &ListRoleTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, err
}

func listInstanceProfileTags(c *operation.Call, in *ListInstanceProfileTagsInput) (*ListInstanceProfileTagsOutput, error) {
	tags, err := listTags(c, apiListInstanceProfileTags.Name, findProfileARN, in.InstanceProfileName, in.Marker, in.MaxItems)
	return &ListInstanceProfileTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, err
}

func listPolicyTags(c *operation.Call, in *ListPolicyTagsInput) (*ListPolicyTagsOutput, error) {
	tags, err := listTags(c, apiListPolicyTags.Name, findPolicyARN, in.PolicyARN, in.Marker, in.MaxItems)
	return &ListPolicyTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, err
}

func listMFADeviceTags(c *operation.Call, in *ListMFADeviceTagsInput) (*ListMFADeviceTagsOutput, error) {
	tags, err := listTags(c, apiListMFADeviceTags.Name, findMFADeviceARN, in.SerialNumber, in.Marker, in.MaxItems)
	return &ListMFADeviceTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, err
}

func listServerCertificateTags(c *operation.Call, in *ListServerCertificateTagsInput) (*ListServerCertificateTagsOutput, error) {
	tags, err := listTags(c, apiListServerCertificateTags.Name, findServerCertificateARN, in.ServerCertificateName, in.Marker, in.MaxItems)
	return &ListServerCertificateTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, err
}

func listOpenIDConnectProviderTags(c *operation.Call, in *ListOpenIDConnectProviderTagsInput) (*ListOpenIDConnectProviderTagsOutput, error) {
	tags, err := listTags(c, apiListOpenIDConnectProviderTags.Name, findOIDCProviderARN, in.OpenIDConnectProviderARN, in.Marker, in.MaxItems)
	return &ListOpenIDConnectProviderTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, err
}

func listSAMLProviderTags(c *operation.Call, in *ListSAMLProviderTagsInput) (*ListSAMLProviderTagsOutput, error) {
	tags, err := listTags(c, apiListSAMLProviderTags.Name, findSAMLProviderARN, in.SAMLProviderARN, in.Marker, in.MaxItems)
	return &ListSAMLProviderTagsOutput{Tags: tags.items, IsTruncated: tags.truncated, Marker: tags.marker}, err
}
