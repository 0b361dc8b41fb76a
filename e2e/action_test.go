package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestAction runs the step of the GitHub action that starts Writ: it is ready when the step
// ends, and the variables for the next steps lead to it. A server that does not start fails
// the step.
func TestAction(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the step is a script for bash, which Windows does not have")
	}
	text, err := os.ReadFile("../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct{ Steps []struct{ ID, Run string } }
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	start := action.Runs.Steps[len(action.Runs.Steps)-1]
	if start.ID != "start" {
		t.Fatalf("the last step is %q", start.ID)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	dir := t.TempDir()
	step := func(args string) (string, error) {
		script := "trap 'echo $pid > \"$RUNNER_TEMP/pid\"' EXIT\n" + start.Run
		cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", script)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(writ)+":"+os.Getenv("PATH"), "LISTEN="+address, "ARGS="+args, "RUNNER_TEMP="+dir,
			"GITHUB_ENV="+filepath.Join(dir, "env"), "GITHUB_OUTPUT="+filepath.Join(dir, "output"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := step("--no-such-flag"); err == nil || !strings.Contains(out, "::error::Writ does not start") {
		t.Errorf("a server that does not start: %v %s", err, out)
	}
	if out, err := step("--decisions 10"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() {
		pid, err := os.ReadFile(filepath.Join(dir, "pid"))
		if err == nil {
			_ = exec.Command("kill", strings.TrimSpace(string(pid))).Run()
		}
	})
	if out, err := exec.Command(writ, "health", "--listen", address).CombinedOutput(); err != nil || string(out) != "ready\n" {
		t.Errorf("writ health: %v %s", err, out)
	}
	env, err := os.ReadFile(filepath.Join(dir, "env"))
	if err != nil || !strings.Contains(string(env), "AWS_ENDPOINT_URL=http://"+address+"\n") {
		t.Errorf("variables: %v %s", err, env)
	}
}
