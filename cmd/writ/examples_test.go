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
