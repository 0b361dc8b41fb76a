package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// printDifferences are the formats of diff.
var printDifferences = map[string]func(io.Writer, []difference) error{
	"text": printDiffText, "json": printDiffJSON, "github": printDiffGitHub, "sarif": printDiffSARIF, "markdown": printDiffMarkdown,
}

// change is one direction of a difference.
type change struct {
	word string // "gained" or "lost"
	*analyze.Witness
}

// changes are the directions in which there is a witness.
func (d *difference) changes() []change {
	var list []change
	if d.Gained != nil {
		list = append(list, change{"gained", d.Gained})
	}
	if d.Lost != nil {
		list = append(list, change{"lost", d.Lost})
	}
	return list
}

// summary says the verdict in a sentence.
func (d *difference) summary() string {
	if d.located && d.Verdict == analyze.Unknown && d.Gained == nil && d.Lost == nil {
		return d.Reason
	}
	switch d.Verdict {
	case analyze.Equal:
		return fmt.Sprintf("%s allows the same requests as %s", d.newName, d.oldName)
	case analyze.More:
		return fmt.Sprintf("%s allows more requests than %s", d.newName, d.oldName) + d.remark()
	case analyze.Less:
		return fmt.Sprintf("%s allows fewer requests than %s", d.newName, d.oldName) + d.remark()
	case analyze.Different:
		return fmt.Sprintf("%s allows requests that %s does not, and the reverse", d.newName, d.oldName) + d.remark()
	}
	switch {
	case d.Gained != nil:
		return fmt.Sprintf("%s allows requests that %s does not; whether it is the other way around, too, is unknown: %s", d.newName, d.oldName, d.Reason)
	case d.Lost != nil:
		return fmt.Sprintf("%s allows requests that %s does not; whether it is the other way around, too, is unknown: %s", d.oldName, d.newName, d.Reason)
	}
	return fmt.Sprintf("whether %s allows other requests than %s is unknown: %s", d.newName, d.oldName, d.Reason)
}

// remark is what a verdict rests on, if there is something to say.
func (d *difference) remark() string {
	if d.Reason == "" {
		return ""
	}
	return ": " + d.Reason
}

// title names a policy that was found in a file.
func (d *difference) title() string {
	title := d.newName
	if d.path != "" {
		title += " " + d.path
	}
	if d.Verdict != analyze.Unknown || d.Gained != nil || d.Lost != nil {
		title += " (" + d.kind.String() + ")"
	}
	switch {
	case d.added:
		title += ", added"
	case d.removed:
		title += ", removed"
	}
	return title
}

// kindName is the kind of the policies.
func (d *difference) kindName() string {
	if d.layers {
		return "layers"
	}
	return d.kind.String()
}

// place is where a statement stands: "new.json:3:5".
func (d *difference) place(r *analyze.Responsible) string {
	name := d.oldName
	if r.New {
		name = d.newName
	}
	if r.Policy != "" {
		name += " " + r.Policy
	}
	return fmt.Sprintf("%s:%d:%d", name, r.Position.Line, r.Position.Column+1)
}

func statementText(r *analyze.Responsible) string {
	text := fmt.Sprintf("statement %d", r.Statement)
	if r.Sid != "" {
		text += " (" + r.Sid + ")"
	}
	return text + ": " + r.Effect
}

// rows are the parts of a witness, each with its name.
func (d *difference) rows(c *change) [][2]string {
	r := newRequestJSON(&c.Request, &c.Around)
	rows := [][2]string{{"principal", r.Principal}, {"action", r.Action}, {"resource", r.Resource}}
	if r.ResourceAccount != "" {
		rows = append(rows, [2]string{"resource account", r.ResourceAccount})
	}
	for _, key := range slices.Sorted(maps.Keys(r.Context)) {
		quoted := make([]string, len(r.Context[key]))
		for i, v := range r.Context[key] {
			quoted[i] = fmt.Sprintf("%q", v)
		}
		rows = append(rows, [2]string{key, strings.Join(quoted, ", ")})
	}
	for i := range c.Statements {
		rows = append(rows, [2]string{"because of", d.place(&c.Statements[i]) + " " + statementText(&c.Statements[i])})
	}
	return append(rows, [2]string{"before", c.Before.Sentence(&c.Request)}, [2]string{"after", c.After.Sentence(&c.Request)})
}

