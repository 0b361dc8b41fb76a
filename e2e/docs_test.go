package e2e

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite what the commands of the documents print")

// TestDocs runs the tutorial and the how-to pages as a reader would, each from top to
// bottom in one shell and one directory. What a block of code is says its fence:
//
//	```sh              commands that must succeed
//	```console         commands after "$ ", each with all that it prints; some are refused
//	```sh [server]     a server, which runs until the page ends
//	```yaml [a.yaml]   a file of that name, of any language
//	```sh [needs x]    commands for which this machine must have the program x
//
// Blocks in any other language without a name are to be read only.
func TestDocs(t *testing.T) {
	need(t, "aws", clients[0].probe)
	pages, err := filepath.Glob("../docs/how-to/*.md")
	if err != nil || len(pages) < 8 {
		t.Fatal(pages, err)
	}
	for _, page := range append(pages, "../docs/tutorial.md") {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) { runPage(t, page) })
	}
}

// block is a block of code in a page.
type block struct {
	language, label, text string
	start, end            int // of the text, in the page
}

var fence = regexp.MustCompile("(?ms)^```([a-z0-9]*)(?: \\[([^\\]]+)\\])?\n(.*?)^```$")

func blocksOf(page string) (list []block) {
	for _, m := range fence.FindAllStringSubmatchIndex(page, -1) {
		label := ""
		if m[4] >= 0 {
			label = page[m[4]:m[5]]
		}
		list = append(list, block{page[m[2]:m[3]], label, page[m[6]:m[7]], m[6], m[7]})
	}
	return list
}

func runPage(t *testing.T, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	const shown = "127.0.0.1:4566" // the address in the pages
	page := strings.ReplaceAll(string(text), shown, address)
	blocks := blocksOf(page)
	dir := t.TempDir()
	script, run := pageScript(t, blocks)
	if run == 0 {
		return // a page of text
	}
	if err := os.WriteFile(filepath.Join(dir, "page.sh"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "page.sh")
	cmd.Dir, cmd.Env = dir, pageEnvironment(t, dir, address)
	output, err := cmd.CombinedOutput()
	printed := strings.Split(string(output), "@@@\n")
	if err != nil || len(printed) != len(blocks)+1 {
		t.Fatalf("%v at block %d of the page:\n%s", err, len(printed), output)
	}
	fresh := page
	for i, b := range slices.Backward(blocks) {
		got := printed[i+1]
		if b.language != "console" || got == b.text {
			continue
		}
		fresh = fresh[:b.start] + got + fresh[b.end:]
		if !*update {
			t.Errorf("the commands print something else (-page +got):\n%s", cmp.Diff(b.text, got))
		}
	}
	if *update && fresh != page {
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(fresh, address, shown)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// pageScript is the script of a page, which prints a line of @@@ before each block, and how
// many blocks it runs.
func pageScript(t *testing.T, blocks []block) (script string, run int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n")
	for _, block := range blocks {
		b.WriteString("echo @@@\n")
		program, needs := strings.CutPrefix(block.label, "needs ")
		if needs {
			if !isInstalled(program) {
				t.Logf("left out, since this machine has no %s that works: %s", program, strings.TrimSpace(block.text))
				continue
			}
			block.label = ""
		}
		switch {
		case block.label == "server":
			fmt.Fprintf(&b, "%s > server.log 2>&1 &\nfor _ in $(seq 100); do writ health >/dev/null 2>&1 && break; sleep 0.1; done\n", strings.TrimSpace(block.text))
		case block.label != "":
			fmt.Fprintf(&b, "mkdir -p \"$(dirname '%s')\"\ncat > '%s' <<'END OF FILE'\n%sEND OF FILE\n", block.label, block.label, block.text)
			continue
		case block.language == "sh":
			b.WriteString("set -e\n" + block.text + "set +e\n")
		case block.language == "console":
			for command := range strings.Lines(block.text) {
				if command, ok := strings.CutPrefix(command, "$ "); ok {
					b.WriteString("cat <<'COMMAND'\n$ " + command + "COMMAND\n" + command)
				}
			}
		default:
			continue
		}
		run++
	}
	return b.String(), run
}

// isInstalled reports whether a program can be used here. Terraform needs its provider,
// Docker a daemon that can fetch images, both of which are no packages.
func isInstalled(program string) bool {
	switch program {
	case "terraform":
		return os.Getenv("TERRAFORM_PROVIDER_AWS") != ""
	case "docker":
		return exec.Command("docker", "info").Run() == nil
	}
	_, err := exec.LookPath(program)
	return err == nil
}

// pageEnvironment is the environment of a reader who has installed Writ and the clients:
// the packages in clients, which are not published yet, stand where the package managers
// would put them.
func pageEnvironment(t *testing.T, dir, address string) []string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	link := func(from, to string) {
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(from, to); err != nil {
			t.Fatal(err)
		}
	}
	bin := t.TempDir()
	if found, err := exec.LookPath(python()); err == nil && python() != "python3" {
		link(found, filepath.Join(bin, "python3"))
	}
	link(filepath.Join(root, "e2e/js/node_modules/@aws-sdk"), filepath.Join(dir, "node_modules/@aws-sdk"))
	link(filepath.Join(root, "clients/js"), filepath.Join(dir, "node_modules/@writdev/local"))
	goModule(t, root, dir)
	path := strings.Join([]string{bin, filepath.Dir(writ), os.Getenv("PATH")}, string(os.PathListSeparator))
	environment := append(os.Environ(), "PATH="+path, "WRIT_LISTEN="+address,
		"PYTHONPATH="+filepath.Join(root, "clients/python"), "PYTEST_PLUGINS=writ_local.plugin", "PYTHONDONTWRITEBYTECODE=1",
		"AWS_MAX_ATTEMPTS=1", "AWS_PAGER=", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"GOFLAGS=-mod=mod", "TF_CLI_CONFIG_FILE="+terraformMirror(t), "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	return slices.DeleteFunc(environment, func(v string) bool {
		return strings.HasPrefix(v, "AWS_ENDPOINT_URL") || strings.HasPrefix(v, "WRIT_ENDPOINT")
	})
}

// goModule makes the directory a module that requires Writ as this one is, with what it needs.
func goModule(t *testing.T, root, dir string) {
	t.Helper()
	own, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Replace(own, []byte("module github.com/writdev/writ"), []byte("module example.com/app"), 1)
	text = append(text, "\nrequire github.com/writdev/writ v0.0.0\nreplace github.com/writdev/writ => "+root+"\n"...)
	for name, content := range map[string][]byte{"go.mod": text, "go.sum": sums} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// terraformMirror is a configuration of Terraform that takes the provider from the mirror
// that TERRAFORM_PROVIDER_AWS is in.
func terraformMirror(t *testing.T) string {
	t.Helper()
	mirror, _, found := strings.Cut(os.Getenv("TERRAFORM_PROVIDER_AWS"), "/registry.terraform.io/")
	if !found {
		return os.DevNull
	}
	file := filepath.Join(t.TempDir(), "terraform.rc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
