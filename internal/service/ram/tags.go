package ram

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// What tags may be.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// tagMap is a list of tags by key; nil where there is no list.
func tagMap(tags []Tag) map[string]string {
	if tags == nil {
		return nil
	}
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		if t.Key != nil {
			m[*t.Key] = ""
			if t.Value != nil {
				m[*t.Key] = *t.Value
			}
		}
	}
	return m
}

// tagList is the tags on an ARN as answers give them, by key.
func tagList(c *operation.Call, arn string) ([]Tag, error) {
	tags, err := c.Tx.Tags(arn)
	if err != nil {
		return nil, err
	}
	list := make([]Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{Key: &key, Value: new(tags[key])})
	}
	return list, nil
}

// setTags adds tags to those on an ARN.
func setTags(c *operation.Call, arn string, tags []Tag) error {
	for _, t := range tags {
		switch {
		case t.Key == nil || *t.Key == "":
			return errInvalidParameter("A tag must have a key.")
		case utf8.RuneCountInString(*t.Key) > maxTagKey:
			return errInvalidParameter("A tag key may have at most %d characters.", maxTagKey)
		case t.Value != nil && utf8.RuneCountInString(*t.Value) > maxTagValue:
			return errInvalidParameter("A tag value may have at most %d characters.", maxTagValue)
		case strings.HasPrefix(strings.ToLower(*t.Key), "aws:"):
			return errInvalidParameter("Tags beginning with aws: are reserved.")
		}
	}
	set := tagMap(tags)
	if len(set) < len(tags) {
		return errInvalidParameter("A tag key may be given only once.")
	}
	if err := c.Tx.SetTags(arn, set); err != nil {
		return err
	}
	all, err := c.Tx.Tags(arn)
	if err == nil && len(all) > maxTags { // and nothing is kept: the transaction ends with the error
		err = errTagLimitExceeded("A resource may have at most %d tags.", maxTags)
	}
	return err
}

// taggable is the target of a call that names a share, or in newer clients any
// resource of RAM that has tags: a share or a customer's permission.
func taggable(c *operation.Call, share, resource *string) (authz.Target, error) {
	switch {
	case share != nil && resource != nil && *share != *resource:
		return authz.Target{}, errInvalidParameter("Specify either resourceShareArn or resourceArn.")
	case share != nil:
		t, err := ownShareTarget(c, *share)
		return authz.Target{ARN: t.ARN}, err
	case resource == nil:
		return authz.Target{}, errInvalidParameter("Specify either resourceShareArn or resourceArn.")
	}
	if _, err := parseName(permissionType, *resource); err == nil {
		return authz.Target{ARN: *resource}, nil
	}
	t, err := ownShareTarget(c, *resource)
	return authz.Target{ARN: t.ARN}, err
}

func tagged(c *operation.Call, in *TagResourceInput) (authz.Target, error) {
	t, err := taggable(c, in.ResourceShareARN, in.ResourceARN)
	t.RequestTags = tagMap(in.Tags)
	return t, err
}

func untagged(c *operation.Call, in *UntagResourceInput) (authz.Target, error) {
	t, err := taggable(c, in.ResourceShareARN, in.ResourceARN)
	t.TagKeys = in.TagKeys
	return t, err
}

// tagHolder is the ARN of what a call tags, if it is there. A share that follows
// a policy has no tags, as it cannot be changed.
func tagHolder(c *operation.Call, share, resource *string) (string, error) {
	t, err := taggable(c, share, resource)
	if err != nil {
		return "", err
	}
	if n, err := parseName(permissionType, t.ARN); err == nil {
		return t.ARN, taggablePermission(c, n)
	}
	_, err = changeable(c, t.ARN)
	return t.ARN, err
}

func (s *ram) tagResource(c *operation.Call, in *TagResourceInput) (*TagResourceOutput, error) {
	arn, err := tagHolder(c, in.ResourceShareARN, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &TagResourceOutput{}, setTags(c, arn, in.Tags)
}

func (s *ram) untagResource(c *operation.Call, in *UntagResourceInput) (*UntagResourceOutput, error) {
	arn, err := tagHolder(c, in.ResourceShareARN, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, c.Tx.DeleteTags(arn, in.TagKeys)
}
