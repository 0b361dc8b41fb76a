package imagebuilder

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// maxTags is how many tags a resource may have.
// https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
const maxTags = 50

// tagged is the target of TagResource.
func (s *imageBuilder) tagged(_ *operation.Call, in *TagResourceInput) (authz.Target, error) {
	return authz.Target{ARN: in.ResourceARN, RequestTags: in.Tags}, nil
}

// untagTarget is the target of UntagResource.
func (s *imageBuilder) untagTarget(_ *operation.Call, in *UntagResourceInput) (authz.Target, error) {
	return authz.Target{ARN: in.ResourceARN, TagKeys: in.TagKeys}, nil
}

func (s *imageBuilder) tagResource(c *operation.Call, in *TagResourceInput) (*TagResourceOutput, error) {
	if _, err := read(c, in.ResourceARN); err != nil {
		return nil, err
	}
	if err := operation.SetTags(c, in.ResourceARN, in.Tags, errInvalidParameterValue); err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	if len(tags) > maxTags {
		return nil, tooManyTags() // and nothing is kept: the transaction ends with the error
	}
	return &TagResourceOutput{}, nil
}

func tooManyTags() error {
	return errInvalidParameter("A resource may have at most %d tags.", maxTags)
}

func (s *imageBuilder) untagResource(c *operation.Call, in *UntagResourceInput) (*UntagResourceOutput, error) {
	if _, err := read(c, in.ResourceARN); err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, c.Tx.DeleteTags(in.ResourceARN, in.TagKeys)
}

func (s *imageBuilder) listTagsForResource(c *operation.Call, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	if _, err := read(c, in.ResourceARN); err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(in.ResourceARN)
	return &ListTagsForResourceOutput{Tags: tags}, err
}
