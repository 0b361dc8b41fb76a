package authz

import (
	"fmt"

	"github.com/writdev/writ/policy"
)

// Decision is a decision of the gate with all that it followed from. It does not
// change after it was made and does not depend on the transaction, so it can be kept
// and explained later.
type Decision struct {
	Inputs
	Result policy.Decision

	gate *Gate
}

// Explain explains the decision.
func (d *Decision) Explain() (policy.Explanation, error) {
	e := newEvaluation()
	if err := e.compile(&d.Inputs, &d.gate.documents); err != nil {
		return policy.Explanation{}, fmt.Errorf("explain %s on %s: %w", d.Action, d.Target.ARN, err)
	}
	e.build(&d.Inputs)
	return policy.Explain(&e.request, &e.policies), nil
}

// Denial is the error of a request that the policies do not allow.
type Denial struct {
	*Decision

	// Sentence is the message of AWS. It names no policy: the caller may not know the
	// policies of another account.
	Sentence string
}

func (d *Denial) Error() string { return d.Sentence }
