// Package lint checks policy documents for mistakes that package policy cannot detect, because they depend on
// which services, actions, resource types and condition keys exist (package catalog), and on what the
// document allows (package analyze). Its findings have the codes of IAM Access Analyzer's policy checks;
// Writ's additional checks are a family of their own (own.go).
//
// Each family of checks has a file with a table of its codes. [Check] returns the findings of
// [policy.Validate] and those of all families, in the order of the text. Many findings come with a [Fix];
// [ApplyFixes] applies those that are proved not to change what the document allows.
//
// The codes, with an example of each: docs/reference/findings.md
//
// AWS's checks: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
package lint
