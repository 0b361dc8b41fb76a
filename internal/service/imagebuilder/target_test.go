package imagebuilder

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

const testAccount = "111122223333"

// inCall runs fn in a call of the test account over an empty store.
func inCall(t *testing.T, fn func(*operation.Call)) {
	t.Helper()
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	err = st.Update(context.Background(), func(tx *store.Tx) error {
		fn(&operation.Call{
			Context: context.Background(), Tx: tx, Now: time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC),
			RequestID: "request", Partition: "aws", Region: "us-east-1",
			Caller: identity.Caller{Principal: policy.Principal{Kind: policy.Root, Account: testAccount}},
			NewID:  func() string { return "1234abcd-12ab-34cd-56ef-1234567890ab" },
			Gate:   &authz.Gate{Mode: authz.Off},
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTableIsComplete(t *testing.T) {
	if err := New(Config{}).Complete(served); err != nil {
		t.Error(err)
	}
}

// TestAccess is the rule who may write: anyone makes what will be his own, and
// only its owner changes what there is.
func TestAccess(t *testing.T) {
	for _, op := range New(Config{}).Operations {
		want := operation.OwnerWrite
		switch name := op.Wire.Name; {
		case strings.HasPrefix(name, "Get"), strings.HasPrefix(name, "List"):
			want = operation.Read
		case strings.HasPrefix(name, "Create"), strings.HasPrefix(name, "Import"), strings.HasPrefix(name, "Distribute"):
			want = operation.Write
		}
		if op.Access != want {
			t.Errorf("%s: access %d, want %d", op.Wire.Name, op.Access, want)
		}
	}
}
