package policy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
)

// Source returns the text the document was parsed from, byte for byte.
func (d *Document) Source() []byte { return []byte(d.source) }

// Canonical returns the document in a form that is the same for documents that
// differ only in notation: elements in a fixed order; lists sorted, without
// duplicates, and always in brackets; an account as its root ARN; actions,
// condition keys and operators in one spelling; adjacent stars as one; numbers
// and booleans as strings; an absent Version as "2008-10-17". Statements keep
// their order. Parsing and printing it again returns the same bytes, and the parsed
// document decides every request as this one does.
func (d *Document) Canonical() []byte {
	b := []byte(`{"Version":`)
	b = appendText(b, cmp.Or(d.Version().Text, "2008-10-17"))
	if d.ID().Present() {
		b = appendText(append(b, `,"Id":`...), d.ID().Text)
	}
	b = append(b, `,"Statement":[`...)
	for i := range d.Statements() {
		if i > 0 {
			b = append(b, ',')
		}
		b = d.Statements()[i].appendCanonical(b, true)
	}
	return append(b, "]}"...)
}

// appendCanonical appends a statement, optionally with its Sid.
func (s *Statement) appendCanonical(b []byte, sid bool) []byte {
	b = append(b, '{')
	first := true
	element := func(name string) {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendText(b, name), ':')
	}
	list := func(name string, l *List, spell func(string) string) {
		if l.Present() {
			element(name)
			b = appendSet(b, l.Values, spell)
		}
	}
	if sid && s.Sid.Present() {
		element("Sid")
		b = appendText(b, s.Sid.Text)
	}
	if s.Effect.Present() {
		element("Effect")
		b = appendText(b, s.Effect.Text)
	}
	if s.Principal.Present() {
		element("Principal")
		b = s.Principal.appendCanonical(b)
	}
	if s.NotPrincipal.Present() {
		element("NotPrincipal")
		b = s.NotPrincipal.appendCanonical(b)
	}
	list("Action", &s.Action, canonicalAction)
	list("NotAction", &s.NotAction, canonicalAction)
	list("Resource", &s.Resource, asWritten)
	list("NotResource", &s.NotResource, asWritten)
	if s.Condition.Present() {
		element("Condition")
		b = s.Condition.appendCanonical(b)
	}
	return append(b, '}')
}

func (p *Principals) appendCanonical(b []byte) []byte {
	if p.Any.Present() {
		return appendText(b, p.Any.Text)
	}
	entries := slices.Clone(p.Entries)
	slices.SortFunc(entries, func(x, y PrincipalEntry) int { return cmp.Compare(x.Type, y.Type) })
	b = append(b, '{')
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		spell := asWritten
		if e.Type == "AWS" {
			spell = canonicalPrincipal
		}
		b = append(appendText(b, e.Type), ':')
		b = appendSet(b, e.Values.Values, spell)
	}
	return append(b, '}')
}

func (c *Condition) appendCanonical(b []byte) []byte {
	operators := slices.Clone(c.Operators)
	for i := range operators {
		if _, spelling, ok := parseOperator(operators[i].Name); ok {
			operators[i].Name = spelling
		}
	}
	slices.SortFunc(operators, func(x, y Operator) int { return cmp.Compare(x.Name, y.Name) })
	b = append(b, '{')
	for i, o := range operators {
		if i > 0 {
			b = append(b, ',')
		}
		keys := slices.Clone(o.Keys)
		for j := range keys {
			keys[j].Name = lowerString(keys[j].Name)
		}
		slices.SortFunc(keys, func(x, y ConditionKey) int { return cmp.Compare(x.Name, y.Name) })
		b = append(appendText(b, o.Name), ":{"...)
		for j, k := range keys {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, k.Name), ':')
			b = appendSet(b, k.Values.Values, asWritten)
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

func asWritten(s string) string { return s }

func canonicalAction(s string) string {
	s = lowerString(s)
	for strings.Contains(s, "**") {
		s = strings.ReplaceAll(s, "**", "*")
	}
	return s
}

func canonicalPrincipal(s string) string {
	if isAccount(s) {
		return arn.ARN{Partition: "aws", Service: "iam", Account: s, Resource: "root"}.String()
	}
	return s
}

// appendSet appends values as a sorted list without duplicates.
func appendSet(b []byte, values []Value, spell func(string) string) []byte {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = spell(v.Text)
	}
	slices.Sort(texts)
	b = append(b, '[')
	for i, text := range slices.Compact(texts) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, text)
	}
	return append(b, ']')
}

// isPlain reports whether a string of JSON needs no escapes, as most do.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// appendText appends a JSON string with only the escapes that JSON requires.
func appendText(b []byte, s string) []byte {
	if isPlain(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return append(b, `""`...)
	}
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}
