package trail

import (
	"slices"

	"github.com/writdev/writ/internal/decision"
)

// line is the encoded line of one request in an audit file, with reusable memory for
// encoding it.
type line struct {
	text   []byte
	memory []briefMemory // for each decision
}

func (l *line) set(e *Entry) {
	n := len(e.Decisions)
	l.memory = slices.Grow(l.memory[:0], n)[:n]
	r := e.brief(l.memory)
	l.text = append(decision.AppendBrief(l.text[:0], &r), '\n')
}
