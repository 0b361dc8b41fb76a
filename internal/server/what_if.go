package server

import (
	"maps"
	"strconv"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/store"
)

// decideAgain decides an earlier request with the current state: all its decisions or, with
// other members in the question, the first one or a child as the question changes it.
func (s *Server) decideAgain(tx *store.Tx, q Question) ([]*authz.Decision, error) {
	id, child, isChild := strings.Cut(q.Decision, ".")
	earlier, ok := s.cfg.Ring.Get(id)
	if !ok {
		return nil, badInput("there is no decision with the id %q", q.Decision)
	}
	asked := earlier.Decisions
	n, err := strconv.Atoi(child)
	switch {
	case isChild && (err != nil || n < 1 || n >= len(asked)):
		return nil, badInput("the decision %s has no child %q", id, child)
	case isChild:
		asked = asked[n : n+1]
	case q.isChanged():
		asked = asked[:1]
	}
	var list []*authz.Decision
	for _, d := range asked {
		question, err := s.changed(tx, d.Question, q)
		if err != nil {
			return nil, err
		}
		again, err := s.cfg.Gate.Ask(tx, question)
		if err != nil {
			return nil, err
		}
		list = append(list, again)
	}
	return list, nil
}

// isChanged reports whether a question changes the request of an earlier decision.
func (q *Question) isChanged() bool {
	return q.Principal != "" || q.Action != "" || q.Resource != "" || len(q.Context) > 0 || !q.Session.IsZero()
}

// changed returns an earlier request with the members of a question in place of its own.
// Everything else stays, such as the time, the address and the keys of the service.
func (s *Server) changed(tx *store.Tx, earlier authz.Question, q Question) (authz.Question, error) {
	if !q.isChanged() {
		return earlier, nil
	}
	if q.Action == "" {
		q.Action = earlier.Action
	}
	if q.Resource == "" {
		q.Resource = earlier.Target.ARN
	}
	if err := q.check(); err != nil {
		return earlier, err
	}
	at := s.now()
	if earlier.Keys != nil {
		at = earlier.Keys.Time
	}
	caller, err := earlier.Caller.WithSession(q.Session, at)
	if q.Principal != "" && q.Principal != earlier.Caller.ARN() {
		caller, err = callerOf(tx, q, at)
	} else if err != nil {
		err = badInput("%v", err)
	}
	if err != nil {
		return earlier, err
	}
	target := earlier.Target
	if q.Resource != target.ARN || (q.Principal != "" || q.Action != earlier.Action) && s.hasLocate(q.Resource) {
		if target, err = s.target(tx, caller, Question{Action: q.Action, Resource: q.Resource}); err != nil {
			return earlier, err
		}
		target.RequestTags, target.TagKeys = earlier.Target.RequestTags, earlier.Target.TagKeys
	}
	keys := map[string][]string{}
	for _, own := range []map[string][]string{earlier.Target.Keys, target.Keys} {
		maps.Copy(keys, own)
	}
	for name, values := range q.Context {
		setKey(keys, name, values)
	}
	target.Keys = keys
	return authz.Question{Caller: caller, Action: q.Action, Target: target, Keys: earlier.Keys}, nil
}

// setKey sets a condition key, whose name is not case-sensitive.
func setKey(keys map[string][]string, name string, values []string) {
	for existing := range keys {
		if strings.EqualFold(existing, name) {
			delete(keys, existing)
		}
	}
	keys[name] = values
}

// hasLocate reports whether the service of a resource computes the targets of its actions.
func (s *Server) hasLocate(resource string) bool {
	a, err := arn.Parse(resource)
	if err != nil {
		return false
	}
	for _, svc := range s.cfg.Services {
		if svc.API.Name == a.Service && svc.Locate != nil {
			return true
		}
	}
	return false
}
