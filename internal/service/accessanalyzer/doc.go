// Package accessanalyzer is IAM Access Analyzer: the validation of policies, the
// custom checks of policies, analyzers with their archive rules, the findings
// about access from outside an account or organization, and access previews.
//
// What a document says comes from packages policy/lint and policy/analyze; this
// package words the answers. A finding is a function of the policies that the
// store has at the time of the request (external.go): none is stored, so none is
// stale. Stored are only analyzers, archive rules, the statuses that users gave
// findings, and the configurations of previews.
//
// Start reading at New in service.go, the table of operations; then validate.go
// and check.go, which need no state, and finding.go. Differences from AWS that
// are known or suspected stand in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/
package accessanalyzer
