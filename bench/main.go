package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The targets of the project, printed next to the measured values.
const (
	targetOfEcho   = 0.4 // rate of signed reads relative to the echo server, for any number of stored policies
	targetOfRoot   = 1.5 // processor time of a role's request relative to root's
	targetOfFsync  = 4.0 // rate of durable writes over 64 connections relative to single fsyncs
	targetOfMoto   = 30. // rate of reading and writing parameters over 16 connections relative to moto
	targetOfString = 1.5 // time of reading a SecureString relative to a String
	targetStart    = 50 * time.Millisecond
	targetResident = 30 << 20
)

const few = 100 // policies of the smaller server

// plan is what to measure and for how long.
type plan struct {
	connections []int
	policies    int
	rounds      int
	duration    time.Duration
	starts      int
	only        []string // selected parts; all if empty
	directory   string   // for data, logs and the binary
	writ        string   // path of the binary
	postgres    string   // the address of an empty database; "" for none
}

func main() {
	roles := map[string]func([]string) error{"compare": compareMain, "echo": echoMain, "load": loadMain}
	var err error
	if role, ok := roles[strings.Join(os.Args[1:min(2, len(os.Args))], "")]; ok {
		err = role(os.Args[2:])
	} else {
		err = benchMain(os.Args[1:])
	}
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func benchMain(arguments []string) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "short rounds that check that the benchmark works; the figures are not for publication")
	connections := flags.String("connections", "1,16,64", "numbers of connections, separated by commas")
	policies := flags.Int("policies", 100_000, "policies that the larger server stores")
	only := flags.String("only", "", "parts to measure, separated by commas: "+strings.Join(parts, ", ")+"; all if empty")
	parent := flags.String("dir", os.TempDir(), "directory on the disk to measure; a temporary directory is created in it and removed")
	postgres := flags.String("postgres", "", "address of an empty PostgreSQL database, for the part postgres")
	writ := flags.String("writ", "", "writ binary to measure; built from .. if empty")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	p := plan{policies: *policies, rounds: 5, duration: 3 * time.Second, starts: 20, writ: *writ, postgres: *postgres}
	if *quick {
		p.rounds, p.duration, p.starts = 3, 500*time.Millisecond, 5
	}
	for text := range strings.SplitSeq(*connections, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("-connections: %q is not a number of connections", text)
		}
		p.connections = append(p.connections, n)
	}
	if p.policies < 1 {
		return fmt.Errorf("-policies: %d is not a number of policies", p.policies)
	}
	if *only != "" {
		p.only = strings.Split(*only, ",")
	}
	for _, part := range p.only {
		if !slices.Contains(parts, part) {
			return fmt.Errorf("-only: unknown part %q", part)
		}
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if p.directory, err = os.MkdirTemp(*parent, "writ-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(p.directory)
	if p.writ == "" {
		p.writ = filepath.Join(p.directory, "writ")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", p.writ, "./cmd/writ")
		build.Dir, build.Stderr = "..", os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build writ: %w", err)
		}
	}
	return run(ctx, os.Stdout, p)
}

// startWrit starts the server on a data directory of that name.
func (p plan) startWrit(ctx context.Context, name string, flags ...string) (*process, time.Duration, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, 0, err
	}
	return start(ctx, p.directory, name, address, get("/_writ/health"),
		append([]string{p.writ, "serve", "--listen", address, "--data", filepath.Join(p.directory, name)}, flags...)...)
}

// parts are the values of -only.
var parts = []string{"reads", "writes", "role", "operations", "moto", "decisions", "postgres", "worlds", "size"}

// asked reports whether a part is selected.
func (p plan) asked(part string) bool { return len(p.only) == 0 || slices.Contains(p.only, part) }

