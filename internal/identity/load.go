package identity

import (
	"fmt"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Rows holds the rows that a decision needs for its principal and for organizations, by ARN: users, groups,
// roles and managed policies, and the nodes of accounts in organizations with the policies attached to them.
// A nil row means that the ARN has no row.
//
// Pure functions compute the results from the rows: PrincipalPolicies and Membership.
type Rows map[string]store.Linked

// Load reads, in one store call, the rows that determine the policies of a caller and the memberships of
// accounts.
func (rows Rows) Load(tx *store.Tx, c Caller, accounts ...string) error {
	roots := make([]string, 0, 16)
	if arn := c.issuer(); arn != "" {
		roots = append(roots, arn)
	}
	if c.Session != nil {
		roots = appendStored(roots, c.Session.PolicyARNs)
	}
	for _, account := range accounts {
		roots = append(roots, membershipARN(account))
	}
	if err := store.LoadReachable(tx, rows, decodeLinked, roots...); err != nil {
		return fmt.Errorf("load the policies of %s: %w", c.ARN(), err)
	}
	return nil
}

// Tagged returns the ARN whose tags the caller has: that of its user or role, or "" for none.
func (c Caller) Tagged() string { return c.issuer() }

// issuer returns the ARN of the caller's user or role, or "" for a root user and for callers without a row.
func (c Caller) issuer() string {
	p := c.Principal
	switch p.Kind {
	case policy.User:
		return p.ARN
	case policy.RoleSession:
		return p.Issuer
	case policy.FederatedUser:
		if !isRootARN(p.Issuer) {
			return p.Issuer
		}
	}
	return ""
}
