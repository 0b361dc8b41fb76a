// Package sts implements the AWS Security Token Service: the caller's identity, and sessions of roles, users
// and federated users.
//
// A session is not stored: its token contains all of it (see identity.Session). It ends when it expires, when
// its role or user is deleted, or by policies with the condition key aws:TokenIssueTime. The gate decides
// whether a caller may assume a role: the trust policy is the resource-based policy on the role's ARN.
//
// Requests by principals of identity providers are unsigned: the gate's target function verifies their token
// or assertion (internal/federation) and sets the caller.
//
// Start reading at New, then assumeRole in role.go.
package sts
