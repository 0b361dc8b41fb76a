package rekognition

import (
	"strings"
	"testing"

	"github.com/writdev/writ/internal/operation"
)

func TestTableIsComplete(t *testing.T) {
	if err := New(Config{}).Complete(served); err != nil {
		t.Error(err)
	}
}

// TestAccess checks who may write: every account creates its own projects, a copy is written into the
// caller's own project, and only the owner changes existing resources.
func TestAccess(t *testing.T) {
	for _, op := range New(Config{}).Operations {
		want := operation.OwnerWrite
		switch name := op.Wire.Name; {
		case strings.HasPrefix(name, "Describe"), strings.HasPrefix(name, "List"), strings.HasPrefix(name, "Detect"):
			want = operation.Read
		case name == "CreateProject", name == "CreateCollection", name == "CopyProjectVersion":
			want = operation.Write
		}
		if op.Access != want {
			t.Errorf("%s: access %d, want %d", op.Wire.Name, op.Access, want)
		}
	}
}
