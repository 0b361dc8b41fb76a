package iam

import (
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// sourceResource is the name of the resource-based policy of a request.
const sourceResource = "ResourcePolicy"

// matched is a statement that decided, as a result names it.
func (s *simulation) matched(st policy.StatementReport) Statement {
	at := func(p policy.Position) *Position { return &Position{Line: &p.Line, Column: new(p.Column + 1)} }
	return Statement{
		SourcePolicyID: new(sourceID(st.Policy)), SourcePolicyType: new(sourceType(st.Policy)),
		StartPosition: at(statementStart(s.source(st.Policy), st.Location.Span.Start)), EndPosition: at(st.Location.Span.End),
	}
}

// source is the text of a policy of the simulation.
func (s *simulation) source(name string) string {
	for _, layer := range [][]policy.Attached{s.policies.Identity, s.policies.Boundary, s.policies.Resource} {
		for _, a := range layer {
			if a.Name == name {
				return string(a.Document.Source())
			}
		}
	}
	return ""
}

// statementStart is where AWS's parser stands when it comes to the statement at a position:
// behind the bracket of the list or the previous statement, or in the object that stands
// for a list of one.
// https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html
// https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-principal-policy.html
func statementStart(source string, at policy.Position) policy.Position {
	const space = " \t\r\n"
	before := strings.TrimRight(source[:min(at.Offset, len(source))], space)
	if !strings.HasSuffix(before, "[") && !strings.HasSuffix(before, ",") {
		at.Column++
		return at
	}
	before = strings.TrimRight(strings.TrimSuffix(before, ","), space)
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return policy.Position{Line: 1 + strings.Count(before, "\n"), Column: utf8.RuneCountInString(line), Offset: len(before)}
}

// sourceIAMPolicy is what AWS returns for every identity policy; the model does not have it.
// https://github.com/soto-project/soto/pull/230
const sourceIAMPolicy PolicySourceType = "IAM Policy"

// sourceType is the type of the source of a policy with a name.
func sourceType(name string) PolicySourceType {
	if name == sourceResource {
		return PolicySourceTypeResource
	}
	return sourceIAMPolicy
}

// sourceID is how results name a policy: a managed policy by its name, an inline one by
// user_NAME_POLICY, as the acceptance tests of Terraform's AWS provider read it from AWS,
// and a document of the request by its member.
func sourceID(name string) string {
	if !strings.HasPrefix(name, "arn:") {
		return name
	}
	last := strings.LastIndexByte(name, '/')
	if identity.KindOf(name) == identity.PolicyKind {
		return name[last+1:]
	}
	entity := strings.TrimSuffix(name[:last], "/policy")
	return string(identity.KindOf(name)) + "_" + entity[strings.LastIndexByte(entity, '/')+1:] + "_" + name[last+1:]
}
