package iam

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// A document is checked when it is put, in the order in which IAM checks it. The error is
// the first fault, with IAM's message where that is known. What IAM stores although it has
// no effect (an action that does not exist, a condition key without a prefix) is stored
// here, too.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

// checkIdentity returns an error if a document cannot be an identity policy.
func checkIdentity(document string) error {
	doc, err := parse(document)
	if err != nil {
		return err
	}
	if doc.Version().Text != "2012-10-17" {
		return errMalformedPolicyDocument("Policy document must be version 2012-10-17 or greater.")
	}
	for _, check := range []func(*policy.Document) string{
		legacy, sids, noPrincipal, actionsThere, resources, actions, resourcesThere,
	} {
		if fault := check(doc); fault != "" {
			return errMalformedPolicyDocument("%s", fault)
		}
	}
	return nil
}

// checkTrust returns an error if a document cannot be a trust policy, and otherwise the
// document to store.
func checkTrust(c *operation.Call, document string) (string, error) {
	doc, err := parse(document)
	if err != nil {
		return "", err
	}
	for _, check := range []func(*policy.Document) string{legacy, sids, noResource, principals, actionsThere, trustActions} {
		if fault := check(doc); fault != "" {
			return "", errMalformedPolicyDocument("%s", fault)
		}
	}
	if size(document) > maxTrustSize {
		return "", exceeds("ACLSizePerRole", maxTrustSize)
	}
	ready, err := identity.ResolveTrust(c.Tx, c.Partition, document)
	if unknown, ok := errors.AsType[*identity.UnknownPrincipalError](err); ok {
		return "", errMalformedPolicyDocument("%s", unknown.Error())
	}
	return ready, err
}

// parse reads a document and checks its grammar.
func parse(document string) (*policy.Document, error) {
	doc, err := policy.Parse([]byte(document))
	if syntax, ok := errors.AsType[*policy.SyntaxError](err); ok && syntax.Code == "JSON_SYNTAX_ERROR" {
		return nil, errMalformedPolicyDocument("This policy contains invalid Json")
	}
	if err != nil || !grammatical(doc) {
		return nil, errMalformedPolicyDocument("Syntax errors in policy.")
	}
	return doc, nil
}

// ungrammatical are the codes of the engine's findings that IAM treats as syntax errors.
var ungrammatical = []string{
	"INVALID_CONDITION_OPERATOR", "INVALID_VERSION", "MISSING_EFFECT", "MISSING_STATEMENT", "NULL_WITH_IF_EXISTS",
	"UNSUPPORTED_ELEMENT_COMBINATION",
	// Condition values that cannot be read.
	"TYPE_MISMATCH_NUMBER", "TYPE_MISMATCH_IP_RANGE",
}

func grammatical(doc *policy.Document) bool {
	for _, s := range doc.Statements() {
		if s.Effect.Present() && !slices.Contains([]string{"allow", "deny"}, strings.ToLower(s.Effect.Text)) {
			return false
		}
	}
	return !slices.ContainsFunc(policy.Validate(doc, policy.Identity, nil), func(f policy.Finding) bool {
		return slices.Contains(ungrammatical, f.Code) && !emptyOperator(doc, f) || f.Code == "MISSING_ARN_FIELD" && inCondition(f)
	})
}

// inCondition reports whether a finding is about a condition.
func inCondition(f policy.Finding) bool {
	return slices.ContainsFunc(f.Location.Path, func(e policy.PathElement) bool { return e.Name == "Condition" })
}

// emptyOperator reports whether a finding is about an operator without keys, which IAM
// ignores.
func emptyOperator(doc *policy.Document, f policy.Finding) bool {
	if f.Code != "INVALID_CONDITION_OPERATOR" {
		return false
	}
	for _, s := range doc.Statements() {
		for _, op := range s.Condition.Operators {
			if op.Key.Span == f.Location.Span {
				return len(op.Keys) == 0
			}
		}
	}
	return false
}

// legacy finds what the legacy parser of IAM rejects.
func legacy(doc *policy.Document) string {
	const fault = "The policy failed legacy parsing"
	for _, s := range doc.Statements() {
		if s.Effect.Text != "Allow" && s.Effect.Text != "Deny" {
			return fault
		}
		for _, r := range slices.Concat(s.Resource.Values, s.NotResource.Values) {
			field := strings.SplitN(r.Text, ":", 6)
			if field[0] != "arn" || len(field) < 3 {
				continue
			}
			if len(field) < 6 && strings.Contains(r.Text, "::") || field[2] == "" {
				return fault
			}
		}
		for _, op := range s.Condition.Operators {
			if !strings.Contains(op.Name, "Date") {
				continue
			}
			for _, key := range op.Keys {
				for _, v := range key.Values.Values {
					if !isDate(v.Text) {
						return fault
					}
				}
			}
		}
	}
	return ""
}

// isDate reports whether IAM accepts a text as a date: a whole number of seconds, or any
// text with a separator of ISO 8601.
func isDate(text string) bool {
	if strings.ContainsAny(text, "tT-") {
		return true
	}
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func sids(doc *policy.Document) string {
	seen := map[string]bool{}
	for _, s := range doc.Statements() {
		sid := s.Sid.Text
		switch {
		case sid == "":
		case strings.ContainsFunc(sid, func(r rune) bool { return !isAlphanumeric(r) }):
			return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
		case seen[sid]:
			return "Statement IDs (SID) in a single policy must be unique."
		}
		seen[sid] = true
	}
	return ""
}

func isAlphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func noPrincipal(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		if s.Principal.Present() || s.NotPrincipal.Present() {
			return "Policy document should not specify a principal."
		}
	}
	return ""
}

