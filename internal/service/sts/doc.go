// Package sts is the AWS Security Token Service: the caller's identity, and sessions of
// roles, users and federated users.
//
// A session is not stored: its token contains all of it (see identity.Session). It ends
// when it expires, when its role or user is deleted, or by policies with the condition
// key aws:TokenIssueTime. Whether a caller may assume a role is decided by the gate: the
// trust policy is the resource-based policy on the role's ARN.
//
// There are no identity providers and no MFA devices, and no sessions that need them.
//
// Start reading at New, then assumeRole in role.go.
package sts
