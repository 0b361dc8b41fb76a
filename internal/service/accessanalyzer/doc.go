// Package accessanalyzer implements IAM Access Analyzer: policy validation, custom policy checks, analyzers
// with their archive rules, findings about access from outside an account or organization, and access
// previews.
//
// Packages policy/lint and policy/analyze analyze documents; this package converts their results to the API.
// A finding is computed from the policies in the store at the time of the request (external.go): findings are
// not stored and are never stale. The store contains only analyzers, archive rules, the statuses that users
// set on findings, and the configurations of previews.
//
// Start reading at New in service.go, the table of operations; then validate.go and check.go, which are
// stateless, and finding.go. Known and suspected differences from AWS are listed in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/
package accessanalyzer
