package writ

import (
	"context"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// Account is an account that was created in Writ, by the operator or by an organization.
// Where the sandbox credentials are accepted, any other twelve digits are an account,
// too.
type Account struct {
	ID    string // 12 digits
	Name  string // 1 to 50 characters
	Email string // unique
}

// CreateAccount creates an account with a random id, and an access key of its root user.
// The default e-mail address is one of example.com.
func (s *Server) CreateAccount(ctx context.Context, name, email string) (Account, AccessKey, error) {
	var account identity.Account
	var key identity.AccessKey
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		account, key, err = s.directory.CreateAccount(tx, name, email, s.now())
		return err
	})
	return Account(account), AccessKey(key), err
}

// Accounts lists the created accounts, ordered by id.
func (s *Server) Accounts(ctx context.Context) ([]Account, error) {
	var list []Account
	err := s.store.View(ctx, func(tx *store.Tx) error {
		list = nil
		for a, err := range identity.Accounts(tx) {
			if err != nil {
				return err
			}
			list = append(list, Account(a))
		}
		return nil
	})
	return list, err
}
