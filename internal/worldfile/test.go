package worldfile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/server"
)

// Result is what came of one question of a test.
type Result struct {
	Name      string // of the test
	File      string
	Line      int // where the test stands
	Principal string
	Action    string
	Resource  string
	Failure   string          // "" if the test passed
	Record    decision.Record // zero if the question could not be asked
}

// Test asks what the tests of a loaded world ask, in their order.
func (w *World) Test(ctx context.Context, s *server.Server) ([]Result, error) {
	var results []Result
	err := s.Observe(ctx, func(o *server.Operator) error {
		results = nil
		for i, t := range w.Tests {
			for _, q := range w.questions(fmt.Sprintf("tests[%d]", i), t) {
				q.ask(o)
				results = append(results, q.Result)
			}
		}
		return nil
	})
	return results, err
}

// question is one request of a test.
type question struct {
	Result
	request   server.Question
	allowed   bool
	decidedBy string
}

// questions are all combinations of a test's actions and resources.
func (w *World) questions(path string, t Test) []*question {
	principal, _ := w.source.names.principal(t.Principal)
	resources := t.Resource
	if len(resources) == 0 {
		resources = List{"*"}
	}
	context := map[string]server.Values{}
	for key, values := range t.Context {
		context[key] = server.Values(values)
	}
	var list []*question
	add := func(actions List, allowed bool) {
		for _, action := range actions {
			for _, r := range resources {
				long, _ := w.source.names.pattern(r)
				q := &question{
					Result:  Result{Name: t.Name, File: w.source.file, Line: w.source.places[path].line, Principal: principal, Action: action, Resource: long},
					request: server.Question{Principal: principal, Action: action, Resource: long, Context: context},
					allowed: allowed, decidedBy: t.DecidedBy,
				}
				if q.Name == "" {
					q.Name = t.Principal + map[bool]string{true: " may ", false: " may not "}[allowed] + action + " on " + r
				}
				list = append(list, q)
			}
		}
	}
	add(t.May, true)
	add(t.MayNot, false)
	return list
}

// ask asks the question and compares the decision with what the test says.
func (q *question) ask(o *server.Operator) {
	record, err := o.Decide(q.request)
	if err != nil {
		q.Failure = err.Error()
		return
	}
	q.Record = record
	allowed := record.Outcome == decision.Allowed
	switch {
	case allowed && !q.allowed:
		q.Failure = "it is allowed, and must be denied"
	case !allowed && q.allowed:
		q.Failure = "it is denied, and must be allowed"
	case q.decidedBy != "" && !slices.Contains(record.DecidedBy, q.decidedBy):
		q.Failure = fmt.Sprintf("it is decided by %s, and must be by %s", strings.Join(record.DecidedBy, " and "), q.decidedBy)
	}
}
