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

// TestQuota exceeds a quota. The items are then counted, without the ones deleted by
// other means.
func TestQuota(t *testing.T) {
	st, err := store.OpenSQLite(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	reached := errors.New("reached")
	there, counts := 0, 0
	take := func(n int) error {
		return st.Update(context.Background(), func(tx *store.Tx) error {
			c := &operation.Call{Context: context.Background(), Tx: tx, Partition: "aws", Region: "us-east-1",
				Caller: identity.Caller{Principal: policy.Principal{Account: "111122223333"}}}
			return quota{"things", 10, reached, func() (int, error) { counts++; return there, nil }}.reserve(c, n)
		})
	}
	for i, step := range []struct {
		n, there, counts int
		want             error
	}{
		{n: 6, there: 0},
		{n: 4, there: 6},
		{n: 1, there: 10, counts: 1, want: reached},
		{n: -2, there: 10, counts: 1},
		{n: 2, there: 8, counts: 1},
		{n: 3, there: 7, counts: 2}, // three went by themselves
		{n: 1, there: 10, counts: 3, want: reached},
		{n: -20, there: 0, counts: 3},
		{n: 10, there: 0, counts: 3},
		{n: 1, there: 10, counts: 4, want: reached},
		{n: 11, there: 0, counts: 5, want: reached},
	} {
		there = step.there
		if err := take(step.n); !errors.Is(err, step.want) || err != nil && step.want == nil {
			t.Errorf("step %d: take %d of 10 with %d there: %v", i, step.n, step.there, err)
		}
		if counts != step.counts {
			t.Errorf("step %d: counted %d times, want %d", i, counts, step.counts)
		}
	}
}
