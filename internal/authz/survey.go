package authz

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// Survey asks many hypothetical questions in one transaction. It keeps the rows that it
// loads from one to the next, and the compiled documents also for the next survey unless
// something is written in between.
type Survey struct {
	gate       *Gate
	tx         *store.Tx
	evaluation *evaluation
	documents  *documents
}

// maxSurveyText bounds the compiled documents of surveys, as maxText does those of
// requests.
const maxSurveyText = 4 << 20

// Survey begins a survey with rows that were loaded in the transaction. It adds others to
// them.
func (g *Gate) Survey(tx *store.Tx, rows identity.Rows) (*Survey, error) {
	documents, err := store.Derived(tx, "survey documents", func() (*documents, error) {
		return &documents{most: maxSurveyText}, nil
	})
	e := newEvaluation()
	e.rows = rows
	return &Survey{gate: g, tx: tx, evaluation: e, documents: documents}, err
}

// Ask decides one question, as [Gate.Ask] does.
func (s *Survey) Ask(q Question) (*Decision, error) {
	s.evaluation.reset()
	return s.gate.ask(s.tx, s.evaluation, s.documents, q)
}
