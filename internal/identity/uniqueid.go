package identity

import (
	"fmt"
	"time"

	"github.com/writdev/writ/internal/store"
)

// SetID changes the unique id of a new user or role. The error is store.ErrNotFound if there is none at the
// ARN.
func SetID(tx *store.Tx, arn, id string, now time.Time) error {
	taken, err := byID(tx, id)
	if err != nil {
		return err
	}
	if taken != "" && taken != arn {
		return fmt.Errorf("the id %s belongs to %s", id, taken)
	}
	if KindOf(arn) == UserKind {
		u, err := ReadUser(tx, arn)
		if err != nil {
			return err
		}
		u.ID = id
		return PutUser(tx, u, now)
	}
	role, err := ReadRole(tx, arn)
	if err != nil {
		return err
	}
	role.ID = id
	return PutRole(tx, role, now)
}
