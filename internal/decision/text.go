package decision

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteText writes a record for a terminal: the sentence, the result of each layer, and what would change the
// decision. With color it uses ANSI escapes.
func (r *Record) WriteText(w io.Writer, color bool) error {
	t := &textWriter{color: color}
	t.record(r, "")
	_, err := io.WriteString(w, t.b.String())
	return err
}

type textWriter struct {
	b     strings.Builder
	color bool
}

// ANSI escapes.
const (
	ansiReset = "\x1b[0m"
	ansiBold  = "\x1b[1m"
	ansiDim   = "\x1b[2m"
	ansiRed   = "\x1b[31m"
	ansiGreen = "\x1b[32m"
	ansiAmber = "\x1b[33m"
)

func (t *textWriter) line(indent, style, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if t.color && style != "" {
		text = style + text + ansiReset
	}
	t.b.WriteString(indent + text + "\n")
}

func (t *textWriter) record(r *Record, indent string) {
	t.line(indent, outcomeStyle(r.Outcome)+ansiBold, "%s", r.headline())
	t.line(indent, "", "%s", r.Sentence)
	t.b.WriteString("\n")
	t.field(indent, "caller", r.Caller.describe())
	t.field(indent, "action", r.Action)
	t.field(indent, "resource", r.Resource)
	if r.ErrorCode != "" && r.Outcome != Denied {
		t.field(indent, "answer", r.ErrorCode)
	}
	for _, k := range r.Context {
		t.field(indent, "key", k.String())
	}
	t.b.WriteString("\n")
	for _, side := range r.Sides {
		if len(r.Sides) > 1 {
			t.line(indent, verdictStyle(side.Verdict), "%s's account %s: %s", side.Role, side.Account, verdictText(side.Verdict))
		}
		for _, l := range r.Layers {
			if len(r.Sides) == 1 || l.Side == side.Role {
				t.layer(r, l, indent)
			}
		}
	}
	t.advice(r, indent)
	for i := range r.Children {
		t.b.WriteString("\n")
		t.line(indent, ansiBold, "On behalf of the caller, %s also checked:", r.Operation)
		t.record(&r.Children[i], indent+"    ")
	}
}

func (t *textWriter) field(indent, name, value string) { t.line(indent, "", "  %-9s %s", name, value) }

func (t *textWriter) layer(r *Record, l Layer, indent string) {
	t.line(indent, verdictStyle(l.Verdict), "  %s %s: %s", verdictMark(l.Verdict), l.name(), verdictText(l.Verdict))
	for _, s := range l.Statements {
		style := ansiDim
		if s.Applies {
			style = ""
		}
		t.line(indent, style, "      %s %s", s.mark(), s.describe())
	}
	if len(l.Statements) == 0 {
		t.line(indent, ansiDim, "      · no statement")
	}
}

func (t *textWriter) advice(r *Record, indent string) {
	if n := r.NearestMiss; n != nil {
		t.line(indent, ansiAmber, "  nearest: %s", n.describe())
	}
	if r.Change == nil {
		return
	}
	for _, e := range r.Change.Edits {
		t.line(indent, ansiGreen, "  change: %s", e.Text)
	}
	t.line(indent, "", "  %s", r.Change.Summary)
}

// headline returns one line with outcome, action, time, and request id.
func (r *Record) headline() string {
	text := strings.ToUpper(string(r.Outcome)) + "  " + r.Action
	if !r.Time.IsZero() {
		text += "  " + r.Time.UTC().Format(time.RFC3339)
	}
	if r.ID != "" {
		text += "  request " + r.ID
	}
	return text
}

// Line returns the record in one line, for logs and lists.
func (r *Record) Line() string {
	return fmt.Sprintf("%s  %s  %s  %s on %s  by %s  %s", r.Time.UTC().Format("2006-01-02T15:04:05.000Z"), r.Outcome, r.Caller.describe(), r.Action, r.Resource,
		strings.Join(r.DecidedBy, "+"), r.ID)
}

func (c *Caller) describe() string {
	text := c.ARN
	if text == "" {
		text = c.Type
	} else {
		text += " (" + c.Type + ")"
	}
	if c.SourceIdentity != "" {
		text += ", source identity " + c.SourceIdentity
	}
	return text
}

// String returns a text such as "aws:SourceIp = 203.0.113.7", or "aws:SourceVpc is absent".
func (k ContextKey) String() string {
	if k.Absent {
		return k.Key + " is absent"
	}
	return k.Key + " = " + strings.Join(k.Values, ", ")
}

// name returns the layer's name in sentences, with its level.
func (l Layer) name() string {
	switch l.Layer {
	case "scp":
		return fmt.Sprintf("service control policies, level %d", l.Level)
	case "rcp":
		return fmt.Sprintf("resource control policies, level %d", l.Level)
	}
	return layerName(l.Layer)
}

// layerName returns the name of a layer in sentences.
func layerName(layer string) string {
	name, ok := map[string]string{
		"identity": "identity-based policies", "resource": "resource-based policy", "boundary": "permissions boundary", "session": "session policies",
		"scp": "service control policies", "rcp": "resource control policies", "endpoint": "VPC endpoint policy", "root": "root user of the owning account",
		"exempt": "no permission needed", Ownership: "ownership of the resource",
	}[layer]
	if !ok {
		return layer
	}
	return name
}

func (s Statement) mark() string {
	switch {
	case !s.Applies:
		return "·"
	case s.Effect == "Allow":
		return "✓"
	}
	return "✗"
}

// describe returns "POLICY statement 0 (Sid) at 3:5: REASON".
func (s Statement) describe() string {
	text := fmt.Sprintf("statement %d", s.Index)
	if s.Policy != "" {
		text = s.Policy + " " + text
	}
	if s.Sid != "" {
		text += " (" + s.Sid + ")"
	}
	return fmt.Sprintf("%s at %d:%d: %s", text, s.Line, s.Column, s.Reason)
}

func (n *NearestMiss) describe() string {
	text := fmt.Sprintf("statement %d", n.Index)
	if n.Policy != "" {
		text = n.Policy + " " + text
	}
	if n.Sid != "" {
		text += " (" + n.Sid + ")"
	}
	return text + ": " + strings.Join(n.Reasons, "; ")
}

func verdictText(verdict string) string {
	switch verdict {
	case "allow":
		return "allows"
	case "explicitDeny":
		return "denies explicitly"
	}
	return "does not allow"
}

func verdictMark(verdict string) string {
	switch verdict {
	case "allow":
		return "✓"
	case "explicitDeny":
		return "✗"
	}
	return "○"
}

func verdictStyle(verdict string) string {
	switch verdict {
	case "allow":
		return ansiGreen
	case "explicitDeny":
		return ansiRed
	}
	return ansiAmber
}

func outcomeStyle(o Outcome) string {
	switch o {
	case Allowed:
		return ansiGreen
	case Denied:
		return ansiRed
	}
	return ansiAmber
}
