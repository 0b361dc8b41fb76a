package secretsmanager

import (
	"strings"
	"testing"

	"github.com/writdev/writ/internal/operation"
)

func TestTableIsComplete(t *testing.T) {
	if err := New().Complete(served); err != nil {
		t.Error(err)
	}
}

// TestAccess checks that callers of any account can write if the policies allow it.
func TestAccess(t *testing.T) {
	for _, op := range New().Operations {
		want := operation.Write
		for _, prefix := range []string{"BatchGet", "Describe", "Get", "List", "Validate"} {
			if strings.HasPrefix(op.Wire.Name, prefix) {
				want = operation.Read
			}
		}
		if op.Access != want {
			t.Errorf("%s: access %d, want %d", op.Wire.Name, op.Access, want)
		}
	}
}
