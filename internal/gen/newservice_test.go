package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecipe executes the recipe of CONTRIBUTING.md in a copy of Writ: what is written
// compiles, and its tests fail with what is to be written, and with nothing else.
func TestRecipe(t *testing.T) {
	root := copyOfWrit(t)
	commands := recipe(t, root)
	if len(commands) != 2 {
		t.Fatalf("the recipe has %d commands, want 2: %q", len(commands), commands)
	}
	if out, err := runIn(root, commands[0]); err != nil {
		t.Fatalf("%s: %v\n%s", commands[0], err, out)
	}
	out, err := runIn(root, commands[1])
	if err == nil || strings.Contains(out, "build failed") {
		t.Fatalf("%s: %v; the tests of a new service run, and fail:\n%s", commands[1], err, out)
	}
	for _, want := range []string{
		"the handler issueCertificate is to be written", "Make is to be written", "FAIL: TestTargets/TagCertificateAuthority",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the tests do not say %q:\n%s", want, out)
		}
	}
	for _, written := range []string{"putPolicy is to be", "getPolicy is to be", "deletePolicy is to be", "FAIL: TestTableIsComplete", "FAIL: TestTargets/PutPolicy"} {
		if strings.Contains(out, written) {
			t.Errorf("the tests say %q:\n%s", written, out)
		}
	}
	if out, err := runIn(root, "go build ./cmd/writ"); err != nil {
		t.Errorf("the server with the new service: %v\n%s", err, out)
	}
	if out, err := runIn(root, commands[0]); err == nil || !strings.Contains(out, "the service has begun") {
		t.Errorf("a second time: %v\n%s", err, out)
	}
}

// TestNewServiceRefuses shows the models of which no service can be made.
func TestNewServiceRefuses(t *testing.T) {
	for name, want := range map[string]string{"no-such-service": "there is no API model", "s3": "s3 has the protocol rest-xml, which Writ does not speak"} {
		if err := newService(t.TempDir(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestAddToServer shows where the line of a service goes.
func TestAddToServer(t *testing.T) {
	const before = "import (\n\t\"github.com/writdev/writ/internal/operation\"\n\t\"github.com/writdev/writ/internal/service/iam\"\n" +
		"\t\"github.com/writdev/writ/internal/service/ssm\"\n)\n\nfunc Services() []*S {\n\treturn []*S{\n\t\tiam.New(),\n\t\tssm.New(),\n\t}\n}\n"
	for service, at := range map[string]int{"acmpca": 0, "kms": 1, "waf": 2} {
		path := filepath.Join(t.TempDir(), "services.go")
		if err := os.WriteFile(path, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := addToServer(path, service); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{"\t\"github.com/writdev/writ/internal/service/%s\"\n", "\t\t%s.New(),\n"} {
			want := []string{fmt.Sprintf(form, "iam"), fmt.Sprintf(form, "ssm")}
			want = append(want[:at], append([]string{fmt.Sprintf(form, service)}, want[at:]...)...)
			if !strings.Contains(string(text), strings.Join(want, "")) {
				t.Errorf("%s:\n%s", service, text)
			}
		}
	}
}

// recipe are the commands of CONTRIBUTING.md for a service whose name has a hyphen.
func recipe(t *testing.T, root string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Add a service in an afternoon\n")
	_, block, begins := strings.Cut(section, "\n```sh\n")
	block, _, ends := strings.Cut(block, "\n```\n")
	if !found || !begins || !ends {
		t.Fatal("CONTRIBUTING.md has no recipe for a service")
	}
	return strings.Split(strings.NewReplacer("NAME", "acm-pca", "FOLDER", "acmpca").Replace(block), "\n")
}

// runIn runs a command of the recipe. What it compiles does not depend on the directory, so
// that a second run finds it in the build cache.
func runIn(root, command string) (string, error) {
	fields := strings.Fields(command)
	cmd := exec.Command(fields[0], fields[1:]...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOFLAGS=-trimpath")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// copyOfWrit copies the files that git knows, and those that it will know.
func copyOfWrit(t *testing.T) string {
	t.Helper()
	from, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = from
	names, err := list.Output()
	if err != nil {
		t.Fatalf("list the files of the repository: %v", err)
	}
	to := t.TempDir()
	for _, name := range bytes.Split(bytes.TrimRight(names, "\x00"), []byte{0}) {
		if err := copyFile(filepath.Join(from, string(name)), filepath.Join(to, string(name))); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return to
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, text)
}
