package identity

import (
	"time"

	"github.com/writdev/writ/internal/store"
)

// InstanceProfile makes a role available to EC2 instances.
type InstanceProfile struct {
	Entity
	Role string // the ARN of its role; "" for none
}

// NewInstanceProfile returns an instance profile that is not yet stored.
func NewInstanceProfile(partition, account, path, name string) InstanceProfile {
	return InstanceProfile{Entity: newEntity(InstanceProfileKind, partition, account, path, name)}
}

// ReadInstanceProfile reads the instance profile at an ARN. It returns store.ErrNotFound if there is none.
func ReadInstanceProfile(tx *store.Tx, arn string) (InstanceProfile, error) {
	return readAs[InstanceProfile](tx, InstanceProfileKind, arn)
}

// PutInstanceProfile creates or replaces an instance profile.
func PutInstanceProfile(tx *store.Tx, p InstanceProfile, now time.Time) error {
	return write(tx, InstanceProfileKind, &p.Entity, &p, optionalList(p.Role), now)
}
