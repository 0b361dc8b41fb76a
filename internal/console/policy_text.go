package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// textLine is one line of a policy, in pieces.
type textLine struct {
	Number int
	Pieces []textPiece
}

// textPiece is a piece of a line; Mark is the state of its statement: "allow", "deny" or "missed".
type textPiece struct{ Text, Mark string }

// indented returns a document on several lines. A text that is not JSON is unchanged.
func indented(document string) string {
	var b bytes.Buffer
	if document == "" || strings.Contains(strings.TrimSpace(document), "\n") || json.Indent(&b, []byte(document), "", "  ") != nil {
		return document
	}
	return b.String()
}

// markedText returns the text of a policy with the deciding element of each statement marked: the effect of a
// statement that applies, or the first element that does not match. It sets the positions of the statements.
// A document on a single line is shown on several.
func markedText(document string, statements []statementView) []textLine {
	shown := indented(document)
	var marks []mark
	if doc, err := policy.Parse([]byte(shown)); err == nil {
		for i := range statements {
			s := &statements[i]
			if s.Index >= len(doc.Statements()) {
				continue
			}
			span := decidingElement(&doc.Statements()[s.Index], s)
			s.At = fmt.Sprintf("%d:%d", span.Start.Line, span.Start.Column+1)
			marks = append(marks, mark{span, s.State})
		}
	}
	return piecesOf(shown, marks)
}

// mark is a highlighted span of a text.
type mark struct {
	policy.Span
	state string
}

// decidingElement returns the element that determines whether a statement applies.
func decidingElement(st *policy.Statement, s *statementView) policy.Span {
	first := func(nodes ...policy.Node) policy.Span {
		for _, n := range nodes {
			if n.Present() {
				return n.Span
			}
		}
		return st.Span
	}
	switch s.Missed {
	case "Principal":
		return first(st.Principal.Node, st.NotPrincipal.Node)
	case "Action":
		return first(st.Action.Node, st.NotAction.Node)
	case "Resource":
		return first(st.Resource.Node, st.NotResource.Node)
	case "Condition":
		for _, op := range st.Condition.Operators {
			for _, key := range op.Keys {
				if strings.Contains(s.Reason, key.Name) {
					return key.Values.Span
				}
			}
		}
		return first(st.Condition.Node)
	}
	return first(st.Effect.Node)
}

// piecesOf divides a text into lines, and each line where marks begin and end.
func piecesOf(text string, marks []mark) []textLine {
	slices.SortFunc(marks, func(a, b mark) int { return a.Start.Offset - b.Start.Offset })
	var lines []textLine
	offset := 0
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		out := textLine{Number: i + 1}
		at, end := offset, offset+len(line)
		for _, m := range marks {
			from, to := max(m.Start.Offset, at), min(m.End.Offset, end)
			if from >= to {
				continue
			}
			if from == at { // the indent of a later line of the mark is not marked
				from += len(text[from:to]) - len(strings.TrimLeft(text[from:to], " \t"))
			}
			out.add(text[at:from], "")
			out.add(text[from:to], m.state)
			at = to
		}
		out.add(text[at:end], "")
		lines = append(lines, out)
		offset = end + 1
	}
	return lines
}

func (l *textLine) add(text, mark string) {
	if text != "" {
		l.Pieces = append(l.Pieces, textPiece{text, mark})
	}
}
