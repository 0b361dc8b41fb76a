package identity

import (
	"fmt"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Rows are the rows that a decision needs of its principal and of organizations,
// by ARN: users, groups, roles and managed policies, and the places of accounts in
// organizations with the policies attached there. nil stands for an ARN without a
// row.
//
// What follows from the rows is computed by pure functions: PrincipalPolicies and
// Membership.
type Rows map[string]store.Linked

// Load reads, in one store call, the rows from which the policies of a caller and
// the memberships of accounts follow.
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

// Tagged is the ARN whose tags the caller has: that of the user or role that it is or was
// derived from; "" for none.
func (c Caller) Tagged() string { return c.issuer() }

// issuer is the ARN of the user or role that the caller is or was derived from; ""
// for a root user and for callers that have no row.
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
