package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/lint"
)

// fix writes a policy document with the changes that are proved to leave
// unchanged what it allows, and prints the other ones as diffs. It returns the
// text after the changes. Templates and plans it leaves alone.
func (c *checkCmd) fix(log io.Writer, name string, src []byte) ([]byte, error) {
	doc, err := policy.Parse(src)
	if err != nil {
		return src, nil // check says what is wrong
	}
	text, done, left := lint.ApplyFixes(doc, c.config(doc))
	for _, f := range done {
		fmt.Fprintf(log, "%s: fixed %s: %s\n", name, f.Code, f.Fix.Title)
	}
	for _, f := range left {
		fmt.Fprintf(log, "%s: not made, for it is not proved to leave unchanged what the document allows: %s: %s\n", name, f.Code, f.Fix.Title)
		printDiff(log, name, text, f.Fix.Apply(text))
	}
	if len(done) == 0 || name == "-" {
		return []byte(text), nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	return []byte(text), os.WriteFile(name, []byte(text), info.Mode().Perm())
}

// printDiff prints the lines in which two texts differ, between the lines that
// they begin and end with alike, as a unified diff with one line of context.
func printDiff(w io.Writer, name, before, after string) {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	first := 0
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	endA, endB := len(a), len(b)
	for endA > first && endB > first && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
	}
	from := max(first-1, 0)
	toA, toB := min(endA+1, len(a)), min(endB+1, len(b))
	fmt.Fprintf(w, "--- %s\n+++ %s\n@@ -%d,%d +%d,%d @@\n", name, name, from+1, toA-from, from+1, toB-from)
	for _, part := range []struct {
		mark  string
		lines []string
	}{{" ", a[from:first]}, {"-", a[first:endA]}, {"+", b[first:endB]}, {" ", a[endA:toA]}} {
		for _, line := range part.lines {
			fmt.Fprintf(w, "%s%s\n", part.mark, line)
		}
	}
}
