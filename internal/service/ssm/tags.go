package ssm

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// maxTags is the largest number of tags of a resource.
const maxTags = 50

// tagMap returns the tags of a request as a map.
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

// newTags returns the tags of a request after checking them.
func newTags(tags []Tag) (map[string]string, error) {
	m := tagMap(tags)
	switch {
	case len(m) < len(tags):
		return nil, notValid("Duplicate tag keys are not allowed.")
	case len(m) > maxTags:
		return nil, errTooManyTags("%s", textManyTags)
	}
	for key := range m {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return nil, notValid("Tag keys that begin with aws: are reserved: %s.", key)
		}
	}
	return m, nil
}

// taggedTarget returns the target of the tagging operations: a parameter or a document of the caller by its
// name, an OpsItem by its id, an OpsMetadata object by its resource.
func taggedTarget(c *operation.Call, typ ResourceTypeForTagging, id string) authz.Target {
	switch typ {
	case ResourceTypeForTaggingParameter:
		return authz.Target{ARN: ownARN(c, id)}
	case ResourceTypeForTaggingOpsItem:
		return opsItemTarget(c, c.Account(), id)
	case ResourceTypeForTaggingDocument:
		return authz.Target{ARN: documentARN(c, id)}
	case ResourceTypeForTaggingOpsMetadata:
		return authz.Target{ARN: opsMetadataARN(c, id)}
	}
	return authz.Target{ARN: "*"}
}

func addTagsTarget(c *operation.Call, in *AddTagsToResourceInput) (authz.Target, error) {
	t := taggedTarget(c, in.ResourceType, in.ResourceID)
	t.RequestTags = tagMap(in.Tags)
	return t, nil
}

func removeTagsTarget(c *operation.Call, in *RemoveTagsFromResourceInput) (authz.Target, error) {
	t := taggedTarget(c, in.ResourceType, in.ResourceID)
	t.TagKeys = in.TagKeys
	return t, nil
}

// listTagsTarget also accepts a parameter's ARN, and a version or a label after its name, as AWS does for
// this operation.
func listTagsTarget(c *operation.Call, in *ListTagsForResourceInput) (authz.Target, error) {
	if in.ResourceType == ResourceTypeForTaggingParameter {
		return authz.Target{ARN: parseReference(c, in.ResourceID).ARN}, nil
	}
	return taggedTarget(c, in.ResourceType, in.ResourceID), nil
}

// tagged returns the ARN of the resource that a tagging operation names, if it exists.
func tagged(c *operation.Call, typ ResourceTypeForTagging, id string) (arn string, err error) {
	switch typ {
	case ResourceTypeForTaggingParameter:
		_, err = ownParameter(c, id)
	case ResourceTypeForTaggingOpsItem:
		_, err = readOpsItem(c, c.Account(), id)
	case ResourceTypeForTaggingDocument:
		err = ownDocument(c, id)
	case ResourceTypeForTaggingOpsMetadata:
		_, _, err = findOpsMetadata(c, opsMetadataARN(c, id))
	default:
		return "", errInvalidResourceType("%s", textResourceType)
	}
	return taggedTarget(c, typ, id).ARN, resourceIDError(err)
}

// resourceIDError returns InvalidResourceId in place of the error for a nonexistent parameter or OpsItem,
// without a message, as recorded in https://github.com/getmoto/moto/issues/4360.
func resourceIDError(err error) error {
	if _, ok := errors.AsType[*awserr.Error](err); ok {
		return errInvalidResourceID("")
	}
	return err
}

// listTagged is tagged for ListTagsForResource: see listTagsTarget.
func listTagged(c *operation.Call, typ ResourceTypeForTagging, id string) (arn string, err error) {
	if typ != ResourceTypeForTaggingParameter {
		return tagged(c, typ, id)
	}
	r := parseReference(c, id)
	p, err := r.find(c)
	if err == nil {
		_, err = p.selected(c, r)
	}
	return r.ARN, resourceIDError(err)
}

func (s ssm) addTagsToResource(c *operation.Call, in *AddTagsToResourceInput) (*AddTagsToResourceOutput, error) {
	arn, err := tagged(c, in.ResourceType, in.ResourceID)
	if err != nil {
		return nil, err
	}
	added, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := operation.SetTags(c, arn, added, notValid); err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(arn)
	if err != nil {
		return nil, err
	}
	if len(tags) > maxTags { // nothing is stored: the transaction fails with the error
		return nil, errTooManyTags("%s", textManyTags)
	}
	return &AddTagsToResourceOutput{}, nil
}

func (s ssm) removeTagsFromResource(c *operation.Call, in *RemoveTagsFromResourceInput) (*RemoveTagsFromResourceOutput, error) {
	arn, err := tagged(c, in.ResourceType, in.ResourceID)
	if err != nil {
		return nil, err
	}
	return &RemoveTagsFromResourceOutput{}, c.Tx.DeleteTags(arn, in.TagKeys)
}

func (s ssm) listTagsForResource(c *operation.Call, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	arn, err := listTagged(c, in.ResourceType, in.ResourceID)
	if err != nil {
		return nil, err
	}
	tags, err := tagList(c, arn)
	return &ListTagsForResourceOutput{TagList: tags}, err
}

// tagList returns the tags of a resource, sorted by key.
func tagList(c *operation.Call, arn string) ([]Tag, error) {
	tags, err := c.Tx.Tags(arn)
	list := []Tag{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{Key: key, Value: tags[key]})
	}
	return list, err
}
