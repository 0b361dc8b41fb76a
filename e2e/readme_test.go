package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestREADME types the commands of the README's example into a shell, one after
// the other, and compares what they print.
func TestREADME(t *testing.T) {
	need(t, "aws", clients[0].probe)
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```console\n")
	want, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed || !strings.HasPrefix(want, "$ ") {
		t.Fatal("the README has no console example")
	}
	p := startWrit(t, t.TempDir())
	want = strings.ReplaceAll(want, "127.0.0.1:4566", p.address)

	// The shell prints each command as the README shows it, then runs it.
	var script strings.Builder
	for _, command := range regexp.MustCompile(`(?m)^\$ (.*)$`).FindAllStringSubmatch(want, -1) {
		script.WriteString("cat <<'COMMAND'\n$ " + command[1] + "\nCOMMAND\n" + command[1] + "\n")
	}
	shell := exec.Command("bash")
	shell.Stdin = strings.NewReader("exec 2>&1\n" + script.String())
	path := filepath.Dir(writ) + string(os.PathListSeparator) + os.Getenv("PATH")
	shell.Env = append(os.Environ(), "PATH="+path, "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	got, err := shell.Output()
	if _, refused := err.(*exec.ExitError); err != nil && !refused { // the last command is refused
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the README's example prints something else (-README +got):\n%s", diff)
	}
}
