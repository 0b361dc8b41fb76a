package main

import (
	"strings"
	"testing"
)

func TestGitIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := openRange("a..b"); err == nil || !strings.Contains(err.Error(), "needs the program git") {
		t.Errorf("%v", err)
	}
}

// TestUnreadableFiles has files that hold no policies or cannot be read.
func TestUnreadableFiles(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"a.json", `{"Statement":`, "not JSON"},
		{"a.json", `{"Statement":1} x`, "behind the first value"},
		{"a.yaml", "Statement: [", "not YAML"},
		{"a.yaml", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n" +
			"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\n", "more than 1000000 values"},
	} {
		if _, _, err := policiesOf(c.name, []byte(c.src)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.30q: %v, want %q", c.src, err, c.want)
		}
	}
	for _, src := range []string{`{}`, `[]`, `{"Statement":"a"}`, `{"Statement":[{"a":1}]}`, `{"a":{"Statement":[]}}`} {
		if _, found, err := policiesOf("a.json", []byte(src)); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", src, found, err)
		}
	}
}
