package accessanalyzer

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// maxTags is the largest number of tags of an analyzer.
const maxTags = 50

// tagged returns the target of TagResource.
func (s *accessAnalyzer) tagged(_ *operation.Call, in *TagResourceInput) (authz.Target, error) {
	return authz.Target{ARN: in.ResourceARN, RequestTags: in.Tags}, nil
}

// untagged returns the target of UntagResource.
func (s *accessAnalyzer) untagged(_ *operation.Call, in *UntagResourceInput) (authz.Target, error) {
	return authz.Target{ARN: in.ResourceARN, TagKeys: in.TagKeys}, nil
}

func (s *accessAnalyzer) tagResource(c *operation.Call, in *TagResourceInput) (*TagResourceOutput, error) {
	if _, err := readAnalyzer(c, in.ResourceARN); err != nil {
		return nil, err
	}
	if err := operation.SetTags(c, in.ResourceARN, in.Tags, errValidation); err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	if len(tags) > maxTags { // nothing is stored: the transaction fails with the error
		return nil, notValid("tags", "A resource may have at most %d tags.", maxTags)
	}
	return &TagResourceOutput{}, nil
}

func (s *accessAnalyzer) untagResource(c *operation.Call, in *UntagResourceInput) (*UntagResourceOutput, error) {
	if _, err := readAnalyzer(c, in.ResourceARN); err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, c.Tx.DeleteTags(in.ResourceARN, in.TagKeys)
}

func (s *accessAnalyzer) listTagsForResource(c *operation.Call, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	if _, err := readAnalyzer(c, in.ResourceARN); err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(in.ResourceARN)
	if tags == nil {
		tags = map[string]string{}
	}
	return &ListTagsForResourceOutput{Tags: tags}, err
}
