package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/writdev/writ/internal/store"
)

// inShare is an association to test with; version goes into its data.
func inShare(share, kind, entity string, version int) store.Association {
	return store.Association{
		Share: share, Kind: kind, Entity: entity, Consumer: "consumer of " + entity, Account: alice, Region: here,
		Status: "ASSOCIATED", Data: fmt.Appendf(nil, `{"Version":%d}`, version), CreatedAt: at(1), UpdatedAt: at(version),
	}
}

func gather[T any](list iter.Seq2[T, error]) (all []T, err error) {
	for v, err := range list {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func testAssociations(t *testing.T, s *store.Store) {
	a := inShare("s1", "PRINCIPAL", "a", 1)
	b := inShare("s1", "PRINCIPAL", "b", 1)
	r := inShare("s1", "RESOURCE", "a", 1)
	a2 := inShare("s2", "PRINCIPAL", "a", 1)
	r2 := inShare("s2", "RESOURCE", "a", 1)
	far := inShare("s3", "PRINCIPAL", "a", 1)
	far.Region = there
	bobs := inShare("s4", "PRINCIPAL", "a", 1)
	bobs.Account = bob
	update(t, s, func(tx *store.Tx) error {
		for _, x := range []store.Association{bobs, far, r2, a2, r, b, a} {
			if err := tx.PutAssociation(x); err != nil {
				return err
			}
		}
		return nil
	})
	want := func(what string, q store.AssociationQuery, want ...store.Association) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			got, err := gather(tx.Associations(q))
			if err != nil {
				return err
			}
			if err := equal(what, got, want); err != nil {
				return err
			}
			for i, x := range want { // from each on
				q.After = x.Key()
				got, err := gather(tx.Associations(q))
				if err != nil {
					return err
				}
				if err := equal(fmt.Sprintf("%s, after %v", what, x.Key()), got, append([]store.Association(nil), want[i+1:]...)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	want("all", store.AssociationQuery{}, a, a2, far, bobs, b, r, r2)
	want("a share", store.AssociationQuery{Share: "s1"}, a, b, r)
	want("a kind in a share", store.AssociationQuery{Share: "s1", Kind: "PRINCIPAL"}, a, b)
	want("one", store.AssociationQuery{Share: "s1", Kind: "PRINCIPAL", Entity: "b"}, b)
	want("an entity in a share", store.AssociationQuery{Share: "s1", Entity: "a"}, a, r)
	want("an entity", store.AssociationQuery{Kind: "PRINCIPAL", Entity: "a"}, a, a2, far, bobs)
	want("an owner", store.AssociationQuery{Account: alice, Region: here}, a, a2, b, r, r2)
	want("an owner's kind", store.AssociationQuery{Account: alice, Region: here, Kind: "RESOURCE"}, r, r2)
	want("an owner's entity", store.AssociationQuery{Account: alice, Region: here, Kind: "PRINCIPAL", Entity: "a"}, a, a2)
	want("none", store.AssociationQuery{Share: "s5"})
	for _, q := range []store.AssociationQuery{
		{Share: "s1", Kind: "PRINCIPAL", After: r.Key()},
		{Kind: "PRINCIPAL", Entity: "a", After: b.Key()},
	} {
		want("after its end", q)
	}
	view(t, s, func(tx *store.Tx) error { // before its beginning
		got, err := gather(tx.Associations(store.AssociationQuery{Share: "s1", Kind: "RESOURCE", After: b.Key()}))
		if err != nil {
			return err
		}
		return equal("after what comes before it", got, []store.Association{r})
	})

	changed := store.Association{
		Share: "s1", Kind: "PRINCIPAL", Entity: "a", Consumer: "c", Account: bob, Region: there, Status: "FAILED", Data: []byte("{}"),
		CreatedAt: at(8), UpdatedAt: at(9),
	}
	update(t, s, func(tx *store.Tx) error { return tx.PutAssociation(changed) })
	changed.CreatedAt = a.CreatedAt
	want("changed", store.AssociationQuery{Share: "s1"}, changed, b, r)

	update(t, s, func(tx *store.Tx) error { return tx.DeleteAssociation("s1", "PRINCIPAL", "a") })
	want("one less", store.AssociationQuery{Share: "s1"}, b, r)
	err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.DeleteAssociation("s1", "PRINCIPAL", "a") })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("delete it again: %v", err)
	}
	update(t, s, func(tx *store.Tx) error { return tx.DeleteAssociations("s1") })
	want("nothing in it", store.AssociationQuery{Share: "s1"})
	want("the others", store.AssociationQuery{Share: "s2"}, a2, r2)

	// More than fits a page, walked with and without writes in between.
	const many = 600
	update(t, s, func(tx *store.Tx) error {
		for i := range many {
			if err := tx.PutAssociation(inShare("many", "RESOURCE", fmt.Sprintf("%04d", i), 1)); err != nil {
				return err
			}
		}
		all, err := gather(tx.Associations(store.AssociationQuery{Share: "many"}))
		if err != nil {
			return err
		}
		for i, x := range all {
			if err := equal("entity", x.Entity, fmt.Sprintf("%04d", i)); err != nil {
				return err
			}
		}
		if err := equal("walked", len(all), many); err != nil {
			return err
		}
		n := 0
		for x, err := range tx.Associations(store.AssociationQuery{Share: "many"}) {
			if err != nil {
				return err
			}
			if err := equal("entity", x.Entity, fmt.Sprintf("%04d", n)); err != nil {
				return err
			}
			n++
			if err := tx.DeleteAssociation(x.Share, x.Kind, x.Entity); err != nil {
				return err
			}
		}
		return equal("walked", n, many)
	})
	want("walked", store.AssociationQuery{Share: "many"})
}

func testSharesWith(t *testing.T, s *store.Store) {
	put := func(share, entity, consumer, status string) error {
		x := inShare(share, "PRINCIPAL", entity, 1)
		x.Consumer, x.Status = consumer, status
		return s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutAssociation(x) })
	}
	if err := errors.Join(
		put("s3", "bob", bob, "ASSOCIATED"), put("s1", "bob", bob, "ASSOCIATED"), put("s1", "ann", bob, "ASSOCIATED"),
		put("s2", "bob", bob, "FAILED"), put("s4", "alice", alice, "ASSOCIATED"),
	); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		consumer, status, after string
		limit                   int
		want                    []string
	}{
		{bob, "ASSOCIATED", "", 9, []string{"s1", "s3"}},
		{bob, "ASSOCIATED", "", 1, []string{"s1"}},
		{bob, "ASSOCIATED", "s1", 9, []string{"s3"}},
		{bob, "ASSOCIATED", "s3", 9, nil},
		{bob, "FAILED", "", 9, []string{"s2"}},
		{alice, "ASSOCIATED", "", 9, []string{"s4"}},
	} {
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.SharesByConsumer(c.consumer, c.status, c.after, c.limit)
			if err != nil {
				return err
			}
			return equal(fmt.Sprintf("%+v", c), got, c.want)
		})
	}
}

