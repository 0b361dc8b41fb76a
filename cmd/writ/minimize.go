package main

import (
	"fmt"

	"github.com/writdev/writ/policy/analyze"
)

// minimizeCmd prints a smaller document that allows the same, which is proved. It
// exits with 2 if the document cannot be read.
type minimizeCmd struct {
	File string `arg:"" name:"file" help:"The policy document; - is standard input."`
	Kind string `default:"auto" enum:"auto,identity,resource,trust,boundary,session,scp,rcp,endpoint" help:"The kind of the document: ${enum}."`
	List bool   `help:"List the redundant parts instead, each considered alone."`
}

// Run minimizes.
func (c *minimizeCmd) Run(s streams) error {
	d, kind, err := readPolicy(c.File, c.Kind)
	if err != nil {
		fmt.Fprintln(s.err, "writ: minimize:", err)
		return exitCode(2)
	}
	if c.List {
		for _, r := range analyze.Redundant(d, kind, options()) {
			at := r.Location.Span.Start
			if _, err := fmt.Fprintf(s.out, "%s:%d:%d: %v\n", c.File, at.Line, at.Column+1, r); err != nil {
				return fmt.Errorf("minimize: %w", err)
			}
		}
		return nil
	}
	m, err := analyze.Minimize(d, kind, options())
	if err != nil {
		return fmt.Errorf("minimize: %s: %w", c.File, err)
	}
	for _, r := range m.Removed {
		fmt.Fprintf(s.err, "removed %v\n", r)
	}
	if _, err := s.out.Write(m.Document.Source()); err != nil {
		return fmt.Errorf("minimize: %w", err)
	}
	return nil
}
