package replay

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
)

// Report is what became of recorded decisions.
type Report struct {
	Decisions int      `json:"decisions"` // that were made again
	Same      int      `json:"same"`      // with the same answer
	Changes   []Change `json:"changes"`   // newly denied first, then by how often
	Skipped   []Reason `json:"skipped"`   // what could not be decided, and why
	Unknown   []Reason `json:"unknown"`   // what was decided without facts that the record does not have
}

// Change is a question whose answer is another now.
type Change struct {
	Allowed   bool     `json:"allowed"` // now
	Principal string   `json:"principal"`
	Action    string   `json:"action"`
	Resource  string   `json:"resource"`
	DecidedBy []string `json:"decidedBy"` // the layers that decide now
	Sentence  string   `json:"sentence"`  // of the decision now
	Times     int      `json:"times"`
}

// Reason is why decisions are missing or less certain, and how many.
type Reason struct {
	Text  string `json:"text"`
	Times int    `json:"times"`
}

// request is one recorded request, as the world is asked about it.
type request struct {
	server.Recorded
	unknown []string // facts that the record does not have
}

// answer is the decision about a request, which is the same for the same request.
type answer struct {
	allowed   bool
	decidedBy []string
	sentence  string
	skipped   string // why there is none; "" if there is
}

// Run makes the decisions of a stream again: of an audit file, or of CloudTrail event
// files, also compressed with gzip.
func Run(ctx context.Context, s *server.Server, streams ...io.Reader) (*Report, error) {
	r := &run{changes: map[string]*Change{}, skipped: map[string]int{}, unknown: map[string]int{}, answers: map[string]*answer{}}
	err := s.Observe(ctx, func(o *server.Operator) error {
		r.operator = o
		var err error
		if r.timeless, err = timeless(o.Tx); err != nil {
			return err
		}
		for _, stream := range streams {
			if err := r.read(stream); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return r.report(), nil
}

// run is one replay.
type run struct {
	operator *server.Operator
	timeless bool // no policy asks for the time
	answers  map[string]*answer
	key      []byte // of the question at hand
	decoder  jsontext.Decoder
	source   bytes.Buffer // of the decoder

	decisions, same  int
	changes          map[string]*Change
	skipped, unknown map[string]int
}

// maxAnswers bounds what is remembered.
const maxAnswers = 1 << 20

// ask decides a request. key identifies it; equal keys have equal answers. The request
// itself is made only if its key is new.
func (r *run) ask(key []byte, allowedThen bool, make func() (request, error)) error {
	a, ok := r.answers[string(key)]
	if !ok {
		q, err := make()
		if err != nil {
			return err
		}
		if a, err = r.decide(q); err != nil {
			return err
		}
		for _, fact := range q.unknown {
			r.unknown[fact]++
		}
		if len(r.answers) >= maxAnswers {
			clear(r.answers)
		}
		r.answers[string(key)] = a
	}
	if a.skipped != "" {
		r.skipped[a.skipped]++
		return nil
	}
	r.decisions++
	if a.allowed == allowedThen {
		r.same++
		return nil
	}
	if c := r.changes[string(key)]; c != nil {
		c.Times++
		return nil
	}
	q, err := make()
	if err != nil {
		return err
	}
	r.changes[string(key)] = &Change{Allowed: a.allowed, Principal: q.Principal, Action: q.Action, Resource: q.Resource,
		DecidedBy: a.decidedBy, Sentence: a.sentence, Times: 1}
	return nil
}

// decide asks the world. What it does not know of a request is a reason, no error.
func (r *run) decide(q request) (*answer, error) {
	d, err := r.operator.Again(q.Recorded)
	switch {
	case errors.Is(err, identity.ErrNoPrincipal):
		return &answer{skipped: "the world has no " + q.Principal}, nil
	case server.IsBadQuestion(err):
		return &answer{skipped: err.Error()}, nil
	case err != nil:
		return nil, err
	}
	return &answer{allowed: d.Allowed, decidedBy: d.DecidedBy, sentence: d.Sentence}, nil
}

// timeless reports whether no policy of a state asks for the time of a request: then equal
// requests at different times have equal answers.
func timeless(tx *store.Tx) (bool, error) {
	for r, err := range tx.Resources(store.Query{Prefix: "arn:"}) {
		if err != nil || asksForTime(string(r.Data)) {
			return false, err
		}
	}
	arns, err := tx.PolicyARNs() // also those of OpsItem groups, which have no row
	if err != nil {
		return false, err
	}
	for _, arn := range arns {
		policies, err := tx.Policies(arn)
		if err != nil {
			return false, err
		}
		for _, p := range policies {
			if asksForTime(p.Document) {
				return false, nil
			}
		}
	}
	return true, nil
}

// asksForTime reports whether a text names a condition key that differs with the time alone.
func asksForTime(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(timeKeys, func(key string) bool { return strings.Contains(text, strings.ToLower(key)) })
}

// timeKeys are the condition keys that differ with the time alone.
var timeKeys = []string{"aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime", "aws:MultiFactorAuthAge"}

func (r *run) report() *Report {
	out := &Report{Decisions: r.decisions, Same: r.same, Skipped: reasons(r.skipped), Unknown: reasons(r.unknown)}
	merged := map[string]*Change{} // over contexts
	for _, c := range r.changes {
		key := fmt.Sprint(c.Allowed, c.Principal, "\n", c.Action, "\n", c.Resource, "\n", c.DecidedBy)
		if m := merged[key]; m != nil {
			m.Times += c.Times
			m.Sentence = min(m.Sentence, c.Sentence)
			continue
		}
		merged[key] = c
	}
	for _, c := range merged {
		out.Changes = append(out.Changes, *c)
	}
	slices.SortFunc(out.Changes, func(a, b Change) int {
		if a.Allowed != b.Allowed {
			return map[bool]int{false: -1, true: 1}[a.Allowed]
		}
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
	})
	return out
}

func reasons(counts map[string]int) []Reason {
	var list []Reason
	for text, n := range counts {
		list = append(list, Reason{text, n})
	}
	slices.SortFunc(list, func(a, b Reason) int { return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Text, b.Text)) })
	return list
}
