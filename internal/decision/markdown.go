package decision

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes a record for pull requests and tickets.
func (r *Record) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	r.markdown(&b, 3)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Record) markdown(b *strings.Builder, level int) {
	fmt.Fprintf(b, "%s %s: %s\n\n%s\n\n", strings.Repeat("#", level), strings.ToUpper(string(r.Outcome[:1]))+string(r.Outcome[1:]), code(r.Action), escapeMarkdown(r.Sentence))
	b.WriteString("| | |\n|---|---|\n")
	row := func(name, value string) { fmt.Fprintf(b, "| %s | %s |\n", name, value) }
	row("Caller", code(r.Caller.describe()))
	row("Resource", code(r.Resource))
	if r.ID != "" {
		row("Request", code(r.ID))
	}
	for _, k := range r.Context {
		row("Condition key", code(k.String()))
	}
	b.WriteString("\n| Layer | Verdict | Statement | Reason |\n|---|---|---|---|\n")
	for _, l := range r.Layers {
		for _, s := range l.Statements {
			name := fmt.Sprintf("%s statement %d", s.Policy, s.Index)
			if s.Sid != "" {
				name += " (" + s.Sid + ")"
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s %s |\n", l.name(), verdictText(l.Verdict), code(strings.TrimSpace(name)), s.mark(), escapeMarkdown(s.Reason))
		}
		if len(l.Statements) == 0 {
			fmt.Fprintf(b, "| %s | %s | none | |\n", l.name(), verdictText(l.Verdict))
		}
	}
	b.WriteString("\n")
	if r.NearestMiss != nil {
		fmt.Fprintf(b, "Nearest: %s\n\n", escapeMarkdown(r.NearestMiss.describe()))
	}
	if r.Change != nil {
		for _, e := range r.Change.Edits {
			fmt.Fprintf(b, "- %s\n", escapeMarkdown(e.Text))
		}
		fmt.Fprintf(b, "\n%s\n\n", escapeMarkdown(r.Change.Summary))
	}
	for i := range r.Children {
		r.Children[i].markdown(b, min(level+1, 6))
	}
}

// code formats text as inline code, also within a table.
func code(s string) string {
	s = strings.NewReplacer("\n", " ", "\r", " ", "|", `\|`).Replace(s)
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

// escapeMarkdown escapes text so that it is not interpreted as markup.
func escapeMarkdown(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;", "`", "\\`", "[", `\[`).Replace(s)
}