func actionsThere(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		if len(s.Action.Values)+len(s.NotAction.Values) == 0 {
			return "Policy statement must contain actions."
		}
	}
	return ""
}

func resourcesThere(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		if len(s.Resource.Values)+len(s.NotResource.Values) == 0 {
			return "Policy statement must contain resources."
		}
	}
	return ""
}

func resources(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		for _, r := range slices.Concat(s.Resource.Values, s.NotResource.Values) {
			if fault := resource(r.Text); fault != "" {
				return fault
			}
		}
	}
	return ""
}

// partitions are the partitions of AWS.
var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

// pathKinds are the valid prefixes of the resource part of an IAM ARN.
var pathKinds = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
	"sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// resource is the fault of one Resource; "" if there is none.
func resource(text string) string {
	if text == "*" {
		return ""
	}
	field := strings.SplitN(text, ":", 6)
	if field[0] != "arn" && field[0] != "*" || len(field) == 1 {
		return `Resource ` + text + ` must be in ARN format or "*".`
	}
	if p := field[1]; !strings.ContainsAny(p, "*?") && !slices.Contains(partitions, p) {
		shown := []string{"*", "*", "*", "*", "*"}
		copy(shown, field[1:])
		return `Partition "` + p + `" is not valid for resource "arn:` + strings.Join(shown, ":") + `".`
	}
	if len(field) < 3 {
		return ""
	}
	if strings.ContainsAny(field[2], "*?") && field[2] != "*" {
		return "Resource vendor must be fully qualified and cannot contain regexes."
	}
	if len(field) < 6 {
		return ""
	}
	region, rest := field[3], field[5]
	switch {
	case field[2] == "iam" && region != "" && region != "*":
		return "IAM resource " + text + " cannot contain region information."
	case field[2] == "s3" && region != "" && !strings.HasPrefix(rest, "accesspoint/"):
		return "Resource " + text + " can not contain region information."
	case field[2] == "iam" && !strings.HasPrefix(rest, "*") && !slices.ContainsFunc(pathKinds, func(kind string) bool { return strings.HasPrefix(rest, kind) }):
		return `IAM resource path must either be "*" or start with ` + strings.Join(pathKinds, ", ") + "."
	}
	return ""
}

func actions(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		for _, a := range slices.Concat(s.Action.Values, s.NotAction.Values) {
			vendor, name, ok := strings.Cut(a.Text, ":")
			switch {
			case a.Text == "*":
			case !ok:
				return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
			case strings.Contains(name, ":"):
				return "Actions/Condition can contain only one colon."
			case vendor != "*" && (vendor == "" || strings.ContainsFunc(vendor, func(r rune) bool { return !isAlphanumeric(r) && r != '-' && r != '.' })):
				return "Vendor " + vendor + " is not valid"
			}
		}
	}
	return ""
}

func noResource(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		switch {
		case s.Resource.Present():
			return "Has prohibited field Resource"
		case s.NotResource.Present():
			return "Has prohibited field NotResource"
		}
	}
	return ""
}

// principals finds a principal that a trust policy cannot have. Whether users and roles
// exist is checked later.
func principals(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		switch {
		case s.NotPrincipal.Present():
			return "Has prohibited field NotPrincipal"
		case !s.Principal.Present():
			return "Missing required field Principal"
		case s.Principal.Any.Present() && s.Principal.Any.Text != "*":
			return `Invalid principal in policy: "` + s.Principal.Any.Text + `"`
		}
		for _, e := range s.Principal.Entries {
			for _, v := range e.Values.Values {
				if !isPrincipal(e.Type, v.Text) {
					return `Invalid principal in policy: "` + strings.ToUpper(e.Type) + `":"` + v.Text + `"`
				}
			}
		}
	}
	return ""
}

func isPrincipal(kind, text string) bool {
	switch kind {
	case "AWS":
		return text == "*" || !strings.ContainsAny(text, "*?")
	case "Service":
		name, ok := strings.CutSuffix(strings.TrimSuffix(text, ".cn"), ".amazonaws.com")
		return ok && name != "" && !strings.ContainsAny(name, ":/ *?")
	case "Federated":
		return text != "" && !strings.ContainsAny(text, "*? ")
	}
	return false
}

// trustActions finds an action that a trust policy cannot have. This is a security check,
// too: the trust policy is the resource-based policy on the role's ARN, and must not allow
// IAM's operations on the role.
func trustActions(doc *policy.Document) string {
	for _, s := range doc.Statements() {
		outside := func(a policy.Value) bool { return !strings.HasPrefix(strings.ToLower(a.Text), "sts:") }
		if s.NotAction.Present() || slices.ContainsFunc(s.Action.Values, outside) {
			return "AssumeRole policy may only specify STS AssumeRole actions."
		}
	}
	return ""
}

// escaped is a document in IAM's outputs: percent-encoded as in RFC 3986.
func escaped(document string) *string {
	return new(strings.ReplaceAll(url.QueryEscape(document), "+", "%20"))
}
