package authz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// Decision is a decision of the gate with all of its inputs. It is immutable and independent of the
// transaction, so it can be stored and explained later.
type Decision struct {
	Inputs
	Result policy.Decision

	gate *Gate // the gate that decided; nil for a decision that was unpacked
}

// Explain explains the decision.
func (d *Decision) Explain() (policy.Explanation, error) {
	request, policies, err := d.Restore()
	if err != nil {
		return policy.Explanation{}, err
	}
	return policy.Explain(request, policies), nil
}

// Restore rebuilds the decision's request, with every condition key, and its policies.
func (d *Decision) Restore() (*policy.Request, *policy.Policies, error) {
	e := newEvaluation()
	cache := new(documents)
	if d.gate != nil {
		cache = &d.gate.documents
	}
	if err := e.compile(&d.Inputs, cache); err != nil {
		return nil, nil, fmt.Errorf("explain %s on %s: %w", d.Action, d.Target.ARN, err)
	}
	e.keys = true
	e.build(&d.Inputs)
	return &e.request, &e.policies, nil
}

// HasConditions reports whether a policy of the decision has a condition.
func (d *Decision) HasConditions() bool {
	p := &d.Policies
	layers := slices.Concat([][]identity.Document{p.Identity, p.Boundary, p.Session, p.Resource}, p.ServiceControl, p.ResourceControl)
	for _, layer := range layers {
		for _, document := range layer {
			if strings.Contains(document.Text, `"Condition"`) {
				return true
			}
		}
	}
	return false
}

// Request returns the decision's request, with every condition key.
func (d *Decision) Request() *policy.Request {
	req := new(policy.Request)
	d.SetRequest(req)
	return req
}

// SetRequest sets req to the decision's request, with every condition key. It reuses the memory of req's
// context.
func (d *Decision) SetRequest(req *policy.Request) {
	e := evaluation{request: *req, keys: true}
	e.build(&d.Inputs)
	*req = e.request
}

// Denial is the error of a request that the policies do not allow.
type Denial struct {
	*Decision

	// Sentence is AWS's message. It names no policy: the caller may have no access to the policies of another
	// account.
	Sentence string
}

func (d *Denial) Error() string { return d.Sentence }
