package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/pgtest"
)

// BenchmarkPostgreSQL is what a request does in the store: a decision's inputs and a
// resource, and for a write one policy.
func BenchmarkPostgreSQL(b *testing.B) {
	s := openPostgres(b, pgtest.Address(b))
	b.Cleanup(func() { s.Close() })
	const policies = 1000
	arn := func(i int) string {
		return fmt.Sprintf("arn:aws:ssm:eu-central-1:111122223333:parameter/app/%06d", i%policies)
	}
	err := s.Update(b.Context(), func(tx *store.Tx) error {
		for i := range policies {
			err := errors.Join(
				tx.InsertResource(store.Resource{ARN: arn(i), Service: "ssm", Type: "parameter", Data: []byte(`{"Value":"x"}`)}),
				tx.PutPolicy(store.Policy{ARN: arn(i), Source: "user", Document: "{}"}))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	read := func(tx *store.Tx, i int) error {
		attached := tx.Attached(arn(i), arn(i), "")
		rows := map[string]store.Linked{}
		if err := store.LoadReachable(tx, rows, func(store.Resource) (store.Linked, error) { return nil, nil }, "membership/1", "membership/2"); err != nil {
			return err
		}
		list, err := attached.Policies()
		if err == nil && len(list) != 1 {
			err = fmt.Errorf("%d policies", len(list))
		}
		_, missing := tx.Resource(arn(i))
		return errors.Join(err, missing)
	}
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if err := s.View(b.Context(), func(tx *store.Tx) error { return read(tx, i) }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("update", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			err := s.Update(b.Context(), func(tx *store.Tx) error {
				return errors.Join(read(tx, i), tx.PutPolicy(store.Policy{ARN: arn(i), Source: "user", Document: fmt.Sprint(i), UpdatedAt: time.Now()}))
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
