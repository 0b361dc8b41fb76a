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
	Backup     backupCmd     `cmd:"" help:"Write the state in a folder to one file, while it is served or not."`
	Restore    restoreCmd    `cmd:"" help:"Make a folder of a backup."`
	Verify     verifyCmd     `cmd:"" help:"Read all of a folder or a backup, and tell of damage."`
	Move       moveCmd       `cmd:"" help:"Copy the state from a folder to a PostgreSQL database, or back."`
	Account    accountCmd    `cmd:"" help:"Make and list accounts."`
	Check      checkCmd      `cmd:"" help:"Look for mistakes in policy documents."`
	Completion completionCmd `cmd:"" help:"Print a script with which a shell completes verbs and flags."`
	Demo       demoCmd       `cmd:"" help:"Show a denial, its explanation and the change that allows the request, on a server of its own."`
	Diff       diffCmd       `cmd:"" help:"Compare policy documents: what a change gives and takes, with a request as proof."`
	Doctor     doctorCmd     `cmd:"" help:"Look for what keeps Writ or its clients from working: the port, variables, clocks, proxies, data."`
	Export     exportCmd     `cmd:"" help:"Write the state of a running server, or of one of its worlds, as a world file."`
	Escalate   escalateCmd   `cmd:"" help:"List the ways of privilege escalation that a caller's policies leave open."`
	Fix        fixCmd        `cmd:"" help:"Print the smallest change that would allow a denied request, as commands of the AWS CLI; --apply makes it."`
	Grants     grantsCmd     `cmd:"" help:"Ask whether a policy document allows any of some actions on any of some resources."`
	Health     healthCmd     `cmd:"" help:"Ask whether the server on this machine is ready; exit with 1 if it is not."`
	Help       helpCmd       `cmd:"" help:"Print the flags of a verb, with examples."`
	Lsp        lspCmd        `cmd:"" help:"Serve editors: diagnostics, quick fixes, hover and completion for policy documents (Language Server Protocol)."`
	Man        manCmd        `cmd:"" help:"Write the manual pages into a folder: writ.1, and one for each verb."`
	Minimize   minimizeCmd   `cmd:"" help:"Print a smaller policy document that allows the same."`
	Prove      proveCmd      `cmd:"" help:"Decide the invariants of world files: proved, refuted by a chain of requests, or unknown."`
	Public     publicCmd     `cmd:"" help:"Ask whether resource policies let in the public, or anyone from outside a zone of trust."`
	Explain    explainCmd    `cmd:"" help:"Explain a decision of a running server: the last denial, a request id, or a hypothetical request."`
	Can        canCmd        `cmd:"" help:"Ask a running server whether a principal may do an action on a resource."`
	WhoCan     whoCanCmd     `cmd:"" help:"List the principals that may do an action on a resource of a running server."`
	WhatCan    whatCanCmd    `cmd:"" help:"List what a principal may do on the resources of a running server."`
	Log        logCmd        `cmd:"" help:"Print the decisions of a running server, one line each."`
	Token      tokenCmd      `cmd:"" help:"Print a token of OpenID Connect of a running server's test issuer, in the name of any issuer."`
	Record     recordCmd     `cmd:"" help:"Write the decisions of a running server to a file, which replay reads."`
	Replay     replayCmd     `cmd:"" help:"Make recorded decisions again under other policies: what would be allowed or denied now that was not then."`
	Test       testCmd       `cmd:"" help:"Run the tests of world files: who may do what, and who may not."`
	Simulate   simulateCmd   `cmd:"" help:"Decide a request over policy documents, and say why."`
	Migrate    migrateCmd    `cmd:"" help:"Make the tables of a PostgreSQL database, or bring them up to date."`
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
