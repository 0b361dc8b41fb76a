package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/writdev/writ"
	"github.com/writdev/writ/policy/prove"
)

// proveCmd decides the invariants of world files. It exits with 0 if all are
// proved, with 1 if one is refuted, with 2 if one is unknown or a file is faulty.
type proveCmd struct {
	Files  []string `arg:"" name:"file" help:"World files in YAML or JSON; - is standard input."`
	Format string   `default:"text" enum:"text,json,github" help:"Output format: ${enum}."`
}

// fileResult is the answer about an invariant of a file.
type fileResult struct {
	file string
	prove.Result
}

// Run decides the invariants of every file.
func (c *proveCmd) Run(s streams) error {
	var results []fileResult
	faulty, refuted, unknown := false, false, false
	for _, file := range c.Files {
		m, err := readWorld(file)
		if err != nil {
			printFaults(s, "prove", err)
			faulty = true
			continue
		}
		for _, r := range m.Prove() {
			results = append(results, fileResult{file, r})
			refuted = refuted || r.Verdict == prove.Refuted
			unknown = unknown || r.Verdict == prove.Unknown
		}
	}
	if err := printProofs[c.Format](s.out, results); err != nil {
		return fmt.Errorf("prove: %w", err)
	}
	switch {
	case faulty:
		return exitCode(2)
	case refuted:
		return exitCode(1)
	case unknown || len(results) == 0:
		if !unknown {
			fmt.Fprintln(s.err, "writ: prove: there are no invariants")
		}
		return exitCode(2)
	}
	return nil
}

// readWorld reads and checks a world file for questions about all requests.
func readWorld(file string) (*prove.Model, error) {
	w, err := writ.ReadWorld(file)
	if err != nil {
		return nil, err
	}
	return modelOf(w)
}

// modelOf is a world as questions about all requests are decided about it.
func modelOf(w *writ.World) (*prove.Model, error) {
	m, err := w.Model(context.Background())
	if err != nil {
		return nil, err
	}
	m.Facts = catalogFacts{}
	return m, nil
}

// printFaults prints each of the errors that one joins.
func printFaults(s streams, verb string, err error) {
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		for _, e := range joined.Unwrap() {
			fmt.Fprintf(s.err, "writ: %s: %v\n", verb, e)
		}
		return
	}
	fmt.Fprintf(s.err, "writ: %s: %s\n", verb, strings.TrimSpace(err.Error()))
}

// reach lists the principals of a world that reach an action on a resource.
func (c *whoCanCmd) reach(s streams) error {
	if !c.Reach {
		fmt.Fprintln(s.err, "writ: who-can: --world needs --reach")
		return exitCode(2)
	}
	m, err := c.world()
	if err != nil {
		printFaults(s, "who-can", err)
		return exitCode(2)
	}
	ways, err := m.Reach(c.Action, c.Resource)
	if err != nil {
		printFaults(s, "who-can", err)
		return exitCode(2)
	}
	if c.JSON {
		out := []wayJSON{}
		for _, w := range ways {
			out = append(out, wayJSON{w.Start, chainJSON(w.Chain), w.Reason})
		}
		return indented(s.out, out)
	}
	for _, w := range ways {
		if w.Chain == nil {
			fmt.Fprintf(s.out, "%s: unknown: %s\n", w.Start, w.Reason)
			continue
		}
		fmt.Fprintln(s.out, w.Start)
		if err := printChain(s.out, w.Chain); err != nil {
			return fmt.Errorf("who-can: %w", err)
		}
	}
	return nil
}

// world is the world of the file, or else that of the running server.
func (c *whoCanCmd) world() (*prove.Model, error) {
	if c.World != "" {
		return readWorld(c.World)
	}
	text, err := c.export()
	if err != nil {
		return nil, err
	}
	w, err := writ.ParseWorld(c.Endpoint, text)
	if err != nil {
		return nil, err
	}
	return modelOf(w)
}
