// Package policy is a policy engine for the IAM policy language: it parses,
// prints, validates, matches and evaluates policy documents, decides requests
// over every layer of policies that binds them, and explains each decision.
//
// It is a pure function of its arguments. It knows no clock, network, database,
// goroutine or logger: the time, the source address and whatever else a policy
// may ask about arrive as condition keys of the [Request]. It fetches nothing:
// the policies that bind a request arrive in [Policies]. It knows no service's
// list of actions or condition keys; findings that need such a catalog belong to
// package policy/lint.
//
// Start with [Parse], which turns JSON into an immutable [Document]; then
// [Decide], which answers a [Request]; then [Explain], which answers the same
// with reasons. [Validate] is what a service calls before it stores a document.
//
// In the source, read eval.go (one statement against one request) and decide.go
// (how the layers' verdicts combine); the rest serves these two.
package policy
