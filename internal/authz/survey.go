package authz

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// Survey asks many hypothetical questions in one transaction. It keeps the rows that it
// loads from one to the next.
type Survey struct {
	// Rows are the rows that are loaded. The caller may add some, as they are in the
	// transaction.
	Rows identity.Rows

	gate       *Gate
	tx         *store.Tx
	evaluation *evaluation
}

// Survey begins a survey.
func (g *Gate) Survey(tx *store.Tx) *Survey {
	e := newEvaluation()
	return &Survey{Rows: e.rows, gate: g, tx: tx, evaluation: e}
}

// Ask decides one question, as [Gate.Ask] does.
func (s *Survey) Ask(q Question) (*Decision, error) {
	s.evaluation.reset()
	return s.gate.ask(s.tx, s.evaluation, q)
}
