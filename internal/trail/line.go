package trail

import (
	"slices"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/policy"
)

// line is the line of one request in an audit file, and the memory that making it
// takes.
type line struct {
	text     []byte
	requests []policy.Request // one for each decision
}

func (l *line) set(e *Entry) {
	n := len(e.Decisions)
	l.requests = slices.Grow(l.requests[:0], n)[:n]
	r := e.brief(l.requests)
	l.text = append(decision.AppendBrief(l.text[:0], &r), '\n')
}
