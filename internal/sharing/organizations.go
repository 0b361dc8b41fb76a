package sharing

import (
	"errors"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// organizations are the memberships and organizational units on which a decision about
// shares depends. They are loaded before, so that the decision reads nothing.
type organizations struct {
	members map[string]identity.Membership // by account
	paths   map[string]string              // of units that exist, by ARN: "o-.../r-.../ou-.../"
}

// loadOrganizations reads the memberships of accounts, in one store call, and the paths
// of organizational units.
func loadOrganizations(tx *store.Tx, accounts, units []string) (organizations, error) {
	o := organizations{map[string]identity.Membership{}, map[string]string{}}
	rows := identity.Rows{}
	if err := rows.Load(tx, identity.Caller{}, accounts...); err != nil {
		return o, err
	}
	for _, account := range accounts {
		m, err := rows.Membership(account)
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

// OwnerOrganization is the organization of the owner of shares.
type OwnerOrganization struct {
	Enabled bool // its accounts share with each other without invitations

	owner         string
	organizations organizations
}

// LoadOwnerOrganization reads the organization of an owner, and the memberships of the
// accounts of principals.
func LoadOwnerOrganization(tx *store.Tx, owner string, principals ...string) (OwnerOrganization, error) {
	o, err := loadOrganizations(tx, accountsOf(owner, principals...), nil)
	if err != nil {
		return OwnerOrganization{}, err
	}
	enabled, err := SharingWithOrganization(tx, o.members[owner].OrganizationID)
	return OwnerOrganization{enabled, owner, o}, err
}

// Outside reports whether a principal that was loaded is outside the organization. A
// service is not.
func (o OwnerOrganization) Outside(principal string) bool {
	return o.organizations.outside(o.owner, principal)
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
