package e2e

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestHelpers runs the tests of the test helpers with the real runners, in parallel on one
// server: pytest with eight workers, node's runner with eight tests at once. ROUNDS=20
// repeats them.
func TestHelpers(t *testing.T) {
	rounds, err := strconv.Atoi(cmp.Or(os.Getenv("ROUNDS"), "1"))
	if err != nil {
		t.Fatal("ROUNDS: ", err)
	}
	for _, helper := range []struct {
		name, dir string
		probe     []string
		run       []string
		want      string
	}{
		{
			"python", "../clients/python", []string{python(), "-c", "import boto3, pytest, xdist"},
			[]string{python(), "-m", "pytest", "-q", "-p", "writ_local.plugin", "-p", "no:cacheprovider", "-n", "8", "tests"}, "54 passed",
		},
		{
			"js", "../clients/js", []string{"node", "--input-type=module", "-e", `import "@aws-sdk/client-sts"`},
			[]string{"node", "--test", "test/"}, "# pass 53",
		},
	} {
		t.Run(helper.name, func(t *testing.T) {
			dir, err := filepath.Abs(helper.dir)
			if err != nil {
				t.Fatal(err)
			}
			needIn(t, dir, helper.name, helper.probe)
			for range rounds {
				cmd := exec.Command(helper.run[0], helper.run[1:]...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "WRIT_BINARY="+writ, "PYTHONPATH="+dir, "PYTHONDONTWRITEBYTECODE=1")
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), helper.want) {
					t.Fatalf("%v; want %q in\n%s", err, helper.want, out)
				}
			}
		})
	}
}

// python is a Python that has pytest: Debian's packages are those of its own.
func python() string {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import boto3, pytest, xdist").Run() == nil {
			return name
		}
	}
	return "python3"
}
