// Package iam is AWS Identity and Access Management: users with their access
// keys, passwords, MFA devices and other credentials, groups, roles with their trust
// policies, inline and managed policies, permissions boundaries, instance profiles,
// service-linked roles, identity providers, reports, and the policy simulator.
//
// The entities themselves, and the policies that apply to a principal, are in package
// identity; this package creates and changes them. What belongs to a user alone is stored
// under its unique id: owned.go.
//
// IAM is global: its ARNs have no region.
//
// Start reading at New in service.go, the table of operations; then target.go, the
// targets that the gate authorizes, and document.go, the rules for documents. The rest
// is one file per kind of entity; identitypolicies.go has the operations on the policies
// of users, groups and roles. Known and suspected differences from AWS are listed in
// docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/IAM/latest/APIReference/
package iam
