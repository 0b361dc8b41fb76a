package identity

import (
	"fmt"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Role is an IAM role with the policies of its own side, and the one that says
// who may assume it.
type Role struct {
	Entity
	Grants
	Boundary           string // the ARN of the policy that is its permissions boundary; "" for none
	Description        string
	MaxSessionDuration int    // seconds
	Service            string // of a service-linked role: the service principal; else ""

	// TrustPolicy lies in the store as the policy of the role's ARN, where the
	// gate finds it. Users and roles that it names stand there by their ARNs
	// while they live, and by their unique ids, which match nobody, after that.
	TrustPolicy string `json:"-"`
	// Tags lie in the store's table of tags. ReadRole reads them, PutRole does
	// not write them.
	Tags map[string]string `json:"-"`
}

// DefaultMaxSession is the MaxSessionDuration of a role that was given none, in
// seconds.
const DefaultMaxSession = 3600

// trustSource marks the policy of a role as its trust policy.
const trustSource = "trust"

// NewRole is a role that does not exist in the store yet.
func NewRole(partition, account, path, name string) Role {
	return Role{Entity: newEntity(RoleKind, partition, account, path, name), MaxSessionDuration: DefaultMaxSession}
}

// ReadRole reads the role at an ARN, with its trust policy and its tags;
// store.ErrNotFound if there is none.
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

// PutRole creates or replaces a role with its trust policy, which must have
// gone through ResolveTrust. Its documents must be policies.
func PutRole(tx *store.Tx, role Role, now time.Time) error {
	if err := role.parse(); err != nil {
		return fmt.Errorf("put role %s: %w", role.ARN, err)
	}
	trusted, err := trustedEntities(tx, role.partition(), role.TrustPolicy)
	if err != nil {
		return err
	}
	uses := append(trusted, role.Attached...)
	uses = append(uses, some(role.Boundary)...)
	if err := write(tx, RoleKind, &role.Entity, &role, uses, now); err != nil {
		return err
	}
	return tx.PutPolicy(store.Policy{
		ARN: role.ARN, Source: trustSource, Document: role.TrustPolicy, CreatedAt: now, UpdatedAt: now,
	})
}

// DeleteRole removes a role. Trust policies that name it keep its unique id,
// which nobody has any more.
func DeleteRole(tx *store.Tx, role Role, now time.Time) error {
	if err := replacePrincipal(tx, role.Entity, "", now); err != nil {
		return err
	}
	return tx.DeleteResource(role.ARN)
}
