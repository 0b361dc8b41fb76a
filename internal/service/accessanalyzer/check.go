package accessanalyzer

import (
	"fmt"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// result is the prepared result of a custom check: the statements that cause the failure, or none if the
// document passes.
type result struct {
	doc     *policy.Document
	blamed  []int
	failed  bool
	invalid error
}

// errUnknown returns the error for an abandoned analysis, in which a document never passes.
func errUnknown(reason string) error {
	return errUnprocessableEntity("The policy could not be analyzed: %s.", reason)
}

// checkable parses the document of a custom check.
func checkable(member, text string, kind policy.Kind) (*policy.Document, error) {
	doc, err := policy.Parse([]byte(text))
	if err == nil {
		err = analyze.Check(doc, kind)
	}
	if err != nil {
		return nil, errInvalidParameter("The %s is not valid: %v", member, err)
	}
	return doc, nil
}

// kindOfCheck returns the kind of policy for a type.
func kindOfCheck(t AccessCheckPolicyType) policy.Kind {
	if t == AccessCheckPolicyTypeIdentityPolicy {
		return policy.Identity
	}
	return policy.Resource
}

func noNewAccess(_ *operation.Call, in *CheckNoNewAccessInput) any {
	kind := kindOfCheck(in.PolicyType)
	old, err := checkable("existingPolicyDocument", in.ExistingPolicyDocument, kind)
	if err != nil {
		return result{invalid: err}
	}
	doc, err := checkable("newPolicyDocument", in.NewPolicyDocument, kind)
	if err != nil {
		return result{invalid: err}
	}
	c := analyze.Compare(old, doc, kind, analyze.Options{})
	switch {
	case c.Gained != nil:
		return result{doc: doc, failed: true, blamed: failingStatements(doc, func(alone *policy.Document) bool {
			return analyze.Compare(old, alone, kind, analyze.Options{}).Gained != nil
		})}
	case c.Verdict == analyze.Unknown:
		return result{invalid: errUnknown(c.Reason)}
	}
	return result{doc: doc}
}

func accessNotGranted(_ *operation.Call, in *CheckAccessNotGrantedInput) any {
	if len(in.Access) == 0 || len(in.Access[0].Actions)+len(in.Access[0].Resources) == 0 {
		return result{invalid: notValid("access", "access requires actions or resources.")}
	}
	kind, access := kindOfCheck(in.PolicyType), in.Access[0]
	doc, err := checkable("policyDocument", in.PolicyDocument, kind)
	if err != nil {
		return result{invalid: err}
	}
	return checkAnswer(doc, func(d *policy.Document) analyze.Answer {
		return analyze.Grants(d, kind, access.Actions, access.Resources, analyze.Options{})
	})
}

func noPublicAccess(_ *operation.Call, in *CheckNoPublicAccessInput) any {
	kind := policy.Resource
	if in.ResourceType == AccessCheckResourceTypeAWSIAMAssumeRolePolicyDocument {
		kind = policy.Trust
	}
	doc, err := checkable("policyDocument", in.PolicyDocument, kind)
	if err != nil {
		return result{invalid: err}
	}
	return checkAnswer(doc, func(d *policy.Document) analyze.Answer { return analyze.Public(d, kind, analyze.Options{}) })
}

// checkAnswer returns the result of a question: the document fails if there is a witness.
func checkAnswer(doc *policy.Document, ask func(*policy.Document) analyze.Answer) result {
	a := ask(doc)
	switch {
	case a.Witness != nil:
		return result{doc: doc, failed: true, blamed: failingStatements(doc, func(alone *policy.Document) bool { return ask(alone).Witness != nil })}
	case a.Unknown:
		return result{invalid: errUnknown(a.Reason)}
	}
	return result{doc: doc}
}

// failingStatements returns the Allow statements that cause a document to fail: each of them fails alone together with
// all Deny statements.
func failingStatements(doc *policy.Document, fails func(*policy.Document) bool) (blamed []int) {
	for i := range doc.Statements() {
		if doc.Statements()[i].Effect.Text != "Allow" {
			continue
		}
		alone, err := withStatement(doc, i, "")
		if err == nil && fails(alone) {
			blamed = append(blamed, i)
		}
	}
	return blamed
}

// reasons returns AWS's texts for the failing statements: "New access in the statement with sid: A."
func (r *result) reasons(format string) []ReasonSummary {
	out := []ReasonSummary{}
	for _, i := range r.blamed {
		reason := ReasonSummary{StatementIndex: &i, Description: new(fmt.Sprintf(format, fmt.Sprintf("index: %d", i)))}
		if sid := r.doc.Statements()[i].Sid.Text; sid != "" {
			reason.StatementID, reason.Description = &sid, new(fmt.Sprintf(format, "sid: "+sid))
		}
		out = append(out, reason)
	}
	return out
}

func (s *accessAnalyzer) checkNoNewAccess(c *operation.Call, _ *CheckNoNewAccessInput) (*CheckNoNewAccessOutput, error) {
	r := c.Prepared.(result)
	if r.invalid != nil {
		return nil, r.invalid
	}
	out := &CheckNoNewAccessOutput{
		Result:  new(CheckNoNewAccessResultPass),
		Message: new("The modified permissions do not grant new access compared to your existing policy."),
	}
	if r.failed {
		out.Result, out.Message = new(CheckNoNewAccessResultFail), new("The modified permissions grant new access compared to your existing policy.")
		out.Reasons = r.reasons("New access in the statement with %s.")
	}
	return out, nil
}

func (s *accessAnalyzer) checkAccessNotGranted(c *operation.Call, _ *CheckAccessNotGrantedInput) (*CheckAccessNotGrantedOutput, error) {
	r := c.Prepared.(result)
	if r.invalid != nil {
		return nil, r.invalid
	}
	out := &CheckAccessNotGrantedOutput{
		Result:  new(CheckAccessNotGrantedResultPass),
		Message: new("The policy document does not grant access to perform the listed actions or resources."),
	}
	if r.failed {
		out.Result = new(CheckAccessNotGrantedResultFail)
		out.Message = new("The policy document grants access to perform one or more of the listed actions or resources.")
		out.Reasons = r.reasons("One or more of the listed actions or resources in the statement with %s.")
	}
	return out, nil
}

func (s *accessAnalyzer) checkNoPublicAccess(c *operation.Call, _ *CheckNoPublicAccessInput) (*CheckNoPublicAccessOutput, error) {
	r := c.Prepared.(result)
	if r.invalid != nil {
		return nil, r.invalid
	}
	out := &CheckNoPublicAccessOutput{
		Result:  new(CheckNoPublicAccessResultPass),
		Message: new("The resource policy does not grant public access for the given resource type."),
	}
	if r.failed {
		out.Result, out.Message = new(CheckNoPublicAccessResultFail), new("The resource policy grants public access for the given resource type.")
		out.Reasons = r.reasons("Public access granted in the statement with %s.")
	}
	return out, nil
}
