package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/writdev/writ/policy"
)

// checkCmd looks for mistakes in policy documents. It exits with 0 if it finds
// none, with 1 if it finds some that are bad enough, with 2 if it cannot read a
// document.
type checkCmd struct {
	Files  []string `arg:"" name:"file" help:"Policy documents; - is the standard input."`
	Kind   string   `default:"auto" enum:"auto,identity,resource,trust,boundary,session,scp,rcp,endpoint" help:"What the documents are for: ${enum}. auto tells by their principals and actions."`
	Format string   `default:"text" enum:"text,json,sarif,github" help:"How to print findings: ${enum}."`
	FailOn string   `default:"error" enum:"error,security-warning,warning,suggestion,never" help:"The least severity at which to exit with 1: ${enum}."`
}

// exitCode ends the program with a code after everything has been said.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit with %d", int(e)) }

// ExitCode makes the error a [kong.ExitCoder].
func (e exitCode) ExitCode() int { return int(e) }

// fileFinding is a finding in a file.
type fileFinding struct {
	file string
	policy.Finding
}

// Run checks every file, prints all findings and then fails.
func (c *checkCmd) Run(s streams) error {
	var findings []fileFinding
	unreadable := false
	for _, name := range c.Files {
		src, err := readFile(name)
		if err != nil {
			fmt.Fprintln(s.err, "writ: check:", err)
			unreadable = true
			continue
		}
		found, ok := c.check(src)
		unreadable = unreadable || !ok
		for _, f := range found {
			findings = append(findings, fileFinding{name, f})
		}
	}
	if err := printFindings[c.Format](s.out, findings); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	switch {
	case unreadable:
		return exitCode(2)
	case c.fails(findings):
		return exitCode(1)
	}
	return nil
}

func readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

// check returns the findings; a document that does not parse has one.
func (c *checkCmd) check(src []byte) ([]policy.Finding, bool) {
	doc, err := policy.Parse(src)
	if e, ok := errors.AsType[*policy.SyntaxError](err); ok {
		at := policy.Span{Start: e.Position, End: e.Position}
		return []policy.Finding{{Code: e.Code, Severity: policy.Error, Location: policy.Location{Span: at, Path: e.Path}, Message: e.Message}}, false
	}
	return policy.Validate(doc, kindOf(c.Kind, doc), nil), true
}

// kindOf is the kind of that name, or what a document looks like: one with
// principals is a resource policy, and a trust policy if all it speaks of is sts.
func kindOf(name string, doc *policy.Document) policy.Kind {
	if kind, ok := policy.ParseKind(name); ok {
		return kind
	}
	kind := policy.Identity
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if !s.Principal.Present() && !s.NotPrincipal.Present() {
			continue
		}
		kind = policy.Trust
		for _, a := range s.Action.Values {
			if !strings.HasPrefix(strings.ToLower(a.Text), "sts:") {
				return policy.Resource
			}
		}
	}
	return kind
}

func (c *checkCmd) fails(findings []fileFinding) bool {
	least, ok := map[string]policy.Severity{
		"error": policy.Error, "security-warning": policy.SecurityWarning, "warning": policy.Warning, "suggestion": policy.Suggestion,
	}[c.FailOn]
	for _, f := range findings {
		if ok && f.Severity >= least {
			return true
		}
	}
	return false
}
