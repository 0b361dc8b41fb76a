// Package policy is a policy engine for the IAM policy language: it parses,
// prints, validates, matches and evaluates policy documents, decides requests
// over all policies that apply to them, and explains each decision.
//
// It is a pure function of its arguments. It uses no clock, network, database,
// goroutine or logger: the time, the source address and all other context are
// condition keys of the [Request]. It fetches nothing: the policies that apply to a
// request are passed as [Policies]. It has no catalog of the actions and condition
// keys of services; findings that need such a catalog belong to package policy/lint.
//
// Start with [Parse], which turns JSON into an immutable [Document]; then
// [Decide], which decides a [Request]; then [Explain], which also returns the
// reasons. A service calls [Validate] before it stores a document.
//
// In the source, read eval.go (one statement against one request) and decide.go
// (how the results of the layers are combined).
package policy
