package rekognition

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// maxTags is the largest number of tags of a resource: as many as one call can contain.
const maxTags = 200

// tagged returns the target of TagResource.
func (s *rekognition) tagged(_ *operation.Call, in *TagResourceInput) (authz.Target, error) {
	return authz.Target{ARN: in.ResourceARN, RequestTags: in.Tags}, nil
}

// untagged returns the target of UntagResource.
func (s *rekognition) untagged(_ *operation.Call, in *UntagResourceInput) (authz.Target, error) {
	return authz.Target{ARN: in.ResourceARN, TagKeys: in.TagKeys}, nil
}

func (s *rekognition) tagResource(c *operation.Call, in *TagResourceInput) (*TagResourceOutput, error) {
	if _, _, err := read(c, in.ResourceARN); err != nil {
		return nil, err
	}
	if err := operation.SetTags(c, in.ResourceARN, in.Tags, errInvalidParameter); err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	if len(tags) > maxTags { // nothing is stored: the transaction fails with the error
		return nil, errServiceQuotaExceeded("A resource may have at most %d tags.", maxTags)
	}
	return &TagResourceOutput{}, nil
}

func (s *rekognition) untagResource(c *operation.Call, in *UntagResourceInput) (*UntagResourceOutput, error) {
	if _, _, err := read(c, in.ResourceARN); err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, c.Tx.DeleteTags(in.ResourceARN, in.TagKeys)
}

func (s *rekognition) listTagsForResource(c *operation.Call, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	if _, _, err := read(c, in.ResourceARN); err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(in.ResourceARN)
	return &ListTagsForResourceOutput{Tags: tags}, err
}
