package organizations

import (
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// maxTags is the quota of tags of a resource.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
const maxTags = 50

func tagMap(tags []Tag) map[string]string {
	if tags == nil {
		return nil
	}
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}

// taggable is the target with an id. A policy's type is a condition key.
func (c *call) taggable(id string) (authz.Target, error) {
	switch {
	case strings.HasPrefix(id, "p-"):
		return c.policyTarget(id)
	case strings.HasPrefix(id, "rp-"):
		return authz.Target{ARN: c.org.TypeARN("resourcepolicy") + id}, nil
	}
	return authz.Target{ARN: c.org.NodeARN(id)}, nil
}

// tagTarget is taggable for a resource that exists.
func (c *call) tagTarget(id string) (string, error) {
	t, err := c.taggable(id)
	if err != nil {
		return "", err
	}
	switch {
	case strings.HasPrefix(id, "p-"):
		_, err = c.ownPolicy(id)
	case strings.HasPrefix(id, "rp-"):
		if id != c.org.ResourcePolicyID {
			err = errNoTarget()
		}
	default:
		_, err = c.node(id, errNoTarget())
	}
	if err != nil && known(err) {
		err = errNoTarget()
	}
	return t.ARN, err
}

func (o *organizations) tagged(c *call, in *TagResourceInput) (authz.Target, error) {
	t, err := c.taggable(in.ResourceID)
	t.RequestTags = tagMap(in.Tags)
	return t, err
}

func (o *organizations) untagged(c *call, in *UntagResourceInput) (authz.Target, error) {
	t, err := c.taggable(in.ResourceID)
	t.TagKeys = in.TagKeys
	return t, err
}

func (o *organizations) listed(c *call, in *ListTagsForResourceInput) (authz.Target, error) {
	return c.taggable(in.ResourceID)
}

func (o *organizations) tagResource(c *call, in *TagResourceInput) (*TagResourceOutput, error) {
	arn, err := c.tagTarget(in.ResourceID)
	if err != nil {
		return nil, err
	}
	return &TagResourceOutput{}, c.tag(arn, in.Tags)
}

// tagPolicyViolation returns the error for tags that the tag policy of the account rejects.
func tagPolicyViolation(format string, args ...any) *awserr.Error {
	return violated("TAG_POLICY_VIOLATION", format, args...)
}

// tag adds tags to a resource.
func (c *call) tag(arn string, tags []Tag) error {
	if err := checkTags(tags); err != nil {
		return err
	}
	if err := operation.SetTags(c.Call, arn, tagMap(tags), tagPolicyViolation); err != nil {
		return err
	}
	all, err := c.Tx.Tags(arn)
	if err == nil && len(all) > maxTags {
		err = violated("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the %d tags that a resource may have.", maxTags)
	}
	return err
}

// checkTags returns an error for duplicate and reserved keys.
func checkTags(tags []Tag) error {
	seen := map[string]bool{}
	for _, t := range tags {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return badInput("INVALID_SYSTEM_TAGS_PARAMETER", "Tag keys that begin with aws: are reserved.")
		}
		if seen[t.Key] {
			return badInput("DUPLICATE_TAG_KEY", "You have specified duplicate tag keys.")
		}
		seen[t.Key] = true
	}
	return nil
}

// tagNew sets the tags of a new resource.
func (c *call) tagNew(arn string, tags []Tag) error {
	if err := c.mayTagNew(arn, tags); err != nil {
		return err
	}
	return c.tag(arn, tags)
}

// mayTagNew authorizes the tags of a new resource: creating one with tags requires the
// permission to tag it.
func (c *call) mayTagNew(arn string, tags []Tag) error {
	if len(tags) == 0 {
		return nil
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	return c.also(managers, apiTagResource.Name, authz.Target{ARN: arn, RequestTags: tagMap(tags)})
}

func (o *organizations) untagResource(c *call, in *UntagResourceInput) (*UntagResourceOutput, error) {
	arn, err := c.tagTarget(in.ResourceID)
	if err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, c.Tx.DeleteTags(arn, in.TagKeys)
}

// untagAll deletes the tags of a resource that has no row.
func (c *call) untagAll(arn string) error {
	tags, err := c.Tx.Tags(arn)
	if err != nil {
		return err
	}
	return c.Tx.DeleteTags(arn, slices.Collect(maps.Keys(tags)))
}

func (o *organizations) listTags(c *call, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	arn, err := c.tagTarget(in.ResourceID)
	if err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(arn)
	if err != nil {
		return nil, err
	}
	list := []Tag{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{Key: key, Value: tags[key]})
	}
	p, err := page(apiListTagsForResource.Name, new(maxTags), in.NextToken, sorted(list, func(t Tag) string { return t.Key }))
	return &ListTagsForResourceOutput{Tags: p.Items, NextToken: p.Next}, err
}
