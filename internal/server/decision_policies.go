package server

import (
	"fmt"
	"net/http"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
)

// DecisionPolicies is the response of GET /_writ/decisions/{id}/policies: the policy
// documents of a decision, as they were at its time.
type DecisionPolicies struct {
	// ID is the id of the record or of one of its children.
	ID       string           `json:"id"`
	Policies []DecisionPolicy `json:"policies"`
}

// DecisionPolicy is one document of a decision.
type DecisionPolicy struct {
	Layer  string `json:"layer"`
	Level  int    `json:"level,omitempty"` // of an organization's policies, from the root (0) down
	Policy string `json:"policy"`          // its name, as in the statements of the record
	Text   string `json:"text"`
}

// decisionPolicies returns the documents of a decision and of its children.
func (s *Server) decisionPolicies(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	e, ok := s.find(id)
	if !ok {
		s.missing(w, id)
		return
	}
	out := make([]DecisionPolicies, len(e.Decisions))
	for i, d := range e.Decisions {
		out[i] = DecisionPolicies{ID: e.ID, Policies: documentsOf(&d.Policies)}
		if i > 0 {
			out[i].ID = fmt.Sprintf("%s.%d", e.ID, i)
		}
	}
	ReplyJSON(w, http.StatusOK, map[string]any{"decisions": out})
}

// documentsOf lists the documents of all layers.
func documentsOf(p *authz.Policies) []DecisionPolicy {
	list := []DecisionPolicy{}
	add := func(layer string, level int, documents []identity.Document) {
		for _, d := range documents {
			list = append(list, DecisionPolicy{layer, level, d.Name, d.Text})
		}
	}
	add("identity", 0, p.Identity)
	add("resource", 0, p.Resource)
	add("boundary", 0, p.Boundary)
	add("session", 0, p.Session)
	for level, documents := range p.ServiceControl {
		add("scp", level, documents)
	}
	for level, documents := range p.ResourceControl {
		add("rcp", level, documents)
	}
	return list
}
