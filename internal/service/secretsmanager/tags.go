package secretsmanager

import (
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// maxTags is the largest number of tags of a secret.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const maxTags = 50

// tagMap returns the tags of a request as a map.
func tagMap(tags []Tag) map[string]string {
	if tags == nil {
		return nil
	}
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		if t.Key == nil {
			continue
		}
		m[*t.Key] = ""
		if t.Value != nil {
			m[*t.Key] = *t.Value
		}
	}
	return m
}

// newTags returns the tags of a request after checking them.
func newTags(tags []Tag) (map[string]string, error) {
	m := tagMap(tags)
	switch {
	case len(m) < len(tags):
		return nil, errInvalidParameter("Each tag needs a key, and no two can have the same.")
	case len(m) > maxTags:
		return nil, errInvalidParameter("A secret may have at most %d tags.", maxTags)
	}
	for key := range m {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return nil, errInvalidParameter("Tag keys that begin with aws: are reserved: %s.", key)
		}
	}
	return m, nil
}

// tagList returns tags sorted by key.
func tagList(tags map[string]string) []Tag {
	var list []Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{Key: &key, Value: new(tags[key])})
	}
	return list
}

func (sm *secretsManager) tagResource(c *operation.Call, in *TagResourceInput) (*TagResourceOutput, error) {
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	added, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := operation.SetTags(c, s.ARN(), added, errInvalidRequest); err != nil {
		return nil, err
	}
	tags, err := c.Tx.Tags(s.ARN())
	if err != nil {
		return nil, err
	}
	if len(tags) > maxTags { // nothing is stored: the transaction fails with the error
		return nil, errInvalidParameter("A secret may have at most %d tags.", maxTags)
	}
	if err := staysPermitted(c, s, in.SecretID, "secretsmanager:TagResource", added, nil); err != nil {
		return nil, err
	}
	return &TagResourceOutput{}, save(c, s)
}

func (sm *secretsManager) untagResource(c *operation.Call, in *UntagResourceInput) (*UntagResourceOutput, error) {
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.DeleteTags(s.ARN(), in.TagKeys); err != nil {
		return nil, err
	}
	if err := staysPermitted(c, s, in.SecretID, "secretsmanager:UntagResource", nil, in.TagKeys); err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, save(c, s)
}

// staysPermitted returns an error if the caller, with the secret's new tags, could not repeat the request:
// Secrets Manager does not let callers remove their own permissions this way.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
func staysPermitted(c *operation.Call, s *secrets.Secret, id, action string, added map[string]string, removed []string) error {
	t := secrets.Target(secrets.Found{ARN: s.ARN(), Secret: s}, id)
	t.RequestTags, t.TagKeys = added, removed
	may, err := c.May(action, t)
	if err == nil && !may {
		err = denied("The tags would take the permission for " + action + " on this secret away from you.")
	}
	return err
}
