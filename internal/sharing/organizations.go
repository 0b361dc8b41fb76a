package sharing

import (
	"errors"
	"strings"

	"github.com/writdev/writ/arn"
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
	o := organizations{members: map[string]identity.Membership{}}
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
	var err error
	o.paths, err = loadPaths(tx, units)
	return o, err
}

// loadPaths reads the paths of those of the organizational units that exist.
func loadPaths(tx *store.Tx, units []string) (map[string]string, error) {
	paths := map[string]string{}
	for _, unit := range units {
		n, err := identity.ReadNode(tx, unit)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		paths[unit] = n.Path()
	}
	return paths, nil
}

// ownerScope is how the owner of a resource sees the principals that its policy names.
type ownerScope struct {
	organization identity.Organization // the owner's; the zero value if it is in none
	members      map[string]bool       // the owner, and the accounts that are in it
	paths        map[string]string     // of its organizational units that exist, by ARN
}

// loadOwnerScope reads the organization of the owner of a resource as a document on the
// resource needs it: the memberships of the accounts that the document names, and the
// organizational units that it names.
func loadOwnerScope(tx *store.Tx, doc policyDocument) (ownerScope, error) {
	o, err := loadOrganizations(tx, doc.accounts(), nil)
	if err != nil {
		return ownerScope{}, err
	}
	scope := o.scopeOf(doc)
	var units []string
	for _, id := range doc.unitIDs() {
		units = append(units, scope.organization.NodeARN(id))
	}
	scope.paths, err = loadPaths(tx, units)
	return scope, err
}

// scopeOf is the scope of the owner of a document's resource.
func (o organizations) scopeOf(doc policyDocument) ownerScope {
	owner := doc.resource.Account
	m := o.members[owner]
	scope := ownerScope{
		organization: identity.Organization{Partition: doc.resource.Partition, ID: m.OrganizationID, Management: m.ManagementAccount},
		members:      map[string]bool{owner: true},
		paths:        o.paths,
	}
	for account := range o.members {
		scope.members[account] = !o.outsideAccount(owner, account)
	}
	return scope
}

// outside reports whether a principal of a share is outside the organization of
// the share's owner. A service is not.
func (o organizations) outside(owner, principal string) bool {
	consumer := consumerOf(principal)
	if consumer == "" || consumer == owner {
		return false
	}
	if id, ok := organizationOf(principal); ok {
		return id != o.members[owner].OrganizationID
	}
	return o.outsideAccount(owner, consumer)
}

// outsideAccount reports whether an account is outside the organization of the owner.
func (o organizations) outsideAccount(owner, account string) bool {
	own := o.members[owner].OrganizationID
	return account != owner && (own == "" || o.members[account].OrganizationID != own)
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
		if consumer := consumerOf(p); arn.IsAccountID(consumer) {
			accounts = append(accounts, consumer)
		}
	}
	return accounts
}

// consumerOf returns the consumer of a share with a principal: the account that the
// principal is or belongs to, or the organization or organizational unit that it is. A
// service is no consumer: "".
func consumerOf(principal string) string {
	a, err := arn.Parse(principal)
	switch {
	case err != nil && !arn.IsAccountID(principal):
		return ""
	case err != nil:
		return principal
	case a.Service == "organizations":
		return principal
	}
	return a.Account
}

// organizationOf is the id of the organization that a principal is or that it is
// a unit of; false if it is neither.
func organizationOf(principal string) (string, bool) {
	a, err := arn.Parse(principal)
	if err != nil || a.Service != "organizations" {
		return "", false
	}
	_, path, _ := strings.Cut(a.Resource, "/") // of a unit "o-.../ou-..."
	id, _, _ := strings.Cut(path, "/")
	return id, id != ""
}

// organizationID is the id of an organization by its ARN; false for other ARNs.
func organizationID(principal string) (string, bool) {
	a, err := arn.Parse(principal)
	if err != nil || a.Service != "organizations" {
		return "", false
	}
	return strings.CutPrefix(a.Resource, "organization/")
}

// isUnit reports whether a principal is a unit of an organization.
func isUnit(principal string) bool {
	_, isOrganization := organizationID(principal)
	_, some := organizationOf(principal)
	return some && !isOrganization
}
