package ssm

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// TestPast creates versions, and after each reads all stored versions, from every start, and compares the
// cached parameter with the row. A deleted parameter leaves no rows.
func TestPast(t *testing.T) {
	st, err := store.OpenSQLite(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	now := time.Date(2026, time.November, 30, 12, 0, 0, 123456000, time.UTC)
	call := func(tx *store.Tx) *operation.Call {
		return &operation.Call{Context: t.Context(), Tx: tx, Now: now, Partition: "aws", Region: "us-east-1",
			Caller: identity.Caller{Principal: policy.Principal{Account: "111122223333", ARN: "arn:aws:iam::111122223333:root"}}}
	}
	view := func(fn func(c *operation.Call) error) {
		t.Helper()
		if err := st.View(t.Context(), func(tx *store.Tx) error { return fn(call(tx)) }); err != nil {
			t.Fatal(err)
		}
	}
	update := func(fn func(c *operation.Call) error) {
		t.Helper()
		if err := st.Update(t.Context(), func(tx *store.Tx) error { return fn(call(tx)) }); err != nil {
			t.Fatal(err)
		}
	}
	put := func(number int) {
		t.Helper()
		now = now.Add(time.Second)
		kind := ParameterTypeString
		update(func(c *operation.Call) error {
			out, err := ssm{}.putParameter(c, &PutParameterInput{Name: "/a/b", Value: strconv.Itoa(number), Type: &kind, Overwrite: new(true)})
			if err == nil && *out.Version != int64(number) {
				t.Errorf("version %d, want %d", *out.Version, number)
			}
			return err
		})
	}
	// check compares the stored numbers and values with those that were put.
	check := func(newest int) {
		t.Helper()
		oldest := max(1, newest-maxVersions+1)
		view(func(c *operation.Call) error {
			stored, err := readParameter(c, ownARN(c, "/a/b")) // begins the snapshot
			if err != nil {
				return err
			}
			p, err := parseReference(c, "/a/b").findCached(c)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(stored, p, cmp.AllowUnexported(parameter{}), cmp.AllowUnexported(version{})); diff != "" {
				t.Errorf("version %d: memory differs from the row: %s", newest, diff)
			}
			for _, from := range []int{0, oldest, oldest + 1, newest - 3, newest} {
				want := max(from, oldest)
				for v, err := range p.versions(c, int64(from)) {
					if err != nil {
						return err
					}
					if v.Number != int64(want) || v.Value != strconv.Itoa(want) {
						t.Errorf("of %d versions, from %d: got %d, %s; want %d", newest, from, v.Number, v.Value, want)
					}
					want++
				}
				if want != newest+1 {
					t.Errorf("of %d versions, from %d: the last is %d", newest, from, want-1)
				}
			}
			for number := range int64(newest + 2) {
				v, found, err := p.findVersion(c, number)
				if err != nil {
					return err
				}
				if want := int64(oldest) <= number && number <= int64(newest); found != want || found && v.Value != strconv.FormatInt(number, 10) {
					t.Errorf("of %d versions: version %d is %v (%t)", newest, number, v, found)
				}
			}
			return nil
		})
	}
	// A data directory from before chapters: all versions except the newest are missing, and nothing fails.
	for number := 1; number <= 9; number++ {
		put(number)
	}
	update(func(c *operation.Call) error {
		old := store.Resource{ARN: chapterARN(ownARN(c, "/a/b"), 0), Service: api.Name, Type: "parameter-version", Data: []byte(`{"Number":99,"Value":"99"}`)}
		return errors.Join(c.Tx.PutResource(old), c.Tx.DeleteResource(chapterARN(ownARN(c, "/a/b"), 1)))
	})
	view(func(c *operation.Call) error {
		p, err := readParameter(c, ownARN(c, "/a/b"))
		if err != nil {
			return err
		}
		var kept []int64
		for v, err := range p.versions(c, 0) {
			if err != nil {
				return err
			}
			kept = append(kept, v.Number)
		}
		if diff := cmp.Diff([]int64{8, 9}, kept); diff != "" {
			t.Error(diff)
		}
		if _, found, err := p.findVersion(c, 5); found || err != nil {
			t.Errorf("version 5: %t, %v", found, err)
		}
		return nil
	})
	update(func(c *operation.Call) error {
		_, err := ssm{}.deleteParameter(c, &DeleteParameterInput{Name: "/a/b"})
		return err
	})

	for _, newest := range []int{1, 2, 3, 4, 5, 8, 9, 99, 100, 101, 103, 104, 105, 107, 108, 212} {
		for number := 1; number <= newest; number++ {
			put(number)
			if number%50 == 0 || newest-number < 10 {
				check(number)
			}
		}
		update(func(c *operation.Call) error {
			_, err := ssm{}.deleteParameter(c, &DeleteParameterInput{Name: "/a/b"})
			return err
		})
		view(func(c *operation.Call) error {
			for r, err := range c.Tx.Resources(store.Query{Prefix: ownARN(c, "/a/b")}) {
				if err != nil {
					return err
				}
				t.Errorf("after %d versions %s is left behind", newest, r.ARN)
			}
			_, err := readParameter(c, ownARN(c, "/a/b"))
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the deleted parameter: %v", err)
			}
			return nil
		})
	}
}
