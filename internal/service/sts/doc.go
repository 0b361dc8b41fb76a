// Package sts is the AWS Security Token Service: the caller's identity, and sessions of
// roles, users and federated users.
//
// A session is not stored: its token contains all of it (see identity.Session). It ends
// when it expires, when its role or user is deleted, or by policies with the condition
// key aws:TokenIssueTime. Whether a caller may assume a role is decided by the gate: the
// trust policy is the resource-based policy on the role's ARN.
//
// Principals of identity providers come in without a signature: the gate's target function
// verifies their token or assertion (internal/federation) and makes them the caller.
//
// Start reading at New, then assumeRole in role.go.
package sts
