package accessanalyzer

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/lint"
)

// policyKinds holds the types of ValidatePolicy.
var policyKinds = map[PolicyType]policy.Kind{
	PolicyTypeIdentityPolicy: policy.Identity, PolicyTypeResourcePolicy: policy.Resource,
	PolicyTypeServiceControlPolicy: policy.ServiceControl, PolicyTypeResourceControlPolicy: policy.ResourceControl,
}

// validation is what validate prepares.
type validation struct {
	findings []ValidatePolicyFinding
	err      error
}

// validate checks the document. It is stateless.
func validate(_ *operation.Call, in *ValidatePolicyInput) any {
	config := lint.Config{Kind: policyKinds[in.PolicyType]}
	if t := in.ValidatePolicyResourceType; t != nil {
		switch {
		case in.PolicyType != PolicyTypeResourcePolicy:
			return validation{err: notValid("validatePolicyResourceType", "A resource type can be specified only for a resource policy.")}
		case *t == ValidatePolicyResourceTypeAWSIAMAssumeRolePolicyDocument:
			config.Kind = policy.Trust
		default:
			config.Resource = string(*t)
		}
	}
	doc, err := policy.Parse([]byte(in.PolicyDocument))
	if e, ok := errors.AsType[*policy.SyntaxError](err); ok {
		f := policy.Finding{Code: e.Code, Severity: policy.Error, Message: e.Message}
		f.Location = policy.Location{Span: policy.Span{Start: e.Position, End: e.Position}, Path: e.Path}
		return validation{findings: []ValidatePolicyFinding{newValidation(in.PolicyDocument, lint.Finding{Finding: f})}}
	}
	findings := []ValidatePolicyFinding{}
	for _, f := range lint.Check(doc, config) {
		if lint.Published(f.Code) {
			findings = append(findings, newValidation(in.PolicyDocument, f))
		}
	}
	return validation{findings: findings}
}

func (s *accessAnalyzer) validatePolicy(c *operation.Call, in *ValidatePolicyInput) (*ValidatePolicyOutput, error) {
	v := c.Prepared.(validation)
	if v.err != nil {
		return nil, v.err
	}
	numbered := make([]int, len(v.findings))
	for i := range numbered {
		numbered[i] = i
	}
	page, err := paginate("ValidatePolicy", in.MaxResults, in.NextToken, keyed(numbered, func(i int) string { return fmt.Sprintf("%06d", i) }))
	if err != nil {
		return nil, err
	}
	out := &ValidatePolicyOutput{Findings: make([]ValidatePolicyFinding, len(page.Items)), NextToken: page.Next}
	for i, n := range page.Items {
		out.Findings[i] = v.findings[n]
	}
	return out, nil
}

// newValidation converts a finding to the API's shape.
func newValidation(text string, f lint.Finding) ValidatePolicyFinding {
	out := ValidatePolicyFinding{
		FindingDetails: f.Message, FindingType: ValidatePolicyFindingType(f.Severity.String()), IssueCode: f.Code,
		LearnMoreLink: learnMore(f.Finding), Locations: []Location{newLocation(text, f.Location)},
	}
	for _, l := range f.Others {
		out.Locations = append(out.Locations, newLocation(text, l))
	}
	return out
}

// learnMore returns the link to a code in AWS's reference.
func learnMore(f policy.Finding) string {
	severity := map[policy.Severity]string{
		policy.Error: "error", policy.SecurityWarning: "security-warning", policy.Warning: "general-warning", policy.Suggestion: "suggestion",
	}[f.Severity]
	return "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-" +
		severity + "-" + strings.ReplaceAll(strings.ToLower(f.Code), "_", "-")
}

func newLocation(text string, l policy.Location) Location {
	out := Location{Path: make([]PathElement, len(l.Path)), Span: &Span{Start: newPosition(text, l.Span.Start), End: newPosition(text, l.Span.End)}}
	for i, e := range l.Path {
		switch e.Kind {
		case policy.IndexPath:
			out.Path[i].Index = &e.Index
		case policy.KeyPath:
			out.Path[i].Key = &e.Name
		default:
			out.Path[i].Value = &e.Name
		}
	}
	return out
}

// newPosition counts the offset in code points, as the columns are.
func newPosition(text string, p policy.Position) *Position {
	return &Position{Line: p.Line, Column: p.Column, Offset: utf8.RuneCountInString(text[:min(p.Offset, len(text))])}
}
