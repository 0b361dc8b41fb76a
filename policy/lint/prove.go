package lint

import (
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// proofCodes lists the checks that search all requests.
var proofCodes = []code{
	{"STATEMENT_WITHOUT_EFFECT", policy.Warning},
	{"REDUNDANT_PART", policy.Suggestion},
}

// checkProofs reports parts that can be removed without changing what the document allows: statements, and
// values of lists.
func (l *linter) checkProofs() {
	if !l.Proofs || analyze.Check(l.doc, l.Kind) != nil {
		return
	}
	for _, r := range analyze.Redundant(l.doc, l.Kind, analyze.Options{}) {
		f := Finding{Finding: policy.Finding{Location: r.Location}}
		if len(r.Location.Path) <= 2 {
			f.Code, f.Message = "STATEMENT_WITHOUT_EFFECT", "the document allows the same requests without the statement"
		} else {
			f.Code, f.Message = "REDUNDANT_PART", "the document allows the same requests without this value"
		}
		f.Severity = severities()[f.Code]
		f.Fix = removeSpan("Remove it", l.doc, r.Location.Span)
		l.findings = append(l.findings, f)
	}
}
