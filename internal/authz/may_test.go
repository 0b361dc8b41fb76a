package authz

import (
	"errors"
	"testing"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// TestMay checks that May agrees with Check in each mode, and logs nothing.
func TestMay(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	const account, other = "111122223333", "444455556666"
	caller := identity.Caller{Principal: policy.Principal{Kind: policy.Root, ARN: identity.RootARN("aws", account), Account: account}, UserID: account}
	for mode, want := range map[Mode]map[string]bool{
		Enforce: {account: true, other: false},
		Audit:   {account: true, other: true},
		Off:     {account: true, other: true},
	} {
		gate := &Gate{Mode: mode}
		for owner, want := range want {
			q := Question{Caller: caller, Action: "imagebuilder:GetImage", Target: Target{ARN: "arn:aws:imagebuilder:us-east-1:" + owner + ":image/web/1.0.0/1"}}
			err := st.View(t.Context(), func(tx *store.Tx) error {
				if got, err := gate.May(tx, q); err != nil || got != want {
					t.Errorf("%s, of %s: %t, %v; want %t", mode, owner, got, err, want)
				}
				_, err := gate.Check(tx, q)
				if _, denied := errors.AsType[*Denial](err); denied == want {
					t.Errorf("%s, of %s: Check returns %v", mode, owner, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
