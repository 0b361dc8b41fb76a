package secretsmanager

import (
	"slices"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// newValue returns the value of a request, or nil if it has none.
func newValue(text *string, data []byte) (*secrets.Value, error) {
	hasText := text != nil && *text != ""
	switch {
	case hasText && data != nil:
		return nil, errInvalidParameter(textTwoValues)
	case hasText:
		return &secrets.Value{Data: []byte(*text)}, nil
	case data != nil:
		return &secrets.Value{Data: data, Binary: true}, nil
	}
	return nil, nil
}

func (sm *secretsManager) putSecretValue(c *operation.Call, in *PutSecretValueInput) (*PutSecretValueOutput, error) {
	if in.ClientRequestToken == nil {
		return nil, errInvalidRequest(textNoToken)
	}
	value, err := newValue(in.SecretString, in.SecretBinary)
	if err == nil && value == nil {
		err = errInvalidRequest(textNoValue)
	}
	if err != nil {
		return nil, err
	}
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	v, err := putVersion(c, s, *in.ClientRequestToken, *value, in.VersionStages)
	if err != nil {
		return nil, err
	}
	out := &PutSecretValueOutput{ARN: new(s.ARN()), Name: new(s.Name()), VersionID: &v.ID, VersionStages: v.Stages}
	return out, save(c, s)
}

// maxStages is the largest number of labels of all versions of a secret.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const maxStages = 20

// putVersion puts a value as the version with the token as its id, and attaches labels to it: AWSCURRENT by
// default, and always for the first value of a secret. Repeating a value with the same token changes nothing.
// The record is not yet written.
//
// A new current value ends a rotation in progress: the pending version is no longer pending.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func putVersion(c *operation.Call, s *secrets.Secret, token string, value secrets.Value, stages []string) (*secrets.Version, error) {
	v := s.Version(token)
	if v != nil && !v.Empty {
		return v, sameValue(c, s, v, value)
	}
	isFirst := !slices.ContainsFunc(s.Versions, func(v secrets.Version) bool { return !v.Empty })
	if v == nil {
		s.Versions = append(s.Versions, secrets.Version{ID: token, CreatedAt: c.Now})
	}
	if len(stages) == 0 || isFirst && !slices.Contains(stages, secrets.Current) {
		stages = append(slices.Clone(stages), secrets.Current)
	}
	if slices.Contains(stages, secrets.Current) && !slices.Contains(stages, secrets.Pending) {
		s.Detach(secrets.Pending)
	}
	for _, stage := range stages {
		s.Attach(stage, token)
	}
	noteRotation(c, s)
	if err := s.Seal(c, s.Version(token), value); err != nil {
		return nil, keyError(err, errEncryptionFailure(textNotEncrypted))
	}
	removed := s.Outdated(c.Now)
	if len(s.Versions) > secrets.MaxVersions || s.CountStages() > maxStages {
		return nil, errLimitExceeded(textQuota)
	}
	return s.Version(token), s.DropValues(c, removed)
}

// sameValue returns an error if a version has a value other than the given one.
func sameValue(c *operation.Call, s *secrets.Secret, v *secrets.Version, value secrets.Value) error {
	has, err := s.Open(c, v)
	if err != nil {
		return keyError(err, errDecryptionFailure(textNotDecrypted))
	}
	if !has.Equal(value) {
		return errResourceExists("You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", v.ID, s.ARN())
	}
	return nil
}

func (sm *secretsManager) getSecretValue(c *operation.Call, in *GetSecretValueInput) (*GetSecretValueOutput, error) {
	s, err := findActive(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	v, matches := s.Select(in.VersionID, in.VersionStage)
	switch {
	case v == nil && in.VersionID != nil:
		return nil, errResourceNotFound("Secrets Manager can't find the specified secret value for VersionId: %s", *in.VersionID)
	case v == nil && in.VersionStage != nil:
		return nil, noStage(*in.VersionStage)
	case v == nil:
		return nil, noStage(secrets.Current)
	case !matches:
		return nil, errInvalidRequest(textStage)
	}
	value, err := s.Open(c, v)
	if err != nil {
		return nil, keyError(err, errDecryptionFailure(textNotDecrypted))
	}
	sm.accessed.record(s.ARN(), v.ID, c.Now)
	out := &GetSecretValueOutput{
		ARN: new(s.ARN()), Name: new(s.Name()), VersionID: &v.ID, VersionStages: v.Stages, CreatedDate: timestamp(v.CreatedAt),
	}
	if value.Binary {
		out.SecretBinary = value.Data
	} else {
		out.SecretString = new(string(value.Data))
	}
	return out, nil
}

func noStage(stage string) error {
	return errResourceNotFound("Secrets Manager can't find the specified secret value for staging label: %s", stage)
}

// timestamp returns a time with the precision of outputs: milliseconds.
func timestamp(t time.Time) *time.Time { return new(t.Truncate(time.Millisecond)) }
