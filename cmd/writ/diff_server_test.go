package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/writdev/writ/writtest"
)

// TestDiffServer asks a server that has a user.
func TestDiffServer(t *testing.T) {
	s := writtest.New(t)
	const all = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}`
	const one = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:DescribeParameters","kms:ListKeys"],"Resource":"*"}]}`
	s.User("111122223333", "own", all)
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := []string{"diff", "--server", "--endpoint", s.URL, "--principal", "arn:aws:iam::111122223333:user/own", file("old.json", all), file("new.json", one)}
	for _, c := range []struct {
		flags []string
		want  int
	}{
		{nil, 0},
		{[]string{"--fail-on", "more"}, 1},
		{[]string{"--fail-on", "less"}, 1},
		{[]string{"--fail-on", "unknown"}, 0},
	} {
		var out, errors strings.Builder
		if code := run(append(args, c.flags...), nil, &out, &errors); code != c.want {
			t.Errorf("%v: exit code %d, want %d: %s", c.flags, code, c.want, errors.String())
		}
		for _, line := range []string{"gained  arn:aws:iam::111122223333:user/own  kms:ListKeys  *\n", "lost    arn:aws:iam::111122223333:user/own  ssm:DescribeOpsItems  *\n"} {
			if !strings.Contains(out.String(), line) {
				t.Errorf("%v: no %q in %s", c.flags, line, out.String())
			}
		}
		if strings.Contains(out.String(), "ssm:DescribeParameters") {
			t.Errorf("%v: what both allow: %s", c.flags, out.String())
		}
	}
}
