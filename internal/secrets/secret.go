package secrets

import (
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The types of rows: a secret, the value of one version, and a name, which leads to the
// ARN of the secret that has it.
const (
	Service    = "secretsmanager"
	secretType = "secret"
	valueType  = "secretvalue"
	nameType   = "secretname"
)

// Secret is the record of a secret.
type Secret struct {
	Description string    `json:",omitempty"`
	KeyID       string    `json:",omitempty"` // of its KMS key, as the caller named it; "" for aws/secretsmanager
	Kind        string    `json:",omitempty"` // that of a partner's secret
	Versions    []Version `json:",omitempty"` // the oldest first
	ChangedAt   time.Time
	DeletesAt   time.Time `json:",omitzero"` // the end of the recovery window of a secret that is marked for deletion
	Rotation    *Rotation `json:",omitempty"`
	Replicas    []Replica `json:",omitempty"` // of a primary secret
	Primary     string    `json:",omitempty"` // the ARN of the primary secret, of a replica

	row store.Resource
}

// Rotation is how a secret is to be rotated.
type Rotation struct {
	Enabled      bool
	LambdaARN    string     `json:",omitempty"`
	Days         int64      `json:",omitempty"` // between two rotations
	Schedule     string     `json:",omitempty"` // or the expression that says when
	Duration     string     `json:",omitempty"` // of the window, "3h"
	RoleARN      string     `json:",omitempty"` // of a partner's secret
	Metadata     []Metadata `json:",omitempty"`
	ConfiguredAt time.Time
	RotatedAt    time.Time `json:",omitzero"` // when AWSCURRENT last moved to the version of a rotation
}

// Metadata is what a partner's rotation is configured with.
type Metadata struct{ Key, Value string }

// Replica is a copy of a secret in another region.
type Replica struct {
	Region  string
	KeyID   string `json:",omitempty"`
	Failure string `json:",omitempty"` // why it is not in sync; "" if it is
}

// ARN, Name and the others are those of the secret.
func (s *Secret) ARN() string          { return s.row.ARN }
func (s *Secret) Name() string         { return s.row.Name }
func (s *Secret) Account() string      { return s.row.Account }
func (s *Secret) Region() string       { return s.row.Region }
func (s *Secret) CreatedAt() time.Time { return s.row.CreatedAt }

// IsDeleted reports whether the secret is marked for deletion.
func (s *Secret) IsDeleted() bool { return !s.DeletesAt.IsZero() }

// gone reports whether the recovery window is over. What is left of the secret is removed
// when its name is used again.
func (s *Secret) gone(now time.Time) bool { return s.IsDeleted() && !now.Before(s.DeletesAt) }

// decode returns the secret of a row.
func decode(r store.Resource) (*Secret, error) {
	s, err := operation.Decode[Secret](r)
	if err != nil {
		return nil, err
	}
	s.row = r
	return s, nil
}

// Insert adds a secret with a name that is free, see Free.
func (s *Secret) Insert(c *operation.Call, n Name) error {
	r, err := operation.Record(c, store.Resource{
		ARN: n.ARN(), Service: Service, Type: secretType, Account: n.Account, Region: n.Region, Name: n.Name,
	}, s)
	if err != nil {
		return err
	}
	if err := c.Tx.InsertResource(r); err != nil {
		return err
	}
	s.row = r
	index, err := operation.Record(c, store.Resource{
		ARN: n.index(), Service: Service, Type: nameType, Account: n.Account, Region: n.Region, Name: n.Name,
	}, n.ARN())
	if err != nil {
		return err
	}
	return c.Tx.InsertResource(index)
}

// Write replaces the record of a secret, which was changed now.
func (s *Secret) Write(c *operation.Call) error {
	s.ChangedAt = c.Now
	r, err := operation.Record(c, s.row, s)
	if err != nil {
		return err
	}
	s.row = r
	return c.Tx.UpdateResource(r)
}

// Delete removes a secret at once, with its values, tags and policy.
func (s *Secret) Delete(c *operation.Call) error {
	arns := []string{s.ARN(), s.name().index()}
	for _, v := range s.Versions {
		if !v.Empty {
			arns = append(arns, s.valueARN(v.ID))
		}
	}
	for _, arn := range arns {
		if err := c.Tx.DeleteResource(arn); err != nil {
			return err
		}
	}
	return nil
}

// All yields the secrets of the caller's account and region that are there.
func All(c *operation.Call, yield func(*Secret) error) error {
	prefix := Name{Partition: c.Partition, Region: c.Region, Account: c.Account()}.prefix()
	for r, err := range c.Tx.Resources(store.Query{Service: Service, Type: secretType, Account: c.Account(), Prefix: prefix}) {
		if err != nil {
			return err
		}
		s, err := decode(r)
		if err != nil {
			return err
		}
		if s.gone(c.Now) {
			continue
		}
		if err := yield(s); err != nil {
			return err
		}
	}
	return nil
}
