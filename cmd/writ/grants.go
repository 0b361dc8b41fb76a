package main

import (
	"fmt"
	"io"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// grantsCmd asks whether a policy document allows any of some actions on any of
// some resources. It exits with 0 if it allows none, with 1 if it allows one or
// that is unknown, with 2 if the document cannot be read.
type grantsCmd struct {
	File     string   `arg:"" name:"file" help:"The policy document; - is standard input."`
	Action   []string `help:"Actions, such as s3:DeleteBucket or iam:* (default: all)."`
	Resource []string `help:"ARNs or patterns of resources (default: all)."`
	Kind     string   `default:"auto" enum:"auto,identity,resource,trust,boundary,session,scp,endpoint" help:"The kind of the document: ${enum}."`
	Format   string   `default:"text" enum:"text,json" help:"Output format: ${enum}."`
}

// fileAnswer is the answer about one file.
type fileAnswer struct {
	File     string       `json:"file"`
	Kind     string       `json:"kind"`
	Answer   string       `json:"answer"` // "yes", "no" or "unknown"
	Reason   string       `json:"reason,omitempty"`
	Request  *requestJSON `json:"request,omitempty"`
	Sentence string       `json:"sentence,omitempty"`
}

func newFileAnswer(file string, kind policy.Kind, a analyze.Answer) fileAnswer {
	out := fileAnswer{File: file, Kind: kind.String(), Answer: "no"}
	switch {
	case a.Witness != nil:
		out.Answer, out.Request = "yes", witnessJSON(a.Witness)
		out.Sentence = a.Witness.After.Sentence(&a.Witness.Request)
	case a.Unknown:
		out.Answer, out.Reason = "unknown", a.Reason
	}
	return out
}

// Run asks.
func (c *grantsCmd) Run(s streams) error {
	d, kind, err := readPolicy(c.File, c.Kind)
	if err != nil {
		fmt.Fprintln(s.err, "writ: grants:", err)
		return exitCode(2)
	}
	a := newFileAnswer(c.File, kind, analyze.Grants(d, kind, c.Action, c.Resource, options()))
	words := map[string]string{"yes": "grants this access", "no": "does not grant this access"}
	if err := printAnswers(s.out, c.Format, words, []fileAnswer{a}); err != nil {
		return fmt.Errorf("grants: %w", err)
	}
	if a.Answer != "no" {
		return exitCode(1)
	}
	return nil
}

// readPolicy reads a document that is well formed for its kind.
func readPolicy(file, kindName string) (*policy.Document, policy.Kind, error) {
	d, err := readDocument(file)
	if err != nil {
		return nil, 0, err
	}
	kind := kindOf(kindName, d)
	if err := analyze.Check(d, kind); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	return d, kind, nil
}

// printAnswers prints answers, with words for yes and no.
func printAnswers(w io.Writer, format string, words map[string]string, answers []fileAnswer) error {
	if format == "json" {
		return indented(w, answers)
	}
	for _, a := range answers {
		line := a.File + " " + words[a.Answer]
		if a.Answer == "unknown" {
			line = fmt.Sprintf("%s: unknown: %s", a.File, a.Reason)
		}
		if a.Sentence != "" {
			line += ": " + a.Sentence
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
