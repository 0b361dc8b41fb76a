package identity

import (
	"fmt"
	"slices"
	"time"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// User is an IAM user with its policies.
type User struct {
	Entity
	Grants
	Boundary string   // the ARN of the policy that is its permissions boundary; "" for none
	Groups   []string // the ARNs of its groups, in the order of joining
}

// NewUser returns a user that is not yet stored.
func NewUser(partition, account, path, name string) User {
	return User{Entity: newEntity(UserKind, partition, account, path, name)}
}

// ReadUser reads the user at an ARN. It returns store.ErrNotFound if there is none.
func ReadUser(tx *store.Tx, arn string) (User, error) { return readAs[User](tx, UserKind, arn) }

// PutUser creates or replaces a user. Its inline policies must be valid.
func PutUser(tx *store.Tx, u User, now time.Time) error {
	if err := u.parse(); err != nil {
		return fmt.Errorf("put user %s: %w", u.ARN, err)
	}
	return write(tx, UserKind, &u.Entity, &u, slices.Concat(u.Attached, u.Groups, optionalList(u.Boundary)), now)
}

// DeleteUser deletes a user. Trust policies that name it keep its unique id, which then matches no principal.
func DeleteUser(tx *store.Tx, u User, now time.Time) error {
	if err := replacePrincipal(tx, u.Entity, "", now); err != nil {
		return err
	}
	return tx.DeleteResource(u.ARN)
}

// MoveUser changes a user's path and name, and thereby its ARN, and updates its access keys, its tags and the
// trust policies that name it.
func MoveUser(tx *store.Tx, u User, path, name string, now time.Time) (User, error) {
	moved := u
	moved.Path, moved.Name = path, name
	moved.ARN = entityARN(UserKind, u.partition(), u.Account, path, name)
	if moved.ARN == u.ARN {
		return u, nil
	}
	tags, err := tx.Tags(u.ARN)
	if err != nil {
		return u, err
	}
	keys, err := tx.AccessKeys(u.ARN)
	if err != nil {
		return u, err
	}
	if err := PutUser(tx, moved, now); err != nil {
		return u, err
	}
	if err := replacePrincipal(tx, u.Entity, moved.ARN, now); err != nil {
		return u, err
	}
	if err := tx.DeleteResource(u.ARN); err != nil {
		return u, err
	}
	for _, key := range keys {
		key.Principal = moved.ARN
		if err := tx.PutAccessKey(key); err != nil {
			return u, err
		}
	}
	return moved, tx.SetTags(moved.ARN, tags)
}

func (u User) caller(accessKeyID string) Caller {
	return Caller{
		Principal:   policy.Principal{Kind: policy.User, ARN: u.ARN, Account: u.Account},
		UserID:      u.ID,
		Name:        u.Name,
		AccessKeyID: accessKeyID,
	}
}

// optionalList returns a list of s, or an empty list if s is "".
func optionalList(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
