package iam

import (
	"encoding/json"
	"fmt"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// What belongs to a user beside its access keys is stored under the unique id of the user,
// so that it stays with a user that is renamed. The ARNs of these rows are no ARNs of AWS.

// owned is a kind of thing that belongs to a user.
type owned string

const (
	loginProfiles       owned = "login-profile"
	sshPublicKeys       owned = "ssh-public-key"
	signingCertificates owned = "signing-certificate"
	serviceCredentials  owned = "service-specific-credential"
)

// holder is a user, or a root user, to whom things belong.
type holder struct{ id, name string }

// holderOf is the user that a request names, or the caller.
func holderOf(c *operation.Call, name *string) (holder, error) {
	if name != nil {
		u, err := findUser(c, *name)
		return holder{u.ID, u.Name}, err
	}
	arn, err := callerUser(c)
	if err != nil {
		return holder{}, err
	}
	if c.Caller.Principal.Kind == policy.Root {
		return holder{c.Account(), ownerName(arn)}, nil
	}
	return holder{c.Caller.UserID, c.Caller.Name}, nil
}

func (k owned) arn(c *operation.Call, h holder, id string) string {
	return "arn:" + c.Partition + ":iam::" + c.Account() + ":" + string(k) + "/" + h.id + "/" + id
}

// put creates or replaces what belongs to a holder under an id.
func (k owned) put(c *operation.Call, h holder, id string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("put %s %s: %w", k, id, err)
	}
	return c.Tx.PutResource(store.Resource{
		ARN: k.arn(c, h, id), Service: api.Name, Type: string(k), Account: c.Account(), Name: id,
		Data: data, CreatedAt: c.Now, UpdatedAt: c.Now,
	})
}

func (k owned) delete(c *operation.Call, h holder, id string) error {
	return c.Tx.DeleteResource(k.arn(c, h, id))
}

// readOwned reads what belongs to a holder under an id; store.ErrNotFound if there is none.
func readOwned[T any](c *operation.Call, k owned, h holder, id string) (T, error) {
	var v T
	r, err := c.Tx.Resource(k.arn(c, h, id))
	if err != nil {
		return v, err
	}
	return decoded(r, same[T])
}

// listOwned lists what belongs to a holder, in the order of ids.
func listOwned[T any](c *operation.Call, k owned, h holder) (list []T, err error) {
	for r, err := range c.Tx.Resources(store.Query{Service: api.Name, Type: string(k), Account: c.Account(), Prefix: k.arn(c, h, "")}) {
		if err != nil {
			return nil, err
		}
		v, err := decoded(r, same[T])
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// holds reports whether anything of a kind belongs to a holder.
func (k owned) holds(c *operation.Call, h holder) (bool, error) {
	for _, err := range c.Tx.Resources(store.Query{Service: api.Name, Type: string(k), Account: c.Account(), Prefix: k.arn(c, h, ""), Limit: 1}) {
		return err == nil, err
	}
	return false, nil
}

// isStatus returns an error for a status that things of users cannot have: only AWS sets
// Expired.
func isStatus(s StatusType) error {
	if s == StatusTypeExpired {
		return errInvalidInput("The status can be set to Active or Inactive.")
	}
	return nil
}

// conflictOf names what still belongs to a user that is to be deleted; nil for nothing.
func conflictOf(c *operation.Call, u identity.User) error {
	h := holder{u.ID, u.Name}
	for _, kind := range []struct {
		owned
		text string
	}{
		{loginProfiles, "Cannot delete entity, must delete login profile first."},
		{signingCertificates, "Cannot delete entity, must delete signing certificates first."},
		{sshPublicKeys, "Cannot delete entity, must remove referenced objects first."},
		{serviceCredentials, "Cannot delete entity, must remove referenced objects first."},
	} {
		if has, err := kind.holds(c, h); err != nil || has {
			return firstError(err, errDeleteConflict("%s", kind.text))
		}
	}
	devices, err := identity.MFADevicesOf(c.Tx, u.ID)
	if err != nil || len(devices) > 0 {
		return firstError(err, errDeleteConflict("Cannot delete entity, must delete MFA device first."))
	}
	return nil
}
