package e2e

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// writ is the binary under test, built once by TestMain.
var writ string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "writ-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		writ = filepath.Join(dir, "writ")
		build := exec.Command("go", "build", "-o", writ, "github.com/writdev/writ/cmd/writ")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build writ: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// clients are the real clients, each with the command that shows it is there.
var clients = []struct {
	name  string
	probe []string
}{
	{"aws", []string{"aws", "--version"}},
	{"boto3", []string{"python3", "-c", "import boto3"}},
	{"js", []string{"node", "--input-type=module", "-e", `import "@aws-sdk/client-imagebuilder"; import "@aws-sdk/client-sts"; import "vscode-languageserver-protocol/node"`}},
}

func TestClients(t *testing.T) {
	for _, client := range clients {
		t.Run(client.name, func(t *testing.T) {
			need(t, client.name, client.probe)
			testscript.Run(t, params(t, filepath.Join("testdata", "script", client.name)))
		})
	}
}

// need skips the test unless the real clients are asked for with E2E=1, as CI
// does; then a client that is missing is a failure. A run takes a minute or two,
// most of it the start-up of the AWS CLI.
func need(t *testing.T, name string, probe []string) { needIn(t, "js", name, probe) }

// needIn is need for a probe that runs in a directory.
func needIn(t *testing.T, dir, name string, probe []string) {
	t.Helper()
	if os.Getenv("E2E") == "" {
		t.Skip("the real clients run with E2E=1")
	}
	cmd := exec.Command(probe[0], probe[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("this machine has no %s: %v\n%s", name, err, out)
	}
}

// params gives each script a free port, an environment for AWS clients, and
// the commands of this package.
func params(t *testing.T, dir string) testscript.Params {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			address, err := freeAddress()
			if err != nil {
				return err
			}
			// A home of its own, since the AWS CLI keeps sessions there; the version
			// manager of Python, where there is one, is told where its own is.
			home, _ := os.UserHomeDir()
			env.Setenv("PYENV_ROOT", cmp.Or(os.Getenv("PYENV_ROOT"), filepath.Join(home, ".pyenv")))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("PATH", filepath.Dir(writ)+string(os.PathListSeparator)+os.Getenv("PATH"))
			env.Setenv("ADDR", address)
			env.Setenv("JS", filepath.Join(here, "js"))
			env.Setenv("PY", filepath.Join(here, "python"))
			env.Setenv("AWS_ENDPOINT_URL", "http://"+address)
			env.Setenv("AWS_REGION", "us-east-1")
			env.Setenv("AWS_DEFAULT_REGION", "us-east-1")
			env.Setenv("AWS_SECRET_ACCESS_KEY", "test")
			env.Setenv("AWS_CONFIG_FILE", filepath.Join(env.WorkDir, "no-config"))
			env.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(env.WorkDir, "no-credentials"))
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Setenv("AWS_MAX_ATTEMPTS", "1")
			env.Setenv("AWS_PAGER", "")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready":   ready,
			"setfrom": setFrom,
		},
	}
}

// freeAddress is a loopback address that nothing listens on at this moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// ready waits until the server answers its health path.
func ready(ts *testscript.TestScript, neg bool, _ []string) {
	if neg {
		ts.Fatalf("unsupported: ! ready")
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		resp, err := http.Get("http://" + ts.Getenv("ADDR") + "/_writ/health")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
	ts.Fatalf("Writ does not answer on %s", ts.Getenv("ADDR"))
}

// setFrom sets a variable to the trimmed text of a file or of stdout:
// setfrom NAME stdout.
func setFrom(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: setfrom NAME FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}
