// Package authz is the gate in front of every handler: it loads the inputs of a decision inside the request's
// transaction and calls the policy engine.
//
// It has no rules of its own and caches no decisions, only compiled documents by text. Start reading at
// Gate.Check.
package authz

import (
	"cmp"
	"fmt"
	"sync"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Mode specifies how the gate handles a denial.
type Mode uint8

const (
	Enforce Mode = iota // reject the request
	Audit               // allow the request; the decision is recorded
	Off                 // decide nothing
)

// String returns the value of the --enforce flag.
func (m Mode) String() string {
	switch m {
	case Audit:
		return "audit"
	case Off:
		return "off"
	}
	return "on"
}

// Gate decides requests.
type Gate struct {
	Mode Mode

	documents   documents
	evaluations sync.Pool
}

// Check decides whether the policies in the store allow the request. The error is a *Denial if they do not.
// Any other error means that they cannot be read, which also denies. The decision is nil if none was made.
// Credentials of a closed account are invalid: the error is identity.ErrUnknownKey.
func (g *Gate) Check(tx *store.Tx, q Question) (*Decision, error) {
	if g.Mode == Off {
		return nil, nil
	}
	e := g.evaluation()
	defer g.release(e)
	d, err := g.ask(tx, e, &g.documents, q)
	if err != nil {
		return nil, err
	}
	if suspended, err := e.rows.Suspended(q.Caller.Account()); err != nil || suspended {
		return nil, cmp.Or(err, identity.ErrUnknownKey)
	}
	if d.Result.Allowed() {
		return d, nil
	}
	denial := &Denial{Decision: d, Sentence: d.Result.Sentence(&e.request)}
	if g.Mode == Audit {
		return d, nil
	}
	return d, denial
}

// Ask decides a hypothetical request, regardless of the mode. A denial is not an error.
func (g *Gate) Ask(tx *store.Tx, q Question) (*Decision, error) {
	e := g.evaluation()
	defer g.release(e)
	return g.ask(tx, e, &g.documents, q)
}

func (g *Gate) ask(tx *store.Tx, e *evaluation, documents *documents, q Question) (*Decision, error) {
	d := &Decision{Inputs: Inputs{Question: q}, gate: g}
	if err := decide(tx, e, documents, d); err != nil {
		return nil, fmt.Errorf("authorize %s on %s: %w", q.Action, q.Target.ARN, err)
	}
	return d, nil
}

// May reports whether Check would allow q. It neither records nor logs: lists use it to omit what the caller
// may not see.
func (g *Gate) May(tx *store.Tx, q Question) (bool, error) {
	if g.Mode != Enforce {
		return true, nil
	}
	e := g.evaluation()
	defer g.release(e)
	d := Decision{Inputs: Inputs{Question: q}, gate: g}
	if err := decide(tx, e, &g.documents, &d); err != nil {
		return false, fmt.Errorf("authorize %s on %s: %w", q.Action, q.Target.ARN, err)
	}
	return d.Result.Allowed(), nil
}

// decide loads the inputs of a decision, builds the request and calls the engine.
func decide(tx *store.Tx, e *evaluation, documents *documents, d *Decision) error {
	in := &d.Inputs
	target, err := in.load(tx, e.rows)
	if err != nil {
		return err
	}
	if err := e.compile(in, documents); err != nil {
		return err
	}
	if e.tags {
		if err := in.loadTags(target); err != nil {
			return err
		}
	}
	e.build(in)
	d.Result = policy.Decide(&e.request, &e.policies)
	return nil
}

// Parse parses a document and caches it in compiled form, so that the first request to which it applies need
// not compile it again.
func (g *Gate) Parse(text string) (*policy.Document, error) {
	d, err := g.documents.compile(text)
	return d.Document, err
}
