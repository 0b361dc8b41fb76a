package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/writdev/writ/internal/template"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/lint"
)

// checkCmd looks for mistakes in policy documents. It exits with 0 if it finds
// none, with 1 if it finds some that are bad enough, with 2 if it cannot read a
// document.
type checkCmd struct {
	Files    []string `arg:"" name:"file" help:"Policy documents, CloudFormation and SAM templates, Terraform plans (terraform show -json); - is standard input."`
	Kind     string   `default:"auto" enum:"auto,identity,resource,trust,boundary,session,scp,rcp,endpoint" help:"The kind of the documents: ${enum}. auto detects it from principals and actions."`
	Resource string   `placeholder:"TYPE" help:"The resource type of resource-based policies: AWS::S3::Bucket."`
	Format   string   `default:"text" enum:"text,json,sarif,github" help:"Output format: ${enum}."`
	FailOn   string   `default:"error" enum:"error,security-warning,warning,suggestion,never" help:"The lowest severity that makes the command exit with status 1: ${enum}."`
	Fix      bool     `help:"Apply the fixes that are proved not to change what a document allows; print the others as a diff."`
	Proofs   bool     `help:"Also look for redundant parts, which takes longer."`
	Config   string   `placeholder:"FILE" help:"A file of suppressions (default: .writ.yaml in the directory of a document or above it)."`
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
	others []policy.Location
	sid    string // of the statement
}

// checkedFile is what one file contains.
type checkedFile struct {
	src      []byte
	findings []fileFinding
	log      bytes.Buffer // for standard error
	ok       bool         // every document of it can be read
}

// Run checks every file, prints all findings and then fails.
func (c *checkCmd) Run(s streams) error {
	suppressions := &suppressions{file: c.Config}
	var findings []fileFinding
	readable := true
	files := c.checkFiles()
	for i := range files {
		f := &files[i]
		known, err := suppressions.of(c.Files[i])
		if err != nil {
			fmt.Fprintln(&f.log, "writ: check:", err)
		}
		readable = readable && f.ok && err == nil
		if _, err := f.log.WriteTo(s.err); err != nil {
			return fmt.Errorf("check: %w", err)
		}
		ignored := ignoredLines(f.src)
		for _, finding := range f.findings {
			finding.file = c.Files[i]
			if !suppressed(known, ignored, &finding) {
				findings = append(findings, finding)
			}
		}
	}
	out := bufio.NewWriter(s.out)
	if err := errors.Join(printFindings[c.Format](out, findings), out.Flush()); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	suppressions.complain(s.err)
	switch {
	case !readable:
		return exitCode(2)
	case c.fails(findings):
		return exitCode(1)
	}
	return nil
}

// checkFiles checks the files, several at a time unless it changes them.
func (c *checkCmd) checkFiles() []checkedFile {
	debug.SetGCPercent(400) // memory for speed: the process ends soon
	files := make([]checkedFile, len(c.Files))
	workers := runtime.GOMAXPROCS(0)
	if c.Fix {
		workers = 1
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				c.checkFile(&files[i], c.Files[i])
			}
		})
	}
	group.Wait()
	return files
}

// checkFile reads, with --fix changes, and checks one file.
func (c *checkCmd) checkFile(f *checkedFile, name string) {
	var err error
	f.src, err = readFile(name)
	if err == nil && c.Fix {
		f.src, err = c.fix(&f.log, name, f.src)
	}
	if err != nil {
		fmt.Fprintln(&f.log, "writ: check:", err)
		return
	}
	f.findings, f.ok = c.check(f.src)
}

func readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

// check returns the findings of a file; a document that does not parse has one.
func (c *checkCmd) check(src []byte) ([]fileFinding, bool) {
	doc, err := policy.Parse(src)
	if err == nil {
		return c.document(doc, c.config(doc)), true
	}
	if documents, ok := template.Find(src); ok {
		return c.template(documents)
	}
	return []fileFinding{{Finding: syntaxFinding(err)}}, false
}

// syntaxFinding is what the parser has to say.
func syntaxFinding(err error) policy.Finding {
	e, ok := errors.AsType[*policy.SyntaxError](err)
	if !ok {
		return policy.Finding{Code: "JSON_SYNTAX_ERROR", Severity: policy.Error, Message: err.Error()}
	}
	at := policy.Span{Start: e.Position, End: e.Position}
	return policy.Finding{Code: e.Code, Severity: policy.Error, Location: policy.Location{Span: at, Path: e.Path}, Message: e.Message}
}

func (c *checkCmd) config(doc *policy.Document) lint.Config {
	return lint.Config{Kind: kindOf(c.Kind, doc), Resource: c.Resource, Proofs: c.Proofs}
}

func (c *checkCmd) document(doc *policy.Document, config lint.Config) []fileFinding {
	var all []fileFinding
	for _, f := range lint.Check(doc, config) {
		all = append(all, fileFinding{Finding: f.Finding, others: f.Others, sid: sidAt(doc, f.Location.Span)})
	}
	return all
}

// sidAt is the Sid of the statement that a span lies in.
func sidAt(doc *policy.Document, span policy.Span) string {
	for i := range doc.Statements() {
		s := doc.Statements()[i].Span
		if s.Start.Offset <= span.Start.Offset && span.End.Offset <= s.End.Offset {
			return doc.Statements()[i].Sid.Text
		}
	}
	return ""
}

// template checks the documents of a template or a plan. Places are those in the
// file; findings about what only a deployment decides are left out.
func (c *checkCmd) template(documents []template.Document) (all []fileFinding, ok bool) {
	ok = true
	for i := range documents {
		d := &documents[i]
		doc, err := policy.Parse(d.Text)
		if err != nil {
			f := syntaxFinding(err)
			f.Location.Span, f.Message = d.Outer(f.Location.Span), f.Message+" (in "+d.Path+")"
			all, ok = append(all, fileFinding{Finding: f}), false
			continue
		}
		config := c.config(doc)
		if d.Known && c.Kind == "auto" {
			config.Kind = d.Kind
		}
		if config.Resource == "" {
			config.Resource = d.Resource
		}
		for _, f := range c.document(doc, config) {
			if d.Unknown(f.Location.Span) {
				continue
			}
			f.Location.Span = d.Outer(f.Location.Span)
			for j := range f.others {
				f.others[j].Span = d.Outer(f.others[j].Span)
			}
			f.Message += " (in " + d.Path + ")"
			all = append(all, f)
		}
	}
	return all, ok
}

// kindOf is the kind of that name, or what a document looks like: one with
// principals is a resource policy, and a trust policy if all it speaks of is sts.
func kindOf(name string, doc *policy.Document) policy.Kind {
	if kind, ok := policy.ParseKind(name); ok {
		return kind
	}
	kind := policy.Identity
	for i := range doc.Statements() {
		s := &doc.Statements()[i]
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
