package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/writdev/writ"
)

// replayCmd is `writ replay`. It exits with 1 if the answers change as --fail-on says, with
// 2 if a file is faulty.
type replayCmd struct {
	Files  []string `arg:"" name:"file" help:"Audit files, files of writ record, or CloudTrail event files, optionally compressed with gzip; - is standard input."`
	World  string   `required:"" placeholder:"FILE" help:"The world file with the policies to evaluate."`
	FailOn string   `default:"none" enum:"none,newly-denied,newly-allowed,any" help:"Exit with status 1 for these changes: ${enum}."`
	Format string   `default:"text" enum:"text,json" help:"Output format: ${enum}."`
}

// Run makes the decisions again and prints those that differ.
func (c *replayCmd) Run(s streams) error {
	report, err := c.replay()
	if err != nil {
		printFaults(s, "replay", err)
		return exitCode(2)
	}
	print := map[string]func(io.Writer, *writ.Replay) error{"text": printReplay, "json": func(w io.Writer, r *writ.Replay) error { return indented(w, r) }}[c.Format]
	if err := print(s.out, report); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	for _, change := range report.Changes {
		if c.FailOn == "any" || c.FailOn == "newly-allowed" && change.Allowed || c.FailOn == "newly-denied" && !change.Allowed {
			return exitCode(1)
		}
	}
	return nil
}

func (c *replayCmd) replay() (report *writ.Replay, err error) {
	world, err := writ.ReadWorld(c.World)
	if err != nil {
		return nil, err
	}
	server, err := writ.New(writ.Config{Decisions: -1})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if err := server.Load(context.Background(), world); err != nil {
		return nil, err
	}
	var files []io.Reader
	for _, name := range c.Files {
		file := os.Stdin
		if name != "-" {
			if file, err = os.Open(name); err != nil {
				return nil, err
			}
			defer file.Close()
		}
		files = append(files, file)
	}
	return server.Replay(context.Background(), files...)
}

// printReplay prints a change a line, with the decision now below it, and then what is not
// known.
func printReplay(w io.Writer, r *writ.Replay) error {
	for _, c := range r.Changes {
		what := "newly denied "
		if c.Allowed {
			what = "newly allowed"
		}
		if _, err := fmt.Fprintf(w, "%s  %d × %s %s on %s (%s)\n               %s\n", what, c.Times, c.Principal, c.Action, c.Resource, strings.Join(c.DecidedBy, "+"), c.Sentence); err != nil {
			return err
		}
	}
	for _, reason := range r.Skipped {
		fmt.Fprintf(w, "not decided    %d × %s\n", reason.Times, reason.Text)
	}
	for _, reason := range r.Unknown {
		fmt.Fprintf(w, "not known      %s\n", reason.Text)
	}
	_, err := fmt.Fprintf(w, "%d decisions, %d as before\n", r.Decisions, r.Same)
	return err
}
