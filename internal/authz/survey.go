package authz

import (
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// Survey decides many hypothetical requests in one transaction. It reuses the loaded rows, and the compiled
// documents also for the next survey unless a write occurs in between.
type Survey struct {
	gate       *Gate
	tx         *store.Tx
	evaluation *evaluation
	documents  *documents
}

// maxSurveyText limits the compiled documents of surveys, as maxText limits those of requests.
const maxSurveyText = 4 << 20

// Survey starts a survey with rows that were loaded in the transaction, to which it adds others.
func (g *Gate) Survey(tx *store.Tx, rows identity.Rows) (*Survey, error) {
	documents, err := store.Derived(tx, "survey documents", func() (*documents, error) {
		return &documents{limit: maxSurveyText}, nil
	})
	e := newEvaluation()
	e.rows = rows
	return &Survey{gate: g, tx: tx, evaluation: e, documents: documents}, err
}

// Ask decides one request like [Gate.Ask].
func (s *Survey) Ask(q Question) (*Decision, error) {
	s.evaluation.reset()
	return s.gate.ask(s.tx, s.evaluation, s.documents, q)
}
