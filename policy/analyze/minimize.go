package analyze

import (
	"fmt"
	"slices"

	"github.com/writdev/writ/policy"
)

// Redundancy is a part of a document whose removal does not change what the document allows.
type Redundancy struct {
	Statement int
	Sid       string
	// Element and Value identify the redundant value of a list; they are empty if the whole statement is
	// redundant.
	Element  string
	Value    string
	Location policy.Location
}

// String returns "statement 1 (Sid): Action "s3:Get*"".
func (r Redundancy) String() string {
	text := fmt.Sprintf("statement %d", r.Statement)
	if r.Sid != "" {
		text += " (" + r.Sid + ")"
	}
	if r.Element == "" {
		return text
	}
	return fmt.Sprintf("%s: %s %q", text, r.Element, r.Value)
}

// Redundant returns the statements and the list values whose removal does not change what the document
// allows, each considered alone: of two equal statements it returns both. Each redundancy is proved.
func Redundant(d *policy.Document, kind policy.Kind, options Options) []Redundancy {
	var found []Redundancy
	for _, p := range partsOf(d) {
		if p.redundant(d, kind, options) {
			found = append(found, p.Redundancy)
		}
	}
	return found
}

// part is a removable part of a document.
type part struct {
	Redundancy
	without func() string // returns the text of the document without the part
}

// partsOf returns the parts of a document: statements first, then list values.
func partsOf(d *policy.Document) []part {
	var parts []part
	for i := range d.Statements() {
		s := &d.Statements()[i]
		r := Redundancy{Statement: i, Sid: s.Sid.Text, Location: policy.Location{Span: s.Span, Path: s.Path()}}
		parts = append(parts, part{r, func() string { return d.Without(i) }})
	}
	for i := range d.Statements() {
		parts = append(parts, valueParts(d, i)...)
	}
	return parts
}

func valueParts(d *policy.Document, statement int) []part {
	s := &d.Statements()[statement]
	var parts []part
	add := func(element string, l policy.List) {
		if len(l.Values) < 2 {
			return
		}
		for i, v := range l.Values {
			r := Redundancy{statement, s.Sid.Text, element, v.Text, policy.Location{Span: v.Span, Path: v.Path()}}
			parts = append(parts, part{r, func() string { return d.WithoutValue(l, i) }})
		}
	}
	add("Action", s.Action)
	add("NotAction", s.NotAction)
	add("Resource", s.Resource)
	add("NotResource", s.NotResource)
	for _, e := range s.Principal.Entries {
		add("Principal "+e.Type, e.Values)
	}
	for _, e := range s.NotPrincipal.Entries {
		add("NotPrincipal "+e.Type, e.Values)
	}
	for _, o := range s.Condition.Operators {
		for _, k := range o.Keys {
			add(o.Name+" "+k.Name, k.Values)
		}
	}
	return parts
}

// redundant proves that the document allows the same requests without the part.
func (p *part) redundant(d *policy.Document, kind policy.Kind, options Options) bool {
	smaller, err := policy.Parse([]byte(p.without()))
	if err != nil {
		return false
	}
	return Compare(d, smaller, kind, options).Verdict == Equal
}

// Minimized is a document without redundant parts.
type Minimized struct {
	Document *policy.Document
	Removed  []Redundancy // each in terms of the document from which it was removed
}

// Minimize removes redundant statements and list values one after the other. The result is proved once more
// to allow the same requests as the source, and keeps its formatting.
func Minimize(d *policy.Document, kind policy.Kind, options Options) (Minimized, error) {
	m := Minimized{Document: d}
	for m.removeOne(kind, options) {
	}
	if c := Compare(d, m.Document, kind, options); c.Verdict != Equal {
		return Minimized{Document: d}, fmt.Errorf("the minimized document was not proved equal: %s", c.Reason)
	}
	return m, nil
}

// removeOne removes the last redundant part: of two equivalent statements the first remains.
func (m *Minimized) removeOne(kind policy.Kind, options Options) bool {
	parts := partsOf(m.Document)
	for _, p := range slices.Backward(parts) {
		if p.Element == "" && len(m.Document.Statements()) == 1 || !p.redundant(m.Document, kind, options) {
			continue
		}
		smaller, err := policy.Parse([]byte(p.without()))
		if err != nil {
			continue
		}
		m.Document = smaller
		m.Removed = append(m.Removed, p.Redundancy)
		return true
	}
	return false
}
