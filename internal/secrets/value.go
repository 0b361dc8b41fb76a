package secrets

import (
	"crypto/subtle"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Value is the value of a version of a secret: text or bytes.
type Value struct {
	Data   []byte
	Binary bool
}

// Equal compares two values in constant time.
func (v Value) Equal(w Value) bool {
	return v.Binary == w.Binary && subtle.ConstantTimeCompare(v.Data, w.Data) == 1
}

// sealed is the stored form of a value.
type sealed struct {
	operation.Envelope
	Binary bool `json:",omitempty"`
}

// valueARN returns the key of the row of a version's value. It is never the ARN of a secret.
func (s *Secret) valueARN(version string) string {
	return s.name().kind(valueType) + s.name().Name + "-" + s.name().Suffix + ":" + version
}

// validation is the version in the encryption context of a request that only tests a key.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
const validation = "RequestToValidateKeyAccess"

// context returns the encryption context of a version, which policies can refer to.
func (s *Secret) context(version string) map[string]string {
	return map[string]string{"SecretARN": s.ARN(), "SecretVersionId": version}
}

// key returns the KMS key of a secret in a form that is the same for every caller: ids and aliases without an
// account belong to the account that owns the secret.
func (s *Secret) key() string {
	n := s.name()
	scope := keys.Scope{Partition: n.Partition, Region: n.Region, Account: n.Account}
	switch {
	case s.KeyID == "":
		return scope.Alias(keys.ManagedAlias(Service))
	case strings.HasPrefix(s.KeyID, "arn:"):
		return s.KeyID
	case keys.IsAlias(s.KeyID):
		return scope.Alias(s.KeyID)
	}
	return scope.Key(s.KeyID)
}

// TryKey tests whether the caller may use the secret's KMS key for the operations that a value requires:
// GenerateDataKey and Decrypt. Its errors are those of Call.SealVia.
func (s *Secret) TryKey(c *operation.Call) error {
	tried, _, err := c.SealVia(Service, s.key(), s.context(validation), nil)
	if err != nil {
		return err
	}
	_, _, err = c.OpenVia(Service, tried, s.context(validation))
	return err
}

// Seal encrypts and writes the value of a version in the record. It requires a writing operation. Its errors
// are those of Call.SealVia.
func (s *Secret) Seal(c *operation.Call, v *Version, value Value) error {
	envelope, key, err := c.SealVia(Service, s.key(), s.context(v.ID), value.Data)
	if err != nil {
		return err
	}
	v.Empty, v.KeyARN = false, key.ARN()
	if key.Manager == Service {
		v.KeyARN = ""
	}
	n := s.name()
	r, err := operation.Record(c, store.Resource{
		ARN: s.valueARN(v.ID), Service: Service, Type: valueType, Account: n.Account, Region: n.Region, Name: v.ID, CreatedAt: v.CreatedAt,
	}, sealed{envelope, value.Binary})
	if err != nil {
		return err
	}
	return c.Tx.PutResource(r)
}

// Open decrypts the value of a version that has one. Its errors are those of Call.OpenVia.
func (s *Secret) Open(c *operation.Call, v *Version) (Value, error) {
	kept, err := store.Cached(c.Tx, s.valueARN(v.ID), operation.Decode[sealed])
	if err != nil {
		return Value{}, err
	}
	data, _, err := c.OpenVia(Service, kept.Envelope, s.context(v.ID))
	return Value{Data: data, Binary: kept.Binary}, err
}

// DropValues deletes the values of versions that are no longer in the record.
func (s *Secret) DropValues(c *operation.Call, removed []Version) error {
	for _, v := range removed {
		if v.Empty {
			continue
		}
		if err := c.Tx.DeleteResource(s.valueARN(v.ID)); err != nil {
			return err
		}
	}
	return nil
}

// Target returns a secret as the gate's target. id is the secret id in the request.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
func Target(f Found, id string) authz.Target {
	t := authz.Target{ARN: f.ARN, Keys: map[string][]string{"secretsmanager:SecretId": {id}}}
	if f.Secret == nil {
		return t
	}
	t.Keys["secretsmanager:SecretPrimaryRegion"] = []string{f.Secret.PrimaryRegion()}
	if r := f.Secret.Rotation; r != nil && r.LambdaARN != "" {
		t.Keys["secretsmanager:resource/AllowRotationLambdaArn"] = []string{r.LambdaARN}
	}
	if f.Secret.Kind != "" {
		t.Keys["secretsmanager:resource/Type"] = []string{f.Secret.Kind}
	}
	return t
}

// PrimaryRegion returns the region of the primary secret.
func (s *Secret) PrimaryRegion() string {
	if s.Primary == "" {
		return s.Region()
	}
	return strings.SplitN(s.Primary, ":", 5)[3]
}

// Reseal encrypts the values of the versions in use again, after the secret's key changed. If the caller may
// not Encrypt with the new key, the values remain unchanged.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
func (s *Secret) Reseal(c *operation.Call) error {
	found, err := c.FindKey(s.key())
	if err != nil {
		return err
	}
	target, err := c.KeyTarget(found, operation.KeyUse{Operation: "Encrypt", Context: s.context(validation), Via: Service})
	if err != nil {
		return err
	}
	if may, err := c.May("kms:Encrypt", target); err != nil || !may {
		return err
	}
	for i := range s.Versions {
		v := &s.Versions[i]
		if v.Empty || !slices.ContainsFunc(v.Stages, func(stage string) bool { return stage == Current || stage == Pending || stage == Previous }) {
			continue
		}
		value, err := s.Open(c, v)
		if err != nil {
			return err
		}
		if err := s.Seal(c, v, value); err != nil {
			return err
		}
	}
	return nil
}
