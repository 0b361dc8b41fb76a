// Package organizations is AWS Organizations: a management account, the tree of
// a root, organizational units and accounts, the service control and resource
// control policies that are attached to it, handshakes by which accounts join,
// and what the organization delegates to services and to its own accounts.
//
// It has no billing and evaluates no policy: package identity has the records and reads
// them for every request of every service (identity.Rows), and the policy engine applies
// the policies.
//
// Start reading at New in service.go, the table of operations, each with the accounts
// that may call it; access.go enforces that. Known and suspected differences from AWS are
// listed in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/organizations/latest/APIReference/
package organizations
