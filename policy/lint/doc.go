// Package lint looks for mistakes in policy documents with the knowledge that
// package policy does without: which services, actions, resource types and
// condition keys there are (package catalog), and what the document allows
// (package analyze). Its findings have the codes of IAM Access Analyzer's policy
// checks; checks of Writ's own are a family of their own (own.go).
//
// Each family of checks has a file with a table of its codes. [Check] returns the
// findings of [policy.Validate] and those of all families, in the order of the
// text. Many findings come with a [Fix]; [Fixed] applies those that are proved to
// leave unchanged what the document allows.
//
// The codes, with an example of each: docs/reference/findings.md
//
// AWS's checks: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
package lint
