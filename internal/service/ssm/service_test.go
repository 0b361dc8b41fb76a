package ssm

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

// TestAccess checks that exactly the operations that begin with Get, List or Describe read.
func TestAccess(t *testing.T) {
	for _, op := range New().Operations {
		reads := false
		for _, verb := range []string{"Get", "List", "Describe"} {
			reads = reads || strings.HasPrefix(op.Wire.Name, verb)
		}
		if reads != (op.Access == operation.Read) {
			t.Errorf("%s: access %d", op.Wire.Name, op.Access)
		}
	}
}
