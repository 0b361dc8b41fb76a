package sharing

import (
	"errors"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// organizations is what a decision about shares needs to know of organizations.
// It is loaded before, so that the decision reads nothing.
type organizations struct {
	members map[string]identity.Membership // by account
	paths   map[string]string              // of units that exist, by ARN: "o-.../r-.../ou-.../"
}

// loadOrganizations reads where accounts stand, and the paths of units.
func loadOrganizations(tx *store.Tx, accounts, units []string) (organizations, error) {
	o := organizations{map[string]identity.Membership{}, map[string]string{}}
	for _, account := range accounts {
		m, err := identity.MembershipOf(tx, account)
		if err != nil {
			return o, err
		}
		o.members[account] = m
	}
	for _, unit := range units {
		n, err := identity.ReadNode(tx, unit)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return o, err
		}
		o.paths[unit] = n.Path()
	}
	return o, nil
}

// outside reports whether a principal of a share is outside the organization of
// the share's owner. A service is not.
func (o organizations) outside(owner, principal string) bool {
	consumer := consumerOf(principal)
	if consumer == "" || consumer == owner {
		return false
	}
	own := o.members[owner].OrganizationID
	if id, ok := organizationOf(principal); ok {
		return id != own
	}
	return own == "" || o.members[consumer].OrganizationID != own
}

// Outside reports whether a principal of a share is outside the organization of
// the share's owner. A service is not.
func Outside(tx *store.Tx, owner, principal string) (bool, error) {
	o, err := loadOrganizations(tx, accountsOf(owner, principal), nil)
	return o.outside(owner, principal), err
}

// accountsOf are the owner of a share and the accounts among the consumers of
// its principals.
func accountsOf(owner string, principals ...string) []string {
	accounts := []string{owner}
	for _, p := range principals {
		if consumer := consumerOf(p); identity.IsAccountID(consumer) {
			accounts = append(accounts, consumer)
		}
	}
	return accounts
}
