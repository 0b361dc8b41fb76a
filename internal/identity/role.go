package identity

import (
	"fmt"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Role is an IAM role with its identity policies and its trust policy.
type Role struct {
	Entity
	Grants
	Boundary           string // the ARN of the policy that is its permissions boundary; "" for none
	Description        string
	MaxSessionDuration int    // seconds
	Service            string // for a service-linked role: the service principal; otherwise ""

	// TrustPolicy is stored as the policy on the role's ARN, where the gate reads it. It names users and
	// roles by ARN while they exist, and after their deletion by unique id, which matches no principal.
	TrustPolicy string `json:"-"`
	// Tags are stored in the table of tags. ReadRole reads them; PutRole does not write them.
	Tags map[string]string `json:"-"`
}

// DefaultMaxSession is the default MaxSessionDuration of a role, in seconds.
const DefaultMaxSession = 3600

// trustSource is the source of trust policies in the store.
const trustSource = "trust"

// NewRole returns a role that is not yet stored.
func NewRole(partition, account, path, name string) Role {
	return Role{Entity: newEntity(RoleKind, partition, account, path, name), MaxSessionDuration: DefaultMaxSession}
}

// ReadRole reads the role at an ARN, with its trust policy and its tags. It returns store.ErrNotFound if
// there is none.
func ReadRole(tx *store.Tx, arn string) (Role, error) {
	role, err := readAs[Role](tx, RoleKind, arn)
	if err != nil {
		return Role{}, err
	}
	policies, err := tx.Policies(arn)
	if err != nil {
		return Role{}, err
	}
	if len(policies) > 0 {
		role.TrustPolicy = policies[0].Document
	}
	role.Tags, err = tx.Tags(arn)
	return role, err
}

// PutRole creates or replaces a role with its trust policy, which must be a result of ResolveTrust. Its
// inline policies must be valid.
func PutRole(tx *store.Tx, role Role, now time.Time) error {
	if err := role.parse(); err != nil {
		return fmt.Errorf("put role %s: %w", role.ARN, err)
	}
	trusted, err := trustedEntities(tx, role.partition(), role.TrustPolicy)
	if err != nil {
		return err
	}
	uses := append(trusted, role.Attached...)
	uses = append(uses, optionalList(role.Boundary)...)
	if err := write(tx, RoleKind, &role.Entity, &role, uses, now); err != nil {
		return err
	}
	return tx.PutPolicy(store.Policy{
		ARN: role.ARN, Source: trustSource, Document: role.TrustPolicy, CreatedAt: now, UpdatedAt: now,
	})
}

// DeleteRole deletes a role. Trust policies that name it keep its unique id, which then matches no principal.
func DeleteRole(tx *store.Tx, role Role, now time.Time) error {
	if err := replacePrincipal(tx, role.Entity, "", now); err != nil {
		return err
	}
	return tx.DeleteResource(role.ARN)
}
