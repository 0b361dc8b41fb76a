package secretsmanager

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

func (sm *secretsManager) createSecret(c *operation.Call, in *CreateSecretInput) (*CreateSecretOutput, error) {
	if !secretName.MatchString(in.Name) {
		return nil, notValid(textBadName)
	}
	if in.ClientRequestToken == nil {
		return nil, errInvalidRequest(textNoToken)
	}
	value, err := newValue(in.SecretString, in.SecretBinary)
	if err != nil {
		return nil, err
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	n := secrets.NewName(c, in.Name)
	if err := secrets.ReleaseName(c, n); err != nil {
		return nil, err
	}
	f, err := secrets.Find(c, in.Name)
	if err != nil {
		return nil, err
	}
	if f.Secret != nil {
		return repeatCreate(c, f.Secret, *in.ClientRequestToken, value)
	}
	target := authz.Target{ARN: n.ARN(), RequestTags: tags}
	if len(tags) > 0 {
		if err := c.Authorize("secretsmanager:TagResource", target); err != nil {
			return nil, err
		}
	}
	s := &secrets.Secret{KeyID: ownKey(in.KMSKeyID), ChangedAt: c.Now}
	if in.Description != nil {
		s.Description = *in.Description
	}
	if in.Type != nil {
		s.Kind = *in.Type
	}
	if err := s.Insert(c, n); err != nil {
		return nil, err
	}
	if err := s.TryKey(c); err != nil {
		return nil, keyError(err, errEncryptionFailure(textNotEncrypted))
	}
	if err := operation.SetTags(c, n.ARN(), tags, errInvalidRequest); err != nil {
		return nil, err
	}
	out := &CreateSecretOutput{ARN: new(n.ARN()), Name: &in.Name}
	if value != nil {
		v, err := putVersion(c, s, *in.ClientRequestToken, *value, nil)
		if err != nil {
			return nil, err
		}
		out.VersionID = &v.ID
	}
	if len(in.AddReplicaRegions) > 0 {
		if err := replicate(c, s, in.AddReplicaRegions, isTrue(in.ForceOverwriteReplicaSecret)); err != nil {
			return nil, err
		}
		out.ReplicationStatus = replication(s)
	}
	return out, s.Write(c)
}

// repeatCreate handles a CreateSecret whose name is in use: it returns the first output if the request is
// identical and has the same token.
func repeatCreate(c *operation.Call, s *secrets.Secret, token string, value *secrets.Value) (*CreateSecretOutput, error) {
	if s.IsDeleted() {
		return nil, errInvalidRequest(textReserved)
	}
	v := s.Version(token)
	if v == nil || v.Empty || value == nil {
		return nil, errResourceExists("The operation failed because the secret %s already exists.", s.Name())
	}
	if err := sameValue(c, s, v, *value); err != nil {
		return nil, err
	}
	return &CreateSecretOutput{ARN: new(s.ARN()), Name: new(s.Name()), VersionID: &v.ID}, nil
}

// ownKey returns the KMS key of a request in the form of the record: none for the AWS managed key.
func ownKey(id *string) string {
	if id == nil || *id == managedKey {
		return ""
	}
	return *id
}

func isTrue(b *bool) bool { return b != nil && *b }

// optional returns nil for an empty text, so that the member is omitted.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (sm *secretsManager) describeSecret(c *operation.Call, in *DescribeSecretInput) (*DescribeSecretOutput, error) {
	s, err := findSecretBy(secrets.FindCached, c, in.SecretID)
	if err != nil {
		return nil, err
	}
	e, err := sm.entry(c, s)
	if err != nil {
		return nil, err
	}
	return &DescribeSecretOutput{
		ARN: e.ARN, Name: e.Name, Type: e.Type, Description: e.Description, KMSKeyID: e.KMSKeyID,
		RotationEnabled: e.RotationEnabled, RotationLambdaARN: e.RotationLambdaARN, RotationRules: e.RotationRules,
		ExternalSecretRotationMetadata: e.ExternalSecretRotationMetadata, ExternalSecretRotationRoleARN: e.ExternalSecretRotationRoleARN,
		LastRotatedDate: e.LastRotatedDate, LastChangedDate: e.LastChangedDate, LastAccessedDate: e.LastAccessedDate,
		DeletedDate: e.DeletedDate, NextRotationDate: e.NextRotationDate, Tags: e.Tags, VersionIDsToStages: e.SecretVersionsToStages,
		CreatedDate: e.CreatedDate, PrimaryRegion: e.PrimaryRegion, ReplicationStatus: replication(s),
	}, nil
}

// entry returns a secret in the form of lists and descriptions; empty members are omitted.
func (sm *secretsManager) entry(c *operation.Call, s *secrets.Secret) (SecretListEntry, error) {
	tags, err := c.Tx.Tags(s.ARN())
	if err != nil {
		return SecretListEntry{}, err
	}
	e := SecretListEntry{
		ARN: new(s.ARN()), Name: new(s.Name()), Type: optional(s.Kind), Description: optional(s.Description), KMSKeyID: optional(s.KeyID),
		LastChangedDate: timestamp(s.ChangedAt), LastAccessedDate: sm.accessed.last(s.ARN(), ""),
		Tags: tagList(tags), SecretVersionsToStages: s.Stages(), CreatedDate: timestamp(s.CreatedAt()),
	}
	if s.IsDeleted() {
		e.DeletedDate = timestamp(s.DeletesAt)
	}
	if s.Primary != "" || len(s.Replicas) > 0 {
		e.PrimaryRegion = new(s.PrimaryRegion())
	}
	describeRotation(&e, s.Rotation)
	return e, nil
}

// updateSecret changes the members in the request: a new value becomes the current version.
func (sm *secretsManager) updateSecret(c *operation.Call, in *UpdateSecretInput) (*UpdateSecretOutput, error) {
	if in.ClientRequestToken == nil {
		return nil, errInvalidRequest(textNoToken)
	}
	value, err := newValue(in.SecretString, in.SecretBinary)
	if err != nil {
		return nil, err
	}
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	if in.Description != nil {
		s.Description = *in.Description
	}
	if in.Type != nil {
		s.Kind = *in.Type
	}
	if in.KMSKeyID != nil && ownKey(in.KMSKeyID) != s.KeyID {
		s.KeyID = ownKey(in.KMSKeyID)
		if err := s.TryKey(c); err != nil {
			return nil, keyError(err, errEncryptionFailure(textNotEncrypted))
		}
		if err := s.Reseal(c); err != nil {
			return nil, keyError(err, errDecryptionFailure(textNotDecrypted))
		}
	}
	out := &UpdateSecretOutput{ARN: new(s.ARN()), Name: new(s.Name())}
	if value != nil {
		v, err := putVersion(c, s, *in.ClientRequestToken, *value, nil)
		if err != nil {
			return nil, err
		}
		out.VersionID = &v.ID
	}
	return out, save(c, s)
}
