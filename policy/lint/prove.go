package lint

import (
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// proofCodes are the checks that search all requests.
var proofCodes = []code{
	{"STATEMENT_WITHOUT_EFFECT", policy.Warning},
	{"REDUNDANT_PART", policy.Suggestion},
}

// checkProofs reports what can be left out without changing what the document
// allows: statements, and values of lists.
func (l *linter) checkProofs() {
	if !l.Proofs || analyze.Check(l.doc, l.Kind) != nil {
		return
	}
	for _, r := range analyze.Redundant(l.doc, l.Kind, analyze.Options{}) {
		f := Finding{Finding: policy.Finding{Location: r.Location}}
		if len(r.Location.Path) <= 2 {
			f.Code, f.Message = "STATEMENT_WITHOUT_EFFECT", "without the statement the document allows the same"
		} else {
			f.Code, f.Message = "REDUNDANT_PART", "without this the document allows the same"
		}
		f.Severity = severities()[f.Code]
		f.Fix = removeSpan("Remove it", l.doc, r.Location.Span)
		l.findings = append(l.findings, f)
	}
}
