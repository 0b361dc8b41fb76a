package ram

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

// TestAccess tests the access of each operation: only the owner changes a share or a
// permission. The receiver of an invitation answers it and a consumer leaves a share,
// by ARNs of another account.
func TestAccess(t *testing.T) {
	for _, op := range New(Config{}).Operations {
		want := operation.OwnerWrite
		switch name := op.Wire.Name; {
		case strings.HasPrefix(name, "Get"), strings.HasPrefix(name, "List"):
			want = operation.Read
		case name == "CreateResourceShare", name == "CreatePermission", name == "EnableSharingWithAwsOrganization",
			name == "AcceptResourceShareInvitation", name == "RejectResourceShareInvitation", name == "DisassociateResourceShare",
			name == "ReplacePermissionAssociations":
			want = operation.Write
		}
		if op.Access != want {
			t.Errorf("%s: access %d, want %d", op.Wire.Name, op.Access, want)
		}
	}
}