// run measures the selected parts and writes the report at the end.
func run(ctx context.Context, out io.Writer, p plan) error {
	var r, targets report
	r.heading(p.directory)
	targets.line("## Targets\n")
	targets.line("| | target | measured | met |")
	targets.line("|---|--:|--:|---|")

	small, _, err := p.startWrit(ctx, "few")
	if err != nil {
		return err
	}
	defer small.stop()
	time.Sleep(2 * time.Second) // idle is measured after the work of the start has ended
	idle, _, err := small.memory()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "filling a server with %d policies\n", few)
	if _, err := fill(small.address, few); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	var large *process
	if p.asked("reads") || p.asked("size") {
		if large, _, err = p.startWrit(ctx, "many"); err != nil {
			return err
		}
		defer large.stop()
		fmt.Fprintf(os.Stderr, "filling a server with %d policies\n", p.policies)
		took, err := fill(large.address, p.policies)
		if err != nil {
			return fmt.Errorf("fill: %w", err)
		}
		r.line("Filling: %d first policies over 64 connections in %.1f s, %.0f per second.\n", p.policies, took.Seconds(), float64(p.policies)/took.Seconds())
	}
	for _, part := range []struct {
		name    string
		measure func() error
	}{
		{"reads", func() error { return p.measureReads(ctx, &r, &targets, small, large) }},
		{"writes", func() error { return p.measureWrites(ctx, &r, &targets, small) }},
		{"role", func() error { return p.measureRole(ctx, &r, &targets) }},
		{"operations", func() error { return p.measureOperations(ctx, &r, &targets) }},
		{"moto", func() error { return p.measureMoto(ctx, &r, &targets, small) }},
		{"decisions", func() error { return p.measureDecisions(ctx, &r, &targets) }},
		{"postgres", func() error { return p.measurePostgres(ctx, &r, &targets, small) }},
		{"worlds", func() error { return p.measureWorlds(ctx, &r, &targets) }},
		{"size", func() error { return p.measureSize(ctx, &r, &targets, idle, small, large) }},
	} {
		if !p.asked(part.name) {
			continue
		}
		if err := part.measure(); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, r.String()+targets.String())
	return err
}

// measureReads compares signed reads with the echo server.
func (p plan) measureReads(ctx context.Context, r, targets *report, small, large *process) error {
	echo, err := p.startEcho(ctx, small)
	if err != nil {
		return err
	}
	defer echo.stop()
	root := rootOf(account)
	medians, err := p.contests(ctx, r, "Signed GetImagePolicy", []contender{
		server("echo", echo, root, "get", few),
		server(fmt.Sprintf("Writ, %d policies", few), small, root, "get", few),
		server(fmt.Sprintf("Writ, %d policies", p.policies), large, root, "get", p.policies),
	})
	if err != nil {
		return err
	}
	for i, n := range p.connections {
		m := medians[i]
		targets.goal(fmt.Sprintf("GetImagePolicy, connections: %d, relative to echo", n), "≥ "+ratio(targetOfEcho), ratio(m[1].rate/m[0].rate), m[1].rate >= targetOfEcho*m[0].rate)
		targets.goal(fmt.Sprintf("the same with %d policies in place of %d", p.policies, few), "≥ "+ratio(targetOfEcho), ratio(m[2].rate/m[0].rate), m[2].rate >= targetOfEcho*m[0].rate)
	}
	return nil
}

// measureWrites compares durable writes with single fsyncs on the same disk.
func (p plan) measureWrites(ctx context.Context, r, targets *report, writ *process) error {
	medians, err := p.contests(ctx, r, "Durable writes", []contender{
		fsyncs(p.directory), server("durable PutImagePolicy", writ, rootOf(account), "put", few)})
	if err != nil {
		return err
	}
	for i, n := range p.connections {
		if n >= 64 {
			m := medians[i]
			targets.goal(fmt.Sprintf("PutImagePolicy, connections: %d, relative to single fsyncs", n), "≥ "+ratio(targetOfFsync), ratio(m[1].rate/m[0].rate), m[1].rate >= targetOfFsync*m[0].rate)
		}
	}
	return nil
}

