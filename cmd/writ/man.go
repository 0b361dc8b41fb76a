package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/writdev/writ"
)

// manCmd is `writ man`.
type manCmd struct {
	Dir string `arg:"" help:"The directory, which is created if it does not exist."`
}

// Run writes a page for the command and one for each verb.
func (c *manCmd) Run(parser *kong.Kong) error {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	all := verbs(parser.Model.Node, "")
	for _, v := range all {
		if err := os.WriteFile(filepath.Join(c.Dir, v.manName()+".1"), v.man(all), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// manName is the name of a verb's page: "writ-account-create".
func (v *verb) manName() string {
	return strings.ReplaceAll(strings.TrimSpace("writ "+v.path), " ", "-")
}

// man is the manual page of a verb, in the macros of man(7).
func (v *verb) man(all []verb) []byte {
	var b bytes.Buffer
	name := v.manName()
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"writ %s\" \"Writ\"\n.SH NAME\n%s \\- %s\n", strings.ToUpper(name), writ.Version, name, roff(v.help))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.nf\n%s\n.fi\n", roff(v.usage))
	if len(v.args) > 0 {
		b.WriteString(".SH ARGUMENTS\n")
	}
	for _, a := range v.args {
		fmt.Fprintf(&b, ".TP\n\\fI%s\\fR\n%s\n", roff(a.Summary()), roff(a.Help))
	}
	if len(v.words) > 0 {
		b.WriteString(".SH COMMANDS\n")
	}
	for _, below := range all {
		parent, _, _ := cutLast(below.path)
		if below.path != "" && parent == v.path {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR(1)\n%s\n", roff(below.manName()), roff(below.help))
		}
	}
	b.WriteString(".SH OPTIONS\n")
	for _, f := range v.flags {
		fmt.Fprintf(&b, ".TP\n\\fB%s\\fR\n%s\n", roff(flagUsage(f)), roff(f.Help))
		if len(f.Envs) > 0 {
			fmt.Fprintf(&b, "Variable: %s.\n", roff(strings.Join(f.Envs, ", ")))
		}
	}
	if word, _, _ := strings.Cut(v.path, " "); len(examples[word]) > 0 {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(strings.Join(examples[word], "\n")))
	}
	if v.path != "" {
		b.WriteString(".SH SEE ALSO\n\\fBwrit\\fR(1)\n")
	}
	return b.Bytes()
}

// cutLast cuts a text before its last word.
func cutLast(text string) (before, last string, ok bool) {
	i := strings.LastIndexByte(text, ' ')
	if i < 0 {
		return "", text, false
	}
	return text[:i], text[i+1:], true
}

// flagUsage is a flag as it is written: "--listen=HOST:PORT", "-f, --follow".
func flagUsage(f *kong.Flag) string {
	usage := "--" + f.Name
	switch {
	case f.IsBool():
	case f.Enum != "":
		usage += "=" + strings.ReplaceAll(f.Enum, ",", "|")
	default:
		usage += "=" + f.FormatPlaceHolder()
	}
	if f.Short != 0 {
		usage = "-" + string(f.Short) + ", " + usage
	}
	return usage
}

// roff escapes a text: a backslash, a dash, which would be typeset as a hyphen, and a dot or
// an apostrophe at the beginning of a line, which would be a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
