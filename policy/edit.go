package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// EditOp is the operation that an [Edit] performs on a policy.
type EditOp uint8

const (
	AddStatement    EditOp = iota // add the statement Add
	WidenStatement                // add Values to one element of an Allow statement
	NarrowStatement               // exempt the request from a Deny statement: drop Values, or exempt the principal in Values
	RemoveStatement               // remove a Deny statement
)

var editOpNames = [...]string{"add", "widen", "narrow", "remove"}

// String returns "add", "widen", "narrow" or "remove".
func (o EditOp) String() string { return editOpNames[o] }

// Edit is one change to one policy.
type Edit struct {
	Op        EditOp
	Kind      Kind   // of the policy; it determines who edits it: the caller's side, the resource's side, the organization
	Level     int    // of service and resource control policies, counted from the root
	Account   string // the account whose administrator can make the edit; empty if unknown, as for an endpoint policy
	Policy    string // the policy's name; empty for a new policy, or one without a name
	Statement int    // the index of the statement; for AddStatement the index of the new one

	Element Element  // for WidenStatement and NarrowStatement
	Key     string   // for a ConditionElement: "StringEquals aws:SourceVpc"
	Values  []string // see EditOp
	Add     string   // JSON of the statement to add

	// Document is the whole policy after all edits to it, with its formatting. It is empty if no statement is
	// left and the policy must be deleted.
	Document string
}

// String describes the edit in a sentence.
func (e Edit) String() string {
	where := e.policyPhrase()
	switch e.Op {
	case RemoveStatement:
		return fmt.Sprintf("remove statement %d of %s", e.Statement, where)
	case WidenStatement:
		return fmt.Sprintf("add %s to %s of statement %d of %s", quoted(e.Values), e.elementName(), e.Statement, where)
	case NarrowStatement:
		if e.Element == ConditionElement {
			return fmt.Sprintf("exempt %s from statement %d of %s (%s)", quoted(e.Values), e.Statement, where, e.Key)
		}
		return fmt.Sprintf("remove %s from %s of statement %d of %s", quoted(e.Values), e.elementName(), e.Statement, where)
	}
	return fmt.Sprintf("add to %s: %s", where, e.Add)
}

func (e Edit) elementName() string {
	if e.Element == ConditionElement {
		return e.Element.String() + " " + e.Key
	}
	return e.Element.String()
}

// policyPhrase returns a phrase that names the policy, its level and its account.
func (e Edit) policyPhrase() string {
	what := policyNoun(e.Kind.layer(), e.Kind == Trust)
	if e.Kind.ofOrganization() {
		what = fmt.Sprintf("%s of level %d", what, e.Level)
	}
	if e.Policy != "" {
		what = fmt.Sprintf("the %s %s", what, e.Policy)
	} else {
		what = article(what) + " " + what
	}
	if e.Account != "" {
		what += " in account " + e.Account
	}
	return what
}

// splice replaces the bytes from start to end of a document's text.
type splice struct {
	start, end int
	text       string
}

// revision collects the edits to one document. Offsets refer to the original text, so the edits are
// independent of each other.
type revision struct {
	doc     *Document
	splices []splice
	removed []int    // statements
	added   []string // statements
}

// text returns the document after the edits, or "" if no statement is left.
func (r *revision) text() string {
	if r.doc == nil {
		return newDocument(r.added)
	}
	n := len(r.doc.Statements())
	if len(r.removed) == n && len(r.added) == 0 {
		return ""
	}
	splices := slices.Clone(r.splices)
	if len(r.removed) == n {
		first, last := r.doc.Statements()[0].Span.Start.Offset, r.doc.Statements()[n-1].Span.End.Offset
		splices = []splice{{first, last, strings.Join(r.added, ",")}}
		if r.doc.parsed().single && len(r.added) > 1 {
			splices[0].text = "[" + splices[0].text + "]"
		}
		return apply(r.doc.source, splices)
	}
	for _, i := range r.removed {
		splices = append(splices, r.withoutStatement(i))
	}
	if len(r.added) > 0 {
		splices = append(splices, r.withStatements()...)
	}
	return apply(r.doc.source, splices)
}

