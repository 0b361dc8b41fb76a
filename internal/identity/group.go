package identity

import (
	"fmt"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Group is an IAM group. Its policies apply to each of its users. It is not a
// principal.
type Group struct {
	Entity
	Grants
}

// NewGroup returns a group that is not yet stored.
func NewGroup(partition, account, path, name string) Group {
	return Group{Entity: newEntity(GroupKind, partition, account, path, name)}
}

// ReadGroup reads the group at an ARN. It returns store.ErrNotFound if there is none.
func ReadGroup(tx *store.Tx, arn string) (Group, error) { return readAs[Group](tx, GroupKind, arn) }

// PutGroup creates or replaces a group. Its inline policies must be valid.
func PutGroup(tx *store.Tx, g Group, now time.Time) error {
	if err := g.parse(); err != nil {
		return fmt.Errorf("put group %s: %w", g.ARN, err)
	}
	return write(tx, GroupKind, &g.Entity, &g, g.Attached, now)
}

// GroupMembers returns the sorted ARNs of the users in a group.
func GroupMembers(tx *store.Tx, group string) ([]string, error) { return tx.ReferencedBy(group, 0) }

// MoveGroup changes a group's path and name, and updates its users.
func MoveGroup(tx *store.Tx, g Group, path, name string, now time.Time) (Group, error) {
	moved := g
	moved.Path, moved.Name = path, name
	moved.ARN = entityARN(GroupKind, g.partition(), g.Account, path, name)
	if moved.ARN == g.ARN {
		return g, nil
	}
	members, err := GroupMembers(tx, g.ARN)
	if err != nil {
		return g, err
	}
	if err := tx.DeleteResource(g.ARN); err != nil {
		return g, err
	}
	if err := PutGroup(tx, moved, now); err != nil {
		return g, err
	}
	for _, arn := range members {
		u, err := ReadUser(tx, arn)
		if err != nil {
			return g, err
		}
		for i := range u.Groups {
			if u.Groups[i] == g.ARN {
				u.Groups[i] = moved.ARN
			}
		}
		if err := PutUser(tx, u, now); err != nil {
			return g, err
		}
	}
	return moved, nil
}