// measureSize measures start time and memory. It stops the large server.
func (p plan) measureSize(ctx context.Context, r, targets *report, idle int, small, large *process) error {
	r.line("## Size\n")
	r.line("| | |\n|---|--:|")
	r.line("| resident when idle | %s |", mebibytes(idle))
	for _, s := range []struct {
		name string
		*process
	}{{"few", small}, {"many", large}} {
		resident, peak, err := s.memory()
		if err != nil {
			return err
		}
		r.line("| resident after the load, server with %s policies (highest) | %s (%s) |", s.name, mebibytes(resident), mebibytes(peak))
	}
	large.stop()
	restarts, err := p.measureStarts(ctx, func(int) string { return "many" })
	if err != nil {
		return err
	}
	starts, err := p.measureStarts(ctx, func(n int) string { return fmt.Sprintf("start-%d", n) })
	if err != nil {
		return err
	}
	r.line("| start to first healthy response, median of %d, new data directory | %s |", len(starts), micros(median(starts)))
	r.line("| the same with %d policies stored | %s |", p.policies, micros(median(restarts)))
	if info, err := os.Stat(p.writ); err == nil {
		r.line("| binary | %s |", mebibytes(int(info.Size())))
	}
	r.line("")
	targets.goal("start to first healthy response", "≤ "+micros(targetStart), micros(median(starts)), median(starts) <= targetStart)
	targets.goal("resident when idle", "≤ "+mebibytes(targetResident), mebibytes(idle), idle <= targetResident)
	return nil
}

// contests runs the contenders at every number of connections and reports the results.
func (p plan) contests(ctx context.Context, r *report, title string, contenders []contender) ([][]outcome, error) {
	fmt.Fprintln(os.Stderr, title)
	var medians [][]outcome
	for _, n := range p.connections {
		m, err := contest(ctx, contenders, n, p.rounds, p.duration)
		if err != nil {
			return nil, err
		}
		medians = append(medians, m)
	}
	r.contests(title, contenders, p.connections, medians)
	return medians, nil
}

// measureStarts starts servers, one after another, on the named data directories.
func (p plan) measureStarts(ctx context.Context, directory func(n int) string) ([]time.Duration, error) {
	var starts []time.Duration
	for n := range p.starts {
		s, took, err := p.startWrit(ctx, directory(n))
		if err != nil {
			return nil, err
		}
		s.stop()
		starts = append(starts, took)
	}
	return starts, nil
}

// startEcho starts the echo server with a response of Writ to the workload.
func (p plan) startEcho(ctx context.Context, writ *process) (*process, error) {
	c := &conn{address: writ.address}
	defer c.close()
	answer, err := c.exchange(newSigner(writ.address, rootOf(account)).getPolicy(0))
	if err != nil {
		return nil, err
	}
	file := filepath.Join(p.directory, "answer.json")
	if err := os.WriteFile(file, answer, 0o600); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	echo, _, err := start(ctx, p.directory, "echo", address, get("/"), self, "echo", "-listen", address, "-body", file)
	return echo, err
}

// measureRole compares requests of a role that has policies of many kinds with the same
// requests by root. It uses a server of its own, because the organization that the role
// needs applies to all other callers from the account.
func (p plan) measureRole(ctx context.Context, r *report, targets *report) error {
	writ, _, err := p.startWrit(ctx, "governed")
	if err != nil {
		return err
	}
	defer writ.stop()
	if _, err := fill(writ.address, few); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	session, err := govern(writ.address)
	if err != nil {
		return err
	}
	p.connections = []int{16}
	medians, err := p.contests(ctx, r, "GetImagePolicy by an assumed role", []contender{
		server("root of the account", writ, rootOf(account), "get", few), server("assumed role", writ, session, "get", few)})
	if err != nil {
		return err
	}
	root, role := medians[0][0].serverCPU, medians[0][1].serverCPU
	times := float64(role) / float64(root)
	r.line("Server CPU of the role's request: %.2f× that of root's. Two levels of service control policies apply to both; "+
		"the role also has three managed policies and a permissions boundary.\n", times)
	targets.goal("server CPU of an assumed role's request, relative to root's", fmt.Sprintf("≤ %.2f×", targetOfRoot), fmt.Sprintf("%.2f×", times), times <= targetOfRoot)
	return nil
}

// goal adds a row to the table of targets.
func (r *report) goal(what, target, measured string, met bool) {
	verdict := "yes"
	if !met {
		verdict = "**no**"
	}
	r.line("| %s | %s | %s | %s |", what, target, measured, verdict)
}
