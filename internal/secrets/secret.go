package secrets

import (
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The types of rows: a secret, the value of one version, and a name, which maps to the ARN of its secret.
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
	Kind        string    `json:",omitempty"` // the type of a partner's secret
	Versions    []Version `json:",omitempty"` // oldest first
	ChangedAt   time.Time
	DeletesAt   time.Time `json:",omitzero"` // the end of the recovery window of a secret that is scheduled for deletion
	Rotation    *Rotation `json:",omitempty"`
	Replicas    []Replica `json:",omitempty"` // for a primary secret
	Primary     string    `json:",omitempty"` // for a replica: the ARN of the primary secret

	row store.Resource
}

// Rotation is the rotation configuration of a secret.
type Rotation struct {
	Enabled      bool
	LambdaARN    string     `json:",omitempty"`
	Days         int64      `json:",omitempty"` // between two rotations
	Schedule     string     `json:",omitempty"` // or the schedule expression
	Duration     string     `json:",omitempty"` // of the rotation window, "3h"
	RoleARN      string     `json:",omitempty"` // for a partner's secret
	Metadata     []Metadata `json:",omitempty"`
	ConfiguredAt time.Time
	RotatedAt    time.Time `json:",omitzero"` // when AWSCURRENT last moved to the version of a rotation
}

// Metadata is a configuration entry of a partner's rotation.
type Metadata struct{ Key, Value string }

// Replica is a copy of a secret in another region.
type Replica struct {
	Region  string
	KeyID   string `json:",omitempty"`
	Failure string `json:",omitempty"` // why it is not in sync; "" if it is
}

// ARN, Name, Account, Region and CreatedAt are those of the secret.
func (s *Secret) ARN() string          { return s.row.ARN }
func (s *Secret) Name() string         { return s.row.Name }
func (s *Secret) Account() string      { return s.row.Account }
func (s *Secret) Region() string       { return s.row.Region }
func (s *Secret) CreatedAt() time.Time { return s.row.CreatedAt }

// IsDeleted reports whether the secret is scheduled for deletion.
func (s *Secret) IsDeleted() bool { return !s.DeletesAt.IsZero() }

// isGone reports whether the recovery window has ended. The rows of the secret are deleted when its name is
// used again.
func (s *Secret) isGone(now time.Time) bool { return s.IsDeleted() && !now.Before(s.DeletesAt) }

// decode returns the secret of a row.
func decode(r store.Resource) (*Secret, error) {
	s, err := operation.Decode[Secret](r)
	if err != nil {
		return nil, err
	}
	s.row = r
	return s, nil
}

// Insert adds a secret with an available name, see ReleaseName.
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

// Write replaces the record of a secret and sets its modification time.
func (s *Secret) Write(c *operation.Call) error {
	s.ChangedAt = c.Now
	r, err := operation.Record(c, s.row, s)
	if err != nil {
		return err
	}
	s.row = r
	return c.Tx.UpdateResource(r)
}

// Delete deletes a secret immediately, with its values, tags and policy.
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

// All yields the existing secrets of the caller's account and region.
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
		if s.isGone(c.Now) {
			continue
		}
		if err := yield(s); err != nil {
			return err
		}
	}
	return nil
}
