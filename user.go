package writ

import (
	"context"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// User is an IAM user to create. Unlike a root user, it needs identity-based policies.
type User struct {
	Account  string            // 12 digits
	Name     string            // unique in the account
	Policies map[string]string // inline policies, name to document
	Boundary string            // document of the permissions boundary, stored as the managed policy "NAME-boundary"; "" for none
	World    string            // the world to create it in; "" for the main state
}

// AccessKey is a long-term access key.
type AccessKey struct{ ID, Secret string }

// PutUser creates the user, or replaces the policies of an existing one, and creates an
// access key for it.
func (s *Server) PutUser(ctx context.Context, u User) (AccessKey, error) {
	state, leave, err := s.worlds.Enter(u.World)
	if err != nil {
		return AccessKey{}, err
	}
	defer leave()
	var key identity.AccessKey
	now := state.Server.Now
	err = state.Store.Update(ctx, func(tx *store.Tx) error {
		user := identity.NewUser("aws", u.Account, "/", u.Name)
		if known, err := identity.ReadUser(tx, user.ARN); err == nil {
			user = known
		}
		user.Policies, user.Boundary = u.Policies, ""
		if u.Boundary != "" {
			boundary := identity.NewPolicy("aws", u.Account, "/", u.Name+"-boundary", u.Boundary, now())
			if err := identity.PutPolicy(tx, boundary, now()); err != nil {
				return err
			}
			user.Boundary = boundary.ARN
		}
		if err := identity.PutUser(tx, user, now()); err != nil {
			return err
		}
		var err error
		key, err = s.directory.CreateAccessKey(tx, user.ARN, user.Account, now())
		return err
	})
	return AccessKey(key), err
}