// withoutStatement removes a statement and one comma: the preceding one if a remaining statement precedes it,
// else the following one.
func (r *revision) withoutStatement(i int) splice {
	for before := range i {
		if !slices.Contains(r.removed, before) {
			return splice{r.doc.Statements()[i-1].Span.End.Offset, r.doc.Statements()[i].Span.End.Offset, ""}
		}
	}
	return splice{r.doc.Statements()[i].Span.Start.Offset, r.doc.Statements()[i+1].Span.Start.Offset, ""}
}

// withStatements appends the added statements to the list of statements.
func (r *revision) withStatements() []splice {
	last := r.doc.Statements()[len(r.doc.Statements())-1].Span
	separator := separatorBefore(r.doc.source, last.Start.Offset)
	text := separator + strings.Join(r.added, separator)
	if !r.doc.parsed().single {
		return []splice{{last.End.Offset, last.End.Offset, text}}
	}
	return []splice{{last.Start.Offset, last.Start.Offset, "["}, {last.End.Offset, last.End.Offset, text + "]"}}
}

func newDocument(statements []string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// apply performs the splices, which do not overlap.
func apply(source string, splices []splice) string {
	slices.SortStableFunc(splices, func(a, b splice) int { return cmp.Compare(b.start, a.start) })
	for _, s := range splices {
		source = source[:s.start] + s.text + source[s.end:]
	}
	return source
}

// separatorBefore returns the separator between a new member and the existing members of a list or object,
// one of which is at the offset: a comma, with a line break if that member begins its line.
func separatorBefore(source string, offset int) string {
	line := strings.LastIndexByte(source[:offset], '\n') + 1
	indent := source[line:offset]
	if line > 0 && strings.Trim(indent, " \t") == "" {
		return ",\n" + indent
	}
	if strings.HasSuffix(source[:offset], " ") {
		return ", "
	}
	return ","
}

// withValue adds a value to a list.
func withValue(source string, l List, value string) []splice {
	text := textJSON(value)
	span := l.Span
	if l.Bare {
		separator := ","
		if strings.HasSuffix(source[:span.Start.Offset], " ") {
			separator = ", "
		}
		return []splice{{span.Start.Offset, span.Start.Offset, "["}, {span.End.Offset, span.End.Offset, separator + text + "]"}}
	}
	if len(l.Values) == 0 {
		return []splice{{span.Start.Offset + 1, span.Start.Offset + 1, text}}
	}
	last := l.Values[len(l.Values)-1].Span
	return []splice{{last.End.Offset, last.End.Offset, separatorBefore(source, last.Start.Offset) + text}}
}

// withoutValues removes values from a list of which at least one remains.
func withoutValues(l List, gone []int) []splice {
	var splices []splice
	kept := false // a value before this one remains
	for i, v := range l.Values {
		switch {
		case !slices.Contains(gone, i):
			kept = true
		case kept:
			splices = append(splices, splice{l.Values[i-1].Span.End.Offset, v.Span.End.Offset, ""})
		default:
			splices = append(splices, splice{v.Span.Start.Offset, l.Values[i+1].Span.Start.Offset, ""})
		}
	}
	return splices
}

// withMember adds a member to an object.
func withMember(source string, object Span, member string) []splice {
	end := object.End.Offset - 1 // of the content
	end = len(strings.TrimRight(source[:end], " \t\r\n"))
	if source[end-1] == '{' {
		return []splice{{end, end, member}}
	}
	separator := ","
	if first := object.Start.Offset + 1; first < len(source) {
		first += len(source[first:]) - len(strings.TrimLeft(source[first:], " \t\r\n"))
		separator = separatorBefore(source, first)
	}
	return []splice{{end, end, separator + member}}
}

// Without returns the text of the document without one of its statements, with its formatting.
func (d *Document) Without(statement int) string {
	r := revision{doc: d, removed: []int{statement}}
	if len(d.Statements()) == 1 {
		s := d.Statements()[0].Span
		return apply(d.source, []splice{{s.Start.Offset, s.End.Offset, emptyStatements(d.parsed().single)}})
	}
	return r.text()
}

// emptyStatements returns the replacement of the only statement: an empty list, which includes the brackets if the
// document has no list.
func emptyStatements(single bool) string {
	if single {
		return "[]"
	}
	return ""
}

// WithoutValue returns the text of the document without value i of one of its lists, which has other values.
func (d *Document) WithoutValue(l List, i int) string {
	return apply(d.source, withoutValues(l, []int{i}))
}
