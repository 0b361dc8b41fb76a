package kms

import (
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// maxTags is the maximum number of tags of a key.
const maxTags = 50

// tagMap returns the tags for the gate; nil if there are none.
func tagMap(tags []Tag) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	m := map[string]string{}
	for _, t := range tags {
		m[t.TagKey] = t.TagValue
	}
	return m
}

// tagged returns the target of TagResource.
func (s *kms) tagged(c *operation.Call, in *TagResourceInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiTagResource.Name)
	target.RequestTags = tagMap(in.Tags)
	return target, err
}

// untagged returns the target of UntagResource.
func (s *kms) untagged(c *operation.Call, in *UntagResourceInput) (authz.Target, error) {
	target, err := ownTarget(c, in.KeyID, apiUntagResource.Name)
	target.TagKeys = in.TagKeys
	return target, err
}

func (s *kms) tagResource(c *operation.Call, in *TagResourceInput) (*TagResourceOutput, error) {
	k, err := findActive(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	return &TagResourceOutput{}, addTags(c, k, in.Tags)
}

// addTags tags a key. If the key has too many tags, the transaction fails and nothing is stored.
func addTags(c *operation.Call, k *keys.Key, tags []Tag) error {
	m := tagMap(tags)
	if len(m) < len(tags) {
		return errTag("Duplicate tag keys")
	}
	for key := range m {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return errTag("Tags beginning with aws: are reserved")
		}
	}
	if err := operation.SetTags(c, k.ARN(), m, errTag); err != nil {
		return err
	}
	all, err := c.Tx.Tags(k.ARN())
	if err == nil && len(all) > maxTags {
		err = errTag("Too many tags")
	}
	return err
}

func (s *kms) untagResource(c *operation.Call, in *UntagResourceInput) (*UntagResourceOutput, error) {
	k, err := findActive(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, c.Tx.DeleteTags(k.ARN(), in.TagKeys)
}

func (s *kms) listResourceTags(c *operation.Call, in *ListResourceTagsInput) (*ListResourceTagsOutput, error) {
	k, err := find(c, in.KeyID)
	if err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(k.ARN())
	if err != nil {
		return nil, err
	}
	p, err := page(apiListResourceTags.Name, tagPages, in.Limit, in.Marker, slices.Sorted(maps.Keys(tags)), func(key string) string { return key })
	out := &ListResourceTagsOutput{Tags: []Tag{}, NextMarker: p.Next, Truncated: new(p.Next != nil)}
	for _, key := range p.Items {
		out.Tags = append(out.Tags, Tag{TagKey: key, TagValue: tags[key]})
	}
	return out, err
}
