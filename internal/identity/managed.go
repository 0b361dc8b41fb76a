package identity

import (
	"fmt"
	"slices"
	"time"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// ManagedPolicy is a customer managed policy, or an AWS managed one (see AWSManaged).
type ManagedPolicy struct {
	Entity
	Description string
	UpdatedAt   time.Time
	Default     string // the id of the default version: "v1"
	Versions    []PolicyVersion
	Made        int // number of versions ever created: ids are not reused
}

// ForService reports whether a policy is that of a service-linked role, which cannot be attached to other
// roles.
func (p *ManagedPolicy) ForService() bool {
	return p.Account == awsOwner && p.Path == serviceLinkedPath
}

// PolicyVersion is a version of a managed policy.
type PolicyVersion struct {
	ID        string // "v1"
	Document  string
	CreatedAt time.Time
}

// NewPolicy returns a customer managed policy that is not yet stored, with its first version.
func NewPolicy(partition, account, path, name, document string, now time.Time) ManagedPolicy {
	p := ManagedPolicy{Entity: newEntity(PolicyKind, partition, account, path, name)}
	p.CreatedAt = now
	p.AddVersion(document, true, now)
	return p
}

// AddVersion adds a version and optionally makes it the default.
func (p *ManagedPolicy) AddVersion(document string, isDefault bool, now time.Time) PolicyVersion {
	p.Made++
	v := PolicyVersion{ID: fmt.Sprintf("v%d", p.Made), Document: document, CreatedAt: now}
	p.Versions = append(p.Versions, v)
	if isDefault {
		p.Default = v.ID
	}
	p.UpdatedAt = now
	return v
}

// Version finds a version by its id.
func (p *ManagedPolicy) Version(id string) (PolicyVersion, bool) {
	i := slices.IndexFunc(p.Versions, func(v PolicyVersion) bool { return v.ID == id })
	if i < 0 {
		return PolicyVersion{}, false
	}
	return p.Versions[i], true
}

// ReadPolicy reads the AWS or customer managed policy at an ARN. It returns store.ErrNotFound if there is
// none.
func ReadPolicy(tx *store.Tx, arn string) (ManagedPolicy, error) {
	if p, ok := awsManaged(arn); ok {
		return p, nil
	}
	return readAs[ManagedPolicy](tx, PolicyKind, arn)
}

// PutPolicy creates or replaces a customer managed policy. Its documents must be valid.
func PutPolicy(tx *store.Tx, p ManagedPolicy, now time.Time) error {
	for _, v := range p.Versions {
		if _, err := policy.Parse([]byte(v.Document)); err != nil {
			return fmt.Errorf("put policy %s: %w", p.ARN, err)
		}
	}
	return write(tx, PolicyKind, &p.Entity, &p, nil, now)
}

// EntitiesUsingPolicy returns the sorted ARNs of the users, groups and roles to which a managed policy is
// attached or whose permissions boundary it is.
func EntitiesUsingPolicy(tx *store.Tx, arn string) ([]string, error) { return tx.ReferencedBy(arn, 0) }
