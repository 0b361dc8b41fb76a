package lint

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// Fix is a change of the text that resolves a finding. It may change what the document allows.
type Fix struct {
	Title string
	Edits []Edit // in order, not overlapping
}

// Edit replaces the bytes from Start up to, not including, End.
type Edit struct {
	Start, End int
	Text       string
}

// Apply applies the edits to a text.
func (f *Fix) Apply(text string) string {
	edits := slices.SortedFunc(slices.Values(f.Edits), func(a, b Edit) int { return cmp.Compare(b.Start, a.Start) })
	for _, e := range edits {
		text = text[:e.Start] + e.Text + text[e.End:]
	}
	return text
}

// ApplyFixes applies, one after the other, the fixes of findings that are proved not to change which requests the
// document allows. It returns the text, the applied findings, and the remaining findings with a fix. It
// changes only the parts that a finding reports.
func ApplyFixes(doc *policy.Document, c Config) (text string, done, left []Finding) {
	text = string(doc.Source())
	for range 1000 { // each round removes a finding; no document has this many
		next := ""
		left = nil
		for _, f := range Check(doc, c) {
			if f.Fix == nil {
				continue
			}
			changed := f.Fix.Apply(text)
			if next == "" && isEquivalent(doc, changed, c.Kind) {
				next = changed
				done = append(done, f)
				continue
			}
			left = append(left, f)
		}
		if next == "" {
			return text, done, left
		}
		after, err := policy.Parse([]byte(next))
		if err != nil {
			return text, done, left
		}
		text, doc = next, after
	}
	return text, done, left
}

// isEquivalent reports whether a changed text is proved to allow the same requests, and to deny the same
// requests that other policies allow.
func isEquivalent(doc *policy.Document, changed string, kind policy.Kind) bool {
	after, err := policy.Parse([]byte(changed))
	if err != nil || analyze.Check(doc, kind) != nil || analyze.Check(after, kind) != nil {
		return false
	}
	same := func(a, b *policy.Document) bool {
		return analyze.Compare(a, b, kind, analyze.Options{}).Verdict == analyze.Equal
	}
	if !denies(doc) && !denies(after) {
		return same(doc, after)
	}
	a, b := withAllowAll(doc, kind), withAllowAll(after, kind)
	return a != nil && b != nil && same(doc, after) && same(a, b)
}

func denies(doc *policy.Document) bool {
	return slices.ContainsFunc(doc.Statements(), func(s policy.Statement) bool { return s.Effect.Text != "Allow" })
}

// withAllowAll returns the document with an additional statement that allows everything, or nil if it cannot be
// made.
func withAllowAll(doc *policy.Document, kind policy.Kind) *policy.Document {
	all := `{"Effect":"Allow","Action":"*","Resource":"*"}`
	switch kind {
	case policy.Trust:
		all = `{"Effect":"Allow","Principal":"*","Action":"*"}`
	case policy.Resource, policy.ResourceControl, policy.Endpoint:
		all = `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`
	}
	statements := []string{all}
	for i := range doc.Statements() {
		statements = append(statements, textAt(doc, doc.Statements()[i].Span))
	}
	text := `"Statement":[` + strings.Join(statements, ",") + `]}`
	if doc.Version().Present() {
		text = `"Version":` + textAt(doc, doc.Version().Span) + "," + text
	}
	made, err := policy.Parse([]byte("{" + text))
	if err != nil {
		return nil
	}
	return made
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a list of strings always encodes
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text))
}

// replaceText returns a fix that replaces a value.
func replaceText(title string, v policy.Value, text string) *Fix {
	return replaceNode(title, v.Node, text)
}

// replaceNode returns a fix that replaces a text.
func replaceNode(title string, n policy.Node, text string) *Fix {
	return &Fix{title, []Edit{{n.Span.Start.Offset, n.Span.End.Offset, quote(text)}}}
}

// replaceKey returns a fix that replaces the name of a condition key, or nil if there is no other name.
func replaceKey(c *condition, name string) *Fix {
	if name == "" {
		return nil
	}
	return replaceNode("Change the key to "+name, c.node(), name)
}

