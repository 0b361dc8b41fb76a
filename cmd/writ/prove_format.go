package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/prove"
)

// printProofs are the formats of prove.
var printProofs = map[string]func(io.Writer, []fileResult) error{
	"text": printProofText, "json": printProofJSON, "github": printProofGitHub,
}

func printProofText(w io.Writer, results []fileResult) error {
	for _, r := range results {
		line := fmt.Sprintf("%s: %s: %v", r.file, r.Invariant.Name, r.Verdict)
		switch r.Verdict {
		case prove.Unknown:
			line += ": " + r.Reason
		case prove.Refuted:
			line += ": " + r.Start
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
		if err := printChain(w, r.Chain); err != nil {
			return err
		}
	}
	return nil
}

// printChain prints a request a line, with the conditions of the statements that
// allow it.
func printChain(w io.Writer, chain []prove.Step) error {
	for i := range chain {
		if _, err := fmt.Fprintf(w, "  %d. %s\n", i+1, stepText(&chain[i])); err != nil {
			return err
		}
	}
	return nil
}

func stepText(s *prove.Step) string {
	text := s.Decision.Sentence(&s.Request)
	if len(s.Conditions) > 0 {
		text += ", on condition that " + strings.Join(s.Conditions, " and ")
	}
	return text
}

type (
	proofJSON struct {
		File      string     `json:"file"`
		Invariant string     `json:"invariant"`
		Verdict   string     `json:"verdict"`
		Start     string     `json:"start,omitempty"`
		Chain     []stepJSON `json:"chain,omitempty"`
		Reason    string     `json:"reason,omitempty"`
	}
	wayJSON struct {
		Start  string     `json:"start"`
		Chain  []stepJSON `json:"chain,omitempty"`
		Reason string     `json:"reason,omitempty"`
	}
	stepJSON struct {
		*requestJSON
		Decision   string   `json:"decision"`
		Conditions []string `json:"conditions,omitempty"`
	}
)

func chainJSON(chain []prove.Step) []stepJSON {
	var steps []stepJSON
	for i := range chain {
		s := &chain[i]
		steps = append(steps, stepJSON{newRequestJSON(&s.Request, &policy.Policies{}), s.Decision.String(), s.Conditions})
	}
	return steps
}

func printProofJSON(w io.Writer, results []fileResult) error {
	out := make([]proofJSON, len(results))
	for i, r := range results {
		out[i] = proofJSON{r.file, r.Invariant.Name, r.Verdict.String(), r.Start, chainJSON(r.Chain), r.Reason}
	}
	return indented(w, out)
}

// printProofGitHub prints a workflow command for each invariant that is not proved.
func printProofGitHub(w io.Writer, results []fileResult) error {
	for _, r := range results {
		command, text := "warning", r.Reason
		switch r.Verdict {
		case prove.Proved:
			continue
		case prove.Refuted:
			var b strings.Builder
			fmt.Fprintln(&b, r.Start)
			if err := printChain(&b, r.Chain); err != nil {
				return err
			}
			command, text = "error", strings.TrimSpace(b.String())
		}
		if err := annotate(w, command, r.file, 0, "invariant "+r.Invariant.Name+" is "+r.Verdict.String(), text); err != nil {
			return err
		}
	}
	return nil
}