func printDiffText(w io.Writer, all []difference) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no policy differs")
		return err
	}
	var b strings.Builder
	for i := range all {
		d := &all[i]
		if d.located {
			if i > 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "# %s\n", d.title())
		}
		fmt.Fprintf(&b, "%v: %s\n", d.Verdict, d.summary())
		for _, c := range d.changes() {
			fmt.Fprintf(&b, "\n%s\n", c.word)
			for _, row := range d.rows(&c) {
				fmt.Fprintf(&b, "  %-18s%s\n", row[0], row[1])
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printDiffMarkdown(w io.Writer, all []difference) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no policy differs")
		return err
	}
	cell := strings.NewReplacer("|", "\\|", "\n", " ", "`", "'")
	var b strings.Builder
	for i := range all {
		d := &all[i]
		if d.located {
			fmt.Fprintf(&b, "### `%s`\n\n", cell.Replace(d.title()))
		}
		fmt.Fprintf(&b, "**%v**: %s\n", d.Verdict, d.summary())
		for _, c := range d.changes() {
			fmt.Fprintf(&b, "\n| %s | |\n|---|---|\n", c.word)
			for _, row := range d.rows(&c) {
				fmt.Fprintf(&b, "| %s | `%s` |\n", cell.Replace(row[0]), cell.Replace(row[1]))
			}
		}
		if i < len(all)-1 {
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// differenceJSON is a difference in the format json.
type differenceJSON struct {
	Old     string       `json:"old"`
	New     string       `json:"new"`
	Path    string       `json:"path,omitempty"`
	Kind    string       `json:"kind"`
	Verdict string       `json:"verdict"`
	Reason  string       `json:"reason,omitempty"`
	Changes []changeJSON `json:"changes"`
}

type changeJSON struct {
	Change     string            `json:"change"`
	Request    *requestJSON      `json:"request"`
	Before     string            `json:"before"`
	After      string            `json:"after"`
	Statements []responsibleJSON `json:"statements"`
}

type responsibleJSON struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Statement int    `json:"statement"`
	Sid       string `json:"sid,omitempty"`
	Effect    string `json:"effect"`
}

func printDiffJSON(w io.Writer, all []difference) error {
	out := make([]differenceJSON, len(all))
	for i := range all {
		d := &all[i]
		out[i] = differenceJSON{d.oldName, d.newName, d.path, d.kindName(), d.Verdict.String(), d.Reason, []changeJSON{}}
		for _, c := range d.changes() {
			change := changeJSON{
				c.word, newRequestJSON(&c.Request, &c.Around),
				c.Before.Sentence(&c.Request), c.After.Sentence(&c.Request), []responsibleJSON{},
			}
			for _, r := range c.Statements {
				file := d.oldName
				if r.New {
					file = d.newName
				}
				change.Statements = append(change.Statements, responsibleJSON{file, r.Position.Line, r.Position.Column + 1, r.Statement, r.Sid, r.Effect})
			}
			out[i].Changes = append(out[i].Changes, change)
		}
	}
	return indented(w, out)
}

// findings are a difference as findings at statements of the documents, for the
// formats that mark lines.
func (d *difference) findings() []fileFinding {
	var list []fileFinding
	if d.Verdict == analyze.Unknown {
		list = append(list, fileFinding{file: d.newName, Finding: policy.Finding{Code: "UNKNOWN_ACCESS_CHANGE", Severity: policy.Warning, Message: d.summary(), Location: wholeFile}})
	}
	for _, c := range d.changes() {
		f := fileFinding{file: d.newName, Finding: policy.Finding{Code: "ACCESS_GAINED", Severity: policy.SecurityWarning, Message: c.After.Sentence(&c.Request), Location: wholeFile}}
		if c.word == "lost" {
			f.Code, f.Severity = "ACCESS_LOST", policy.Warning
		}
		for _, r := range c.Statements {
			if r.New && !d.layers {
				f.Location = policy.Location{Span: d.new.Statements()[r.Statement].Span}
				break
			}
		}
		list = append(list, f)
	}
	return list
}

// wholeFile marks the first line of a file, where no statement of it is
// responsible.
var wholeFile = policy.Location{Span: policy.Span{Start: policy.Position{Line: 1}, End: policy.Position{Line: 1}}}

func allFindings(all []difference) []fileFinding {
	var findings []fileFinding
	for i := range all {
		findings = append(findings, all[i].findings()...)
	}
	return findings
}

func printDiffGitHub(w io.Writer, all []difference) error { return printGitHub(w, allFindings(all)) }

func printDiffSARIF(w io.Writer, all []difference) error { return printSARIF(w, allFindings(all)) }