// removeSpan returns a fix that removes a member of a list or object, and its comma.
func removeSpan(title string, doc *policy.Document, span policy.Span) *Fix {
	source := string(doc.Source())
	start, end := span.Start.Offset, span.End.Offset
	const space = " \t\r\n"
	if after := strings.TrimLeft(source[end:], space); strings.HasPrefix(after, ",") {
		after = strings.TrimLeft(after[1:], space)
		return &Fix{title, []Edit{{start, len(source) - len(after), ""}}}
	}
	if before := strings.TrimRight(source[:start], space); strings.HasSuffix(before, ",") {
		return &Fix{title, []Edit{{len(before) - 1, end, ""}}}
	}
	return &Fix{title, []Edit{{start, end, ""}}}
}

// removeKey returns a fix that removes a condition: its key, and the elements that are empty without it.
func removeKey(doc *policy.Document, s *statement, c *condition) *Fix {
	span := policy.Span{Start: c.node().Span.Start, End: c.key.Values.Span.End}
	if len(c.at.Keys) == 1 {
		span = policy.Span{Start: c.at.Key.Span.Start, End: c.at.Span.End}
		if len(s.Condition.Operators) == 1 {
			span = policy.Span{Start: s.Condition.Key.Span.Start, End: s.Condition.Span.End}
		}
	}
	return removeSpan("Remove the condition", doc, span)
}

// validationFix returns the fix for a finding of [policy.Validate].
func validationFix(doc *policy.Document, f policy.Finding) *Fix {
	span := f.Location.Span
	replace := func(title, text string) *Fix {
		return &Fix{title, []Edit{{span.Start.Offset, span.End.Offset, text}}}
	}
	switch f.Code {
	case "REDUNDANT_ACTION", "REDUNDANT_RESOURCE", "REDUNDANT_STATEMENT":
		return removeSpan("Remove it", doc, span)
	case "EMPTY_SID_VALUE":
		start := strings.LastIndex(string(doc.Source()[:span.Start.Offset]), `"Sid"`)
		span.Start.Offset = start
		return removeSpan("Remove the Sid", doc, span)
	case "INVALID_EFFECT":
		for _, effect := range []string{"Allow", "Deny"} {
			if nearest(strings.Trim(textAt(doc, span), `"`), slices.Values([]string{effect})) != "" {
				return replace("Change the effect to "+effect, `"`+effect+`"`)
			}
		}
	case "INVALID_VERSION":
		return replace("Change the version to 2012-10-17", `"2012-10-17"`)
	case "MISSING_VERSION":
		at := strings.IndexByte(string(doc.Source()), '{') + 1
		return &Fix{"Add the version", []Edit{{at, at, `"Version":"2012-10-17",`}}}
	case "IMPROVE_IP_RANGE":
		if i := strings.LastIndex(f.Message, "is "); i >= 0 {
			return replace("Change the block to "+f.Message[i+3:], `"`+f.Message[i+3:]+`"`)
		}
	case "INVALID_CONDITION_OPERATOR":
		if near := nearest(strings.Trim(textAt(doc, span), `"`), slices.Values(operatorNames)); near != "" {
			return replace("Change the operator to "+near, `"`+near+`"`)
		}
	case "EQUIVALENT_TO_NULL_FALSE", "EQUIVALENT_TO_NULL_TRUE":
		return nullFix(doc, f)
	}
	return nil
}

func textAt(doc *policy.Document, span policy.Span) string {
	return string(doc.Source()[span.Start.Offset:span.End.Offset])
}

// nullFix replaces a condition on "*" by Null, if it is its operator's only condition and the statement has
// no Null yet.
func nullFix(doc *policy.Document, f policy.Finding) *Fix {
	value := `"false"`
	if f.Code == "EQUIVALENT_TO_NULL_TRUE" {
		value = `"true"`
	}
	for i := range doc.Statements() {
		operators := doc.Statements()[i].Condition.Operators
		if slices.ContainsFunc(operators, func(o policy.Operator) bool { return o.Name == "Null" }) {
			continue
		}
		for _, o := range operators {
			if len(o.Keys) == 1 && o.Keys[0].Values.Span == f.Location.Span {
				key, at := o.Key.Span, f.Location.Span
				return &Fix{"Use Null", []Edit{{key.Start.Offset, key.End.Offset, `"Null"`}, {at.Start.Offset, at.End.Offset, value}}}
			}
		}
	}
	return nil
}

// operatorNames lists the condition operators without qualifier and IfExists.
var operatorNames = []string{
	"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
	"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
	"NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
	"DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null",
}

// Operators returns the names of the condition operators, without qualifier and
// IfExists.
func Operators() []string { return slices.Clone(operatorNames) }
