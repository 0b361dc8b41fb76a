package iam

import (
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// sourceResource is the name of the resource-based policy of a request.
const sourceResource = "ResourcePolicy"

// matched is a statement that decided, as a result names it.
func matched(st policy.StatementReport) Statement {
	at := func(p policy.Position) *Position { return &Position{Line: &p.Line, Column: new(p.Column + 1)} }
	return Statement{
		SourcePolicyID: new(sourceID(st.Policy)), SourcePolicyType: new(sourceType(st.Policy)),
		StartPosition: at(st.Location.Span.Start), EndPosition: at(st.Location.Span.End),
	}
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
