package ram

import (
	"context"
	"errors"
	"testing"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// TestQuota tests that a quota counts the items when it seems to be exceeded, because
// some may have been deleted without an update of the quota.
func TestQuota(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	exceeded := errors.New("exceeded")
	present, counts := 0, 0
	reserve := func(n int) error {
		return st.Update(context.Background(), func(tx *store.Tx) error {
			c := &operation.Call{Context: context.Background(), Tx: tx, Partition: "aws", Region: "us-east-1",
				Caller: identity.Caller{Principal: policy.Principal{Account: "111122223333"}}}
			return quota{"things", 10, exceeded, func() (int, error) { counts++; return present, nil }}.reserve(c, n)
		})
	}
	for i, step := range []struct {
		n, present, counts int
		want               error
	}{
		{n: 6, present: 0},
		{n: 4, present: 6},
		{n: 1, present: 10, counts: 1, want: exceeded},
		{n: -2, present: 10, counts: 1},
		{n: 2, present: 8, counts: 1},
		{n: 3, present: 7, counts: 2}, // three were deleted
		{n: 1, present: 10, counts: 3, want: exceeded},
		{n: -20, present: 0, counts: 3},
		{n: 10, present: 0, counts: 3},
		{n: 1, present: 10, counts: 4, want: exceeded},
		{n: 11, present: 0, counts: 5, want: exceeded},
	} {
		present = step.present
		if err := reserve(step.n); !errors.Is(err, step.want) || err != nil && step.want == nil {
			t.Errorf("step %d: reserve %d of 10 with %d present: %v", i, step.n, step.present, err)
		}
		if counts != step.counts {
			t.Errorf("step %d: counted %d times, want %d", i, counts, step.counts)
		}
	}
}
