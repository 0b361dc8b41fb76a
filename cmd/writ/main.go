// Command writ is the whole of Writ in one binary; each verb has a file of its
// own beside this one.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/writdev/writ"
)

// cli is the command line: one field per verb.
type cli struct {
	Serve      serveCmd      `cmd:"" help:"Serve the AWS APIs on one endpoint."`
	Backup     backupCmd     `cmd:"" help:"Write a backup of a data directory to one file; a server may be running."`
	Restore    restoreCmd    `cmd:"" help:"Create a data directory from a backup."`
	Verify     verifyCmd     `cmd:"" help:"Check the integrity of a data directory or a backup."`
	Move       moveCmd       `cmd:"" help:"Copy the state from a data directory to a PostgreSQL database, or back."`
	Account    accountCmd    `cmd:"" help:"Create and list accounts."`
	Check      checkCmd      `cmd:"" help:"Validate and lint policy documents."`
	Completion completionCmd `cmd:"" help:"Print a shell completion script."`
	Demo       demoCmd       `cmd:"" help:"Demonstrate a denial, its explanation and its fix, on a temporary server."`
	Diff       diffCmd       `cmd:"" help:"Compare policy documents: what a change grants and revokes, with an example request for each."`
	Doctor     doctorCmd     `cmd:"" help:"Diagnose problems of the server and its clients: port, environment variables, clocks, proxies, data."`
	Export     exportCmd     `cmd:"" help:"Write the state of a running server, or of one of its worlds, as a world file."`
	Escalate   escalateCmd   `cmd:"" help:"List the privilege escalation paths that a principal's policies allow."`
	Fix        fixCmd        `cmd:"" help:"Print the smallest change that allows a denied request, as AWS CLI commands; --apply makes the change."`
	Grants     grantsCmd     `cmd:"" help:"Ask whether a policy document allows any of some actions on any of some resources."`
	Health     healthCmd     `cmd:"" help:"Ask whether the server on this machine is ready; exit with 1 if it is not."`
	Help       helpCmd       `cmd:"" help:"Print the flags of a command, with examples."`
	Lsp        lspCmd        `cmd:"" help:"Serve editors: diagnostics, quick fixes, hover and completion for policy documents (Language Server Protocol)."`
	Man        manCmd        `cmd:"" help:"Write the manual pages to a directory: writ.1 and one for each command."`
	Minimize   minimizeCmd   `cmd:"" help:"Print a smaller policy document that allows the same requests."`
	Prove      proveCmd      `cmd:"" help:"Verify the invariants of world files: proved, refuted by a chain of requests, or unknown."`
	Public     publicCmd     `cmd:"" help:"Ask whether resource policies grant access to the public, or to anyone outside a zone of trust."`
	Explain    explainCmd    `cmd:"" help:"Explain a decision of a running server: the last denial, a request id, or a hypothetical request."`
	Can        canCmd        `cmd:"" help:"Ask a running server whether a principal may do an action on a resource."`
	WhoCan     whoCanCmd     `cmd:"" help:"List the principals that may do an action on a resource of a running server."`
	WhatCan    whatCanCmd    `cmd:"" help:"List what a principal may do on the resources of a running server."`
	Log        logCmd        `cmd:"" help:"Print the decisions of a running server, one line each."`
	Token      tokenCmd      `cmd:"" help:"Print an OpenID Connect token of any issuer, signed by a running server's test issuer."`
	Record     recordCmd     `cmd:"" help:"Record the decisions of a running server in a file for replay."`
	Replay     replayCmd     `cmd:"" help:"Evaluate recorded requests under other policies and print what would be newly allowed or denied."`
	Test       testCmd       `cmd:"" help:"Run the tests of world files."`
	Simulate   simulateCmd   `cmd:"" help:"Decide a request over policy documents and explain the decision."`
	Migrate    migrateCmd    `cmd:"" help:"Create or update the tables of a PostgreSQL database."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

func main() {
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// streams are what a verb may write to.
type streams struct{ out, err io.Writer }

// run is the program without its process: it returns the exit code.
func run(args, environ []string, stdout, stderr io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("writ"),
		kong.Description("A local AWS endpoint that enforces every policy put into it, and explains every decision."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.Bind(streams{stdout, stderr}),
	)
	if err != nil {
		return complain(stderr, err)
	}
	if err := knownVariables(parser.Model, environ); err != nil {
		return complain(stderr, err)
	}
	ctx, err := parser.Parse(args)
	if ctx != nil {
		ctx.Bind(parser)
	}
	if exit >= 0 { // --help has answered
		return exit
	}
	if err != nil {
		return complain(stderr, err)
	}
	err = ctx.Run()
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	if err != nil {
		return complain(stderr, err)
	}
	return 0
}

// complain prints an error as one line and returns the exit code for it.
func complain(w io.Writer, err error) int {
	fmt.Fprintln(w, "writ:", strings.ReplaceAll(err.Error(), "\n", "; "))
	return 1
}

// knownVariables refuses a WRIT_* variable that no flag reads: it is a setting
// that would silently not be in force.
func knownVariables(app *kong.Application, environ []string) error {
	known := variables(app.Node)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "WRIT_") && !slices.Contains(known, name) {
			return fmt.Errorf("unknown variable %s; known are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// variables collects the variables that the flags of a command and of those
// below it read.
func variables(n *kong.Node) []string {
	var names []string
	for _, flag := range n.Flags {
		names = append(names, flag.Envs...)
	}
	for _, child := range n.Children {
		names = append(names, variables(child)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

type versionCmd struct{}

func (versionCmd) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, "writ", writ.Version)
	return err
}
