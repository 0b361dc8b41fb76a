package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/internal/store"
)

// testValues has the values that engines are known to bend.
func testValues(t *testing.T, s *store.Store) {
	for i, text := range []string{"", " ", "'", `"`, "%_$1?", "ü\U0001F600", "a\nb", "0012", strings.Repeat("x", 1<<16)} {
		for _, instant := range []time.Time{{}, time.UnixMicro(0).UTC(), at(999999), time.Date(1969, 7, 20, 20, 17, 40, 1000, time.UTC)} {
			key := text // in an index, for which engines have a limit
			if len(key) > 2000 {
				key = key[:2000]
			}
			want := store.Resource{
				ARN: fmt.Sprintf("arn:%d", i), Service: "s", Type: key, Account: "1", Region: "r", Name: text, Data: []byte(text),
				CreatedAt: instant, UpdatedAt: instant,
			}
			update(t, s, func(tx *store.Tx) error {
				if i > 0 || !instant.IsZero() {
					if err := tx.DeleteResource(fmt.Sprintf("arn:%d", i)); err != nil && !errors.Is(err, store.ErrNotFound) {
						return err
					}
				}
				return tx.InsertResource(want)
			})
			view(t, s, func(tx *store.Tx) error {
				got, err := tx.Resource(want.ARN)
				if err != nil {
					return err
				}
				return equal(fmt.Sprintf("%.20q", text), got, want)
			})
		}
	}
	// Instants lose what is finer than a microsecond, and their zone.
	precise := time.Date(2026, 1, 2, 4, 4, 5, 7999, time.FixedZone("CET", 3600))
	update(t, s, func(tx *store.Tx) error {
		return tx.InsertResource(store.Resource{ARN: "arn:precise", CreatedAt: precise, UpdatedAt: precise})
	})
	view(t, s, func(tx *store.Tx) error {
		got, err := tx.Resource("arn:precise")
		if err != nil {
			return err
		}
		return equal("instant", got.CreatedAt.String(), at(7).String())
	})
}

// testRemembered checks that what a transaction has cached is never stale, and
// belongs to nobody else.
func testRemembered(t *testing.T, s *store.Store) {
	one := parameter(alice, here, "one", 1)
	policy := store.Policy{ARN: one.ARN, Source: "user", Document: "1", CreatedAt: at(1), UpdatedAt: at(1)}
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.InsertResource(one), tx.PutPolicy(policy))
	})
	expect := func(tx *store.Tx, version string, policies ...string) error {
		r, err := tx.Resource(one.ARN)
		switch {
		case version == "" && !errors.Is(err, store.ErrNotFound):
			return fmt.Errorf("resource: %v", err)
		case version != "" && err != nil:
			return err
		case version != "":
			if err := equal("data", string(r.Data), version); err != nil {
				return err
			}
			copy(r.Data, "overwritten by the caller")
		}
		list, err := tx.Policies(one.ARN)
		if err != nil {
			return err
		}
		var documents []string
		for i, p := range list {
			documents = append(documents, p.Document)
			list[i].Document = "overwritten by the caller"
		}
		return equal("policies", documents, policies)
	}
	data := func(text string) store.Resource {
		r := one
		r.Data = []byte(text)
		return r
	}
	failed := errors.New("enough")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for _, step := range []struct {
			do       func() error
			data     string
			policies []string
		}{
			{func() error { return nil }, `{"Version":1}`, []string{"1"}},
			{func() error { return nil }, `{"Version":1}`, []string{"1"}},
			{func() error { return tx.UpdateResource(data("2")) }, "2", []string{"1"}},
			{func() error { return tx.PutResource(data("3")) }, "3", []string{"1"}},
			{func() error { p := policy; p.Document = "2"; return tx.PutPolicy(p) }, "3", []string{"2"}},
			{func() error { p := policy; p.Name, p.Document = "x", "3"; return tx.PutPolicy(p) }, "3", []string{"2", "3"}},
			{func() error { return tx.DeletePolicy(one.ARN, "user", "") }, "3", []string{"3"}},
			{func() error { return tx.DeleteResource(one.ARN) }, "", nil},
			{func() error { return tx.InsertResource(data("4")) }, "4", nil},
		} {
			if err := errors.Join(step.do(), expect(tx, step.data, step.policies...)); err != nil {
				return err
			}
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	view(t, s, func(tx *store.Tx) error { return expect(tx, `{"Version":1}`, "1") })
}
