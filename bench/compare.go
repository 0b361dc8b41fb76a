package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// comparison compares the same workloads on two servers.
type comparison struct {
	plan
	old, new string // commands: the path of a binary, optionally preceded by NAME=VALUE
}

// comparedWorkload is one row of the table.
type comparedWorkload struct {
	name, workload string
	role           bool // by an assumed role, on a server with an organization
}

var comparedWorkloads = []comparedWorkload{
	{name: "identity", workload: "identity"},
	{name: "get", workload: "get"},
	{name: "put", workload: "put"},
	{name: "role", workload: "get", role: true},
	{name: "get-parameter", workload: "get-parameter"},
	{name: "get-secure", workload: "get-secure"},
	{name: "put-parameter", workload: "put-parameter"},
}

// compareMain compares two binaries, or one binary with two settings, in alternating
// rounds.
func compareMain(arguments []string) error {
	flags := flag.NewFlagSet("bench compare", flag.ContinueOnError)
	var c comparison
	flags.StringVar(&c.old, "old", "", "the binary to compare with; environment variables NAME=VALUE may precede it")
	flags.StringVar(&c.new, "new", "", "the binary to measure; likewise")
	only := flags.String("only", "", "workloads, separated by commas; all if empty")
	connections := flags.Int("connections", 16, "number of connections")
	flags.IntVar(&c.rounds, "rounds", 7, "rounds of each workload")
	flags.IntVar(&c.policies, "policies", few, "policies that each server stores")
	flags.DurationVar(&c.duration, "duration", time.Second, "duration of a round")
	parent := flags.String("dir", os.TempDir(), "directory on the disk to measure")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if c.old == "" || c.new == "" {
		return errors.New("compare needs -old and -new")
	}
	c.connections = []int{*connections}
	if *only != "" {
		c.only = strings.Split(*only, ",")
	}
	for _, name := range c.only {
		if !slices.ContainsFunc(comparedWorkloads, func(w comparedWorkload) bool { return w.name == name }) {
			return fmt.Errorf("-only: unknown workload %q", name)
		}
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	var err error
	if c.directory, err = os.MkdirTemp(*parent, "writ-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(c.directory)
	return c.run(ctx)
}

// run starts both servers, and two more with an organization if the role workload is
// selected, and prints a row for each workload.
func (c *comparison) run(ctx context.Context) error {
	sides := []struct{ name, command string }{{"old", c.old}, {"new", c.new}}
	plain, governed := map[string]*process{}, map[string]*process{}
	sessions := map[string]credentials{}
	for _, side := range sides {
		p, err := c.startCommand(ctx, side.name, side.command)
		if err != nil {
			return err
		}
		defer p.stop()
		if _, err := fill(p.address, c.policies); err != nil {
			return err
		}
		if err := fillParameters(p.address); err != nil {
			return err
		}
		plain[side.name] = p
		if !c.asked("role") {
			continue
		}
		g, err := c.startCommand(ctx, side.name+"-governed", side.command)
		if err != nil {
			return err
		}
		defer g.stop()
		if _, err := fill(g.address, few); err != nil {
			return err
		}
		if sessions[side.name], err = govern(g.address); err != nil {
			return err
		}
		governed[side.name] = g
	}
	fmt.Printf("| workload, %d connections | old per second | new per second | new of old | old server CPU | new server CPU | new of old |\n", c.connections[0])
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|")
	for _, w := range comparedWorkloads {
		if !c.asked(w.name) {
			continue
		}
		var contenders []contender
		for _, side := range sides {
			p, as, items := plain[side.name], rootOf(account), few
			switch {
			case w.role:
				p, as = governed[side.name], sessions[side.name]
			case w.workload == "get" || w.workload == "put":
				items = c.policies
			}
			contenders = append(contenders, server(side.name, p, as, w.workload, items))
		}
		m, err := contest(ctx, contenders, c.connections[0], c.rounds, c.duration)
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.0f | %.0f | %s | %s | %s | %s |\n", w.name, m[0].rate, m[1].rate, ratio(m[1].rate/m[0].rate),
			micros(m[0].serverCPU), micros(m[1].serverCPU), ratio(float64(m[1].serverCPU)/float64(m[0].serverCPU)))
	}
	for _, side := range sides {
		resident, peak, err := plain[side.name].memory()
		if err != nil {
			return err
		}
		fmt.Printf("\nResident after the load, %s (highest): %s (%s)\n", side.name, mebibytes(resident), mebibytes(peak))
	}
	return nil
}

// startCommand starts one of the two servers.
func (c *comparison) startCommand(ctx context.Context, name, command string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	argv := append(append([]string{"env"}, strings.Fields(command)...), "serve", "--listen", address, "--data", filepath.Join(c.directory, name))
	p, _, err := start(ctx, c.directory, name, address, get("/_writ/health"), argv...)
	return p, err
}