func testDiscoverable(t *testing.T, s *store.Store) {
	d := func(consumer, arn, share string) store.Discovery {
		return store.Discovery{Consumer: consumer, Region: here, Type: "image", ARN: arn, Share: share}
	}
	far, recipe := d(bob, "far", "s1"), d(bob, "recipe", "s1")
	far.Region, recipe.Type = there, "recipe"
	every := []store.Discovery{d(bob, "b", "s1"), d(bob, "a", "s1"), d(bob, "a", "s2"), d(alice, "a", "s1"), d(bob, "c", "s2"), far, recipe}
	update(t, s, func(tx *store.Tx) error {
		for _, x := range append(every, every...) { // twice is as good as once
			if err := tx.PutDiscovery(x); err != nil {
				return err
			}
		}
		return nil
	})
	sees := func(consumer, region, typ, after string, limit int, want ...string) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.Discoverable(consumer, region, typ, after, limit)
			if err != nil {
				return err
			}
			return equal(fmt.Sprintf("%s sees a %s in %s after %q", consumer, typ, region, after), got, want)
		})
	}
	of := func(share string, want ...store.Discovery) {
		t.Helper()
		slices.SortFunc(want, func(a, b store.Discovery) int {
			return cmp.Or(cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.Consumer, b.Consumer))
		})
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.Discoveries(share)
			if err != nil {
				return err
			}
			return equal("discoverable by "+share, got, want)
		})
	}
	sees(bob, here, "image", "", 9, "a", "b", "c")
	sees(bob, here, "image", "", 2, "a", "b")
	sees(bob, here, "image", "a", 9, "b", "c")
	sees(bob, there, "image", "", 9, "far")
	sees(bob, here, "recipe", "", 9, "recipe")
	sees(alice, here, "image", "", 9, "a")
	of("s1", d(bob, "a", "s1"), d(bob, "b", "s1"), d(alice, "a", "s1"), far, recipe)

	update(t, s, func(tx *store.Tx) error { return tx.DeleteDiscovery(d(bob, "a", "s1")) })
	sees(bob, here, "image", "", 9, "a", "b", "c") // the other share shows it still
	of("s1", d(bob, "b", "s1"), d(alice, "a", "s1"), far, recipe)
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.DeleteDiscovery(d(bob, "a", "s2")), tx.DeleteDiscovery(d(bob, "a", "s2")), tx.DeleteDiscovery(d(bob, "b", "s1")))
	})
	sees(bob, here, "image", "", 9, "c")
	update(t, s, func(tx *store.Tx) error { return tx.DeleteDiscoveries("s1") })
	of("s1")
	of("s2", d(bob, "c", "s2"))
}
