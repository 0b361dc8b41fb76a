package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the reference of the command line")

// TestReference compares the reference of the command line with the verbs.
func TestReference(t *testing.T) {
	const file = "../../docs/reference/cli.md"
	want := reference(verbs(commandLine(t).Model.Node, ""))
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("%s is not what the command line says (%v); run go test ./cmd/writ -run TestReference -update", file, err)
	}
}

// reference is the page of all verbs, in Markdown.
func reference(all []verb) string {
	var b strings.Builder
	b.WriteString("# The command line\n\nWritten by `go test ./cmd/writ -run TestReference -update` from the verbs. `writ help VERB` prints the same, `writ man DIR` writes manual pages.\n\n")
	cell := strings.NewReplacer("|", `\|`, "<", `\<`, "\n", " ").Replace
	b.WriteString("| verb | |\n|---|---|\n")
	for _, v := range all[1:] {
		fmt.Fprintf(&b, "| [%s](#writ-%s) | %s |\n", v.path, strings.ReplaceAll(v.path, " ", "-"), cell(v.help))
	}
	for _, v := range all[1:] {
		fmt.Fprintf(&b, "\n## writ %s\n\n%s\n\n```text\n%s\n```\n", v.path, v.help, v.usage)
		var rows strings.Builder
		for _, a := range v.args {
			fmt.Fprintf(&rows, "| `%s` | | %s |\n", a.Summary(), cell(a.Help))
		}
		for _, f := range v.flags {
			if f.Name != "help" {
				fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", cell(flagUsage(f)), code(f.Envs), cell(f.Help))
			}
		}
		if rows.Len() > 0 {
			b.WriteString("\n| argument or flag | variable | |\n|---|---|---|\n" + rows.String())
		}
		if word, _, below := strings.Cut(v.path, " "); !below && len(examples[word]) > 0 {
			b.WriteString("\n```text\n" + strings.Join(examples[word], "\n") + "\n```\n")
		}
	}
	return b.String()
}

// code is a list of names as code.
func code(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// TestMan writes the manual pages: one for each verb, with its flags and examples, and no
// text that is taken for a request of roff.
func TestMan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	var out strings.Builder
	if code := run([]string{"man", dir}, nil, &out, &out); code != 0 {
		t.Fatal(code, out.String())
	}
	request := regexp.MustCompile(`^\.(TH|SH|TP|nf|fi)\b`)
	all := verbs(commandLine(t).Model.Node, "")
	for _, v := range all {
		page, err := os.ReadFile(filepath.Join(dir, v.manName()+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, part := range []string{".TH ", ".SH NAME\n", ".SH SYNOPSIS\n", ".SH OPTIONS\n", ".SH EXAMPLES\n"} {
			if !strings.Contains(string(page), part) && (v.path != "" || part != ".SH EXAMPLES\n") {
				t.Errorf("%s.1 has no %q", v.manName(), part)
			}
		}
		for _, f := range v.flags {
			if !strings.Contains(string(page), roff("--"+f.Name)) {
				t.Errorf("%s.1 has no --%s", v.manName(), f.Name)
			}
		}
		for line := range strings.Lines(string(page)) {
			if (line[0] == '.' || line[0] == '\'') && !request.MatchString(line) {
				t.Errorf("%s.1: %q is taken for a request", v.manName(), line)
			}
		}
	}
	if pages, err := os.ReadDir(dir); err != nil || len(pages) != len(all) {
		t.Errorf("%d pages for %d verbs (%v)", len(pages), len(all), err)
	}
	if got := roff(".x\n'y -z \\"); got != "\\&.x\n\\&'y \\-z \\e" {
		t.Errorf("escaped: %q", got)
	}
}
