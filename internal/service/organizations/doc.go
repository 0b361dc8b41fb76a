// Package organizations is AWS Organizations: a management account, the tree of
// a root, organizational units and accounts, the service control and resource
// control policies that are attached to it, handshakes by which accounts join,
// and what the organization delegates to services and to its own accounts.
//
// It bills nobody and evaluates no policy: package identity reads what is put
// here for every request of every service (identity.MembershipOf), and the
// policy engine judges by it. The records are identity's, too.
//
// Start reading at New in service.go, the table of operations: each row says
// which accounts may call it. access.go tells what becomes of the others.
// Differences from AWS that are known or suspected stand in
// docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/organizations/latest/APIReference/
package organizations
