package main

import (
	"strings"
	"testing"
)

// TestExampleInvariants proves what the example world says of itself.
func TestExampleInvariants(t *testing.T) {
	var out, errors strings.Builder
	if code := run([]string{"prove", "../../examples/invariants/world.yaml"}, nil, &out, &errors); code != 0 {
		t.Errorf("exit code %d: %s", code, errors.String())
	}
	if n := strings.Count(out.String(), ": proved\n"); n != 4 {
		t.Errorf("%d invariants are proved, want 4:\n%s", n, out.String())
	}
}

// TestExampleWorlds runs the tests of the example worlds and proves their invariants.
func TestExampleWorlds(t *testing.T) {
	for name, tests := range map[string]int{"golden-images": 8, "central-parameters": 8, "model-handover": 5} {
		t.Run(name, func(t *testing.T) {
			file := "../../examples/" + name + "/world.yaml"
			var out, errors strings.Builder
			if code := run([]string{"test", file}, nil, &out, &errors); code != 0 {
				t.Errorf("exit code %d: %s%s", code, errors.String(), out.String())
			}
			if n := strings.Count(out.String(), "ok    "); n != tests {
				t.Errorf("%d tests pass, want %d:\n%s", n, tests, out.String())
			}
			if name == "model-handover" { // it has no invariants
				return
			}
			out.Reset()
			if code := run([]string{"prove", file}, nil, &out, &errors); code != 0 || !strings.Contains(out.String(), ": proved\n") {
				t.Errorf("prove: exit code %d: %s%s", code, errors.String(), out.String())
			}
		})
	}
}
