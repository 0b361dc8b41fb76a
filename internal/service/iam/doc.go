// Package iam is AWS Identity and Access Management: users with their access
// keys, groups, roles with their trust policies, inline and managed policies,
// permissions boundaries, instance profiles, service-linked roles, and the
// policy simulator.
//
// What these things are, and how they bind a caller, is in package identity;
// here stands how clients make and change them. There are no passwords, no MFA
// devices, no certificates and no identity providers.
//
// IAM is global: it keeps nothing per region, and its ARNs have none.
//
// Start reading at New in service.go, the table of operations; then target.go,
// which says what the gate judges, and document.go, which says which policies
// may be put. The rest is one file per kind of thing. Differences from AWS that
// are known or suspected stand in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/IAM/latest/APIReference/
package iam
