package ram

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// Limits of tags.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// tagMap returns tags by key; nil if there is no list.
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

// tagList returns the tags on an ARN as responses show them, sorted by key.
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

// setTags validates tags and adds them to an ARN.
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
	if err := operation.SetTags(c, arn, set, errTagPolicyViolation); err != nil {
		return err
	}
	all, err := c.Tx.Tags(arn)
	if err == nil && len(all) > maxTags { // the error rolls the transaction back
		err = errTagLimitExceeded("A resource may have at most %d tags.", maxTags)
	}
	return err
}

// tagTarget returns the target of a request that names a share or, in newer clients, any
// resource with tags: a share or a customer managed permission.
func tagTarget(c *operation.Call, share, resource *string) (authz.Target, error) {
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

func tagResourceTarget(c *operation.Call, in *TagResourceInput) (authz.Target, error) {
	t, err := tagTarget(c, in.ResourceShareARN, in.ResourceARN)
	t.RequestTags = tagMap(in.Tags)
	return t, err
}

func untagResourceTarget(c *operation.Call, in *UntagResourceInput) (authz.Target, error) {
	t, err := tagTarget(c, in.ResourceShareARN, in.ResourceARN)
	t.TagKeys = in.TagKeys
	return t, err
}

// taggableARN returns the ARN of the resource that a request tags, or an error if it
// cannot be tagged. A share created from a policy cannot.
func taggableARN(c *operation.Call, share, resource *string) (string, error) {
	t, err := tagTarget(c, share, resource)
	if err != nil {
		return "", err
	}
	if n, err := parseName(permissionType, t.ARN); err == nil {
		return t.ARN, checkTaggablePermission(c, n)
	}
	_, err = readModifiableShare(c, t.ARN)
	return t.ARN, err
}

func (s *ram) tagResource(c *operation.Call, in *TagResourceInput) (*TagResourceOutput, error) {
	arn, err := taggableARN(c, in.ResourceShareARN, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &TagResourceOutput{}, setTags(c, arn, in.Tags)
}

func (s *ram) untagResource(c *operation.Call, in *UntagResourceInput) (*UntagResourceOutput, error) {
	arn, err := taggableARN(c, in.ResourceShareARN, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, c.Tx.DeleteTags(arn, in.TagKeys)
}
