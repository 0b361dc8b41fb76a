package main

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// commandLine is the parser of a command line that is not run.
func commandLine(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := kong.New(new(cli), kong.Name("writ"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// TestExamplesParse parses every example, and wants one of every verb.
func TestExamplesParse(t *testing.T) {
	for _, child := range commandLine(t).Model.Children {
		if len(examples[child.Name]) == 0 {
			t.Errorf("writ %s has no example", child.Name)
		}
	}
	for name, lines := range examples {
		for _, line := range lines {
			command, _, _ := strings.Cut(line, " > ")
			if _, err := commandLine(t).Parse(strings.Fields(command)[1:]); err != nil {
				t.Errorf("help %s: %s: %v", name, line, err)
			}
		}
	}
}

// TestHelp prints flags and examples, and knows no other verbs.
func TestHelp(t *testing.T) {
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"help", "Serve the AWS APIs", 0}, {"help test", "Examples:\n  writ test world.yaml\n", 0}, {"help account", "create", 0},
		{"help account create", "writ account create production", 0}, {"help tset", `there is no verb "tset"`, 2},
	} {
		var out, errors strings.Builder
		if code := run(strings.Fields(c.args), nil, &out, &errors); code != c.code || !strings.Contains(out.String()+errors.String(), c.want) {
			t.Errorf("writ %s: %d %s%s", c.args, code, out.String(), errors.String())
		}
	}
}

// TestCompletion has bash complete verbs, flags and the values of flags; the scripts of the
// other shells name the same verbs.
func TestCompletion(t *testing.T) {
	script := map[string]string{}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var out strings.Builder
		if code := run([]string{"completion", shell}, nil, &out, io.Discard); code != 0 || !strings.Contains(out.String(), "who-can") {
			t.Errorf("%s: %d %s", shell, code, out.String())
		}
		script[shell] = out.String()
	}
	if _, err := exec.LookPath("bash"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no bash is installed: ", err)
		}
		t.Skip("no bash is installed, so its completion cannot be tried: ", err)
	}
	for line, want := range map[string]string{
		"writ who": "who-can", "writ account cr": "create", "writ replay --fail-on newly-d": "newly-denied", "writ test --for": "--format", "writ test --format ju": "junit",
	} {
		words := strings.Fields(line)
		ask := script["bash"] + "\nCOMP_WORDS=(" + line + "); COMP_CWORD=" + string(rune('0'+len(words)-1)) + "; _writ; echo \"${COMPREPLY[@]}\"\n"
		out, err := exec.Command("bash", "-c", ask).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: %q, want %q (%v)", line, out, want, err)
		}
	}
}
