package ssm

import (
	"errors"
	"testing"
	"time"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// TestOpsItemQuotas checks quotas that would take too long to reach with real OpsItems.
func TestOpsItemQuotas(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	november := time.Date(2026, time.November, 30, 23, 59, 0, 0, time.UTC)
	december := november.Add(2 * time.Minute)
	const alice, bob = "111122223333", "444455556666"
	// change counts n OpsItems at a time, and returns the kind of the limit that is reached.
	change := func(now time.Time, account string, made time.Time, by int) (kind string) {
		t.Helper()
		err := st.Update(t.Context(), func(tx *store.Tx) error {
			c := &operation.Call{Context: t.Context(), Tx: tx, Now: now, Partition: "aws", Region: "us-east-1",
				Caller: identity.Caller{Principal: policy.Principal{Account: alice}}}
			return countOpsItem(c, account, made, by)
		})
		if e, ok := errors.AsType[*awserr.Error](err); ok && e.Code == "OpsItemLimitExceededException" {
			return e.Fields["LimitType"].(string)
		}
		if err != nil {
			t.Fatal(err)
		}
		return ""
	}
	for i, step := range []struct {
		now     time.Time
		account string
		made    time.Time
		by      int
		want    string
	}{
		{november, alice, november, 9_999, ""},
		{november, alice, november, 1, ""},
		{november, alice, november, 1, "OpsItemsPerMonth"},
		{november, bob, november, 1, ""},
		{november, alice, november, -1, ""},
		{november, alice, november, 1, ""},
		{december, alice, december, 10_000, ""},
		{december, alice, november, -1, ""}, // it does not affect December
		{december, alice, december, 1, "OpsItemsPerMonth"},
		{december, alice, november, 500_000 - 20_000 + 1, ""},
		{december, alice, november, 1, "OpsItems"},
		{december, alice, december, -2, ""},
		{december, alice, december, 1, ""},
	} {
		if got := change(step.now, step.account, step.made, step.by); got != step.want {
			t.Errorf("step %d: limit %q, want %q", i, got, step.want)
		}
	}
}
