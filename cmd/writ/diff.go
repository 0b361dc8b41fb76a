package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// diffCmd compares two policy documents: which requests the new one allows that
// the old one does not, and the reverse. With --jsonl a stream of pairs is read
// from the standard input.
type diffCmd struct {
	Documents []string `arg:"" optional:"" help:"The old and the new document; - is standard input. With --git: the files and directories to compare."`

	Git       string `placeholder:"BASE..HEAD" help:"Compare the policies in JSON, YAML and Terraform plan files that differ between two commits."`
	Plan      string `placeholder:"FILE" help:"Compare the policies before and after a Terraform plan (terraform show -json)."`
	Layers    bool   `help:"Compare two sets of policies of all layers, each a JSON object in the format of simulate --jsonl."`
	Server    bool   `help:"Ask a running server which principals gain or lose access if the new document replaces the old one on --resource or --principal, or with --kind scp wherever the old one is attached."`
	Resource  string `placeholder:"ARN" help:"With --server: the resource that the documents are attached to."`
	Principal string `placeholder:"ARN" help:"With --server: the user or role that the documents are attached to."`
	running
	JSONL  bool     `name:"jsonl" help:"Read one JSON object per line (id, kind, old, new) and write one result per line, in the same order."`
	Kind   string   `default:"auto" enum:"auto,identity,resource,trust,boundary,session,scp,rcp,endpoint" help:"The kind of the documents: ${enum}. auto detects it from principals and actions."`
	Format string   `default:"text" enum:"text,json,github,sarif,markdown" help:"Output format: ${enum}."`
	FailOn []string `enum:"more,less,different,unknown" help:"Exit with status 1 if the new document allows more, less or something different, or if the verdict is unknown: ${enum}."`
}

// difference is the answer for one pair of documents.
type difference struct {
	oldName, newName string
	kind             policy.Kind
	old, new         *policy.Document
	analyze.Comparison

	located        bool   // found in a file, among others
	path           string // in the file
	added, removed bool   // compared with no policy
	layers         bool   // sets of policies are compared
}

// Run compares. It exits with 0 unless --fail-on says otherwise, and with 2 if a
// document cannot be read or has no meaning.
func (c *diffCmd) Run(s streams) error {
	if c.JSONL {
		if err := answerStream(os.Stdin, s.out, func() answerer { return new(differ) }); err != nil {
			return fmt.Errorf("diff: %w", err)
		}
		return nil
	}
	if c.Server {
		return c.askServer(s)
	}
	all, err := c.compare()
	if err != nil {
		fmt.Fprintln(s.err, "writ: diff:", err)
		return exitCode(2)
	}
	if err := printDifferences[c.Format](s.out, all); err != nil {
		return fmt.Errorf("diff: %w", err)
	}
	if slices.ContainsFunc(all, func(d difference) bool { return failsOn(c.FailOn, &d.Comparison) }) {
		return exitCode(1)
	}
	return nil
}

// compare compares what the flags name.
func (c *diffCmd) compare() ([]difference, error) {
	switch {
	case c.Git != "" && c.Plan != "":
		return nil, errors.New("--git and --plan are two questions")
	case c.Git != "":
		return c.compareCommits()
	case c.Plan != "":
		return c.comparePlan()
	}
	if len(c.Documents) != 2 {
		return nil, errors.New("two documents are needed, or --git, --plan or --jsonl")
	}
	if c.Layers {
		d, err := c.compareLayers(c.Documents[0], c.Documents[1])
		return []difference{d}, err
	}
	d, err := c.compareDocuments(c.Documents[0], c.Documents[1])
	return []difference{d}, err
}

func (c *diffCmd) compareDocuments(oldName, newName string) (d difference, err error) {
	d.oldName, d.newName = oldName, newName
	if d.old, err = readDocument(oldName); err != nil {
		return d, err
	}
	if d.new, err = readDocument(newName); err != nil {
		return d, err
	}
	d.kind = kindOf(c.Kind, d.new)
	if before := kindOf(c.Kind, d.old); before != d.kind {
		return d, fmt.Errorf("%s looks like a policy of kind %v and %s like one of kind %v; --kind tells", oldName, before, newName, d.kind)
	}
	if err := analyze.Check(d.old, d.kind); err != nil {
		return d, fmt.Errorf("%s: %w", oldName, err)
	}
	if err := analyze.Check(d.new, d.kind); err != nil {
		return d, fmt.Errorf("%s: %w", newName, err)
	}
	d.Comparison = analyze.Compare(d.old, d.new, d.kind, options())
	return d, nil
}

func readDocument(name string) (*policy.Document, error) {
	src, err := readFile(name)
	if err != nil {
		return nil, err
	}
	d, err := policy.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// failsOn reports whether a comparison is among those to fail on. A request that
// proves a direction counts also where the other direction is unknown.
func failsOn(on []string, c *analyze.Comparison) bool {
	return slices.ContainsFunc(on, func(name string) bool {
		switch name {
		case "more":
			return c.Gained != nil
		case "less":
			return c.Lost != nil
		case "different":
			return c.Gained != nil || c.Lost != nil
		}
		return c.Verdict == analyze.Unknown
	})
}
