// Package sts serves the Security Token Service: who am I, and sessions of
// roles, of users and of federated users.
//
// A session is nothing that is stored: all of it travels in its token (see
// identity.Session), so a session ends by its time or with the role or the user
// behind it, and by policies that ask aws:TokenIssueTime. Whether a role may be
// assumed is no rule of this package: the role's trust policy is the policy of
// the role's ARN, and the gate judges it like any resource's.
//
// There are no identity providers and no MFA devices, so no sessions by them.
//
// Start reading at New, then assumeRole in role.go.
package sts
