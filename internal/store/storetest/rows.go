package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/store"
)

func testResources(t *testing.T, s *store.Store) {
	one := parameter(alice, here, "one", 1)
	for _, write := range []struct {
		name string
		do   func(tx *store.Tx) error
		want error
	}{
		{"update what is not there", func(tx *store.Tx) error { return tx.UpdateResource(one) }, store.ErrNotFound},
		{"delete what is not there", func(tx *store.Tx) error { return tx.DeleteResource(one.ARN) }, store.ErrNotFound},
		{"insert", func(tx *store.Tx) error { return tx.InsertResource(one) }, nil},
		{"insert again", func(tx *store.Tx) error { return tx.InsertResource(parameter(alice, here, "one", 9)) }, store.ErrExists},
	} {
		if err := s.Update(t.Context(), write.do); !errors.Is(err, write.want) {
			t.Errorf("%s: %v, want %v", write.name, err, write.want)
		}
	}
	stored := func(want store.Resource) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.Resource(want.ARN)
			if err != nil {
				return err
			}
			return equal("stored", got, want)
		})
	}
	stored(one)

	// Each field but ARN and CreatedAt follows an update and a put.
	changed := store.Resource{
		ARN: one.ARN, Service: "s", Type: "t", Account: "a", Region: "r", Name: "n", Data: []byte("d"),
		CreatedAt: at(50), UpdatedAt: at(51),
	}
	update(t, s, func(tx *store.Tx) error { return tx.UpdateResource(changed) })
	changed.CreatedAt = one.CreatedAt
	stored(changed)
	update(t, s, func(tx *store.Tx) error {
		again := one
		again.CreatedAt = at(60)
		return tx.PutResource(again)
	})
	stored(one)

	two := parameter(alice, here, "two", 1)
	update(t, s, func(tx *store.Tx) error { return tx.PutResource(two) })
	stored(two)
	update(t, s, func(tx *store.Tx) error { return tx.DeleteResource(one.ARN) })
	view(t, s, func(tx *store.Tx) error {
		for range 2 { // the second answer is the remembered one
			if _, err := tx.Resource(one.ARN); !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("deleted resource: %v", err)
			}
		}
		return nil
	})
	stored(two)
}

func testQuery(t *testing.T, s *store.Store) {
	key := store.Resource{ARN: "arn:aws:kms:eu-central-1:111122223333:key/k", Service: "kms", Type: "key", Account: alice, Region: here, Data: []byte("{}"), CreatedAt: at(1), UpdatedAt: at(1)}
	user := store.Resource{ARN: "arn:aws:iam::111122223333:user/u", Service: "iam", Type: "user", Account: alice, Data: []byte("{}"), CreatedAt: at(1), UpdatedAt: at(1)}
	item := store.Resource{ARN: "arn:aws:ssm:eu-central-1:111122223333:opsitem/oi-1", Service: "ssm", Type: "opsitem", Account: alice, Region: here, Data: []byte("{}"), CreatedAt: at(1), UpdatedAt: at(1)}
	a := parameter(alice, here, "app/a", 1)
	b := parameter(alice, here, "app/b", 1)
	upper := parameter(alice, here, "app/B", 1) // sorts before "app/a": byte by byte
	apps := parameter(alice, here, "apps", 1)
	unicode := parameter(alice, here, "app/ü", 1)
	far := parameter(alice, there, "app/a", 1)
	bobs := parameter(bob, here, "app/a", 1)
	update(t, s, func(tx *store.Tx) error {
		for _, r := range []store.Resource{far, unicode, bobs, apps, b, a, upper, item, user, key} {
			if err := tx.InsertResource(r); err != nil {
				return err
			}
		}
		return nil
	})
	every := []store.Resource{user, key, item, upper, a, b, unicode, apps, bobs, far}
	prefix := strings.TrimSuffix(a.ARN, "a")
	for _, c := range []struct {
		name  string
		query store.Query
		want  []store.Resource
	}{
		{"everything", store.Query{}, every},
		{"service", store.Query{Service: "iam"}, []store.Resource{user}},
		{"type", store.Query{Service: "ssm", Type: "opsitem"}, []store.Resource{item}},
		{"account", store.Query{Service: "ssm", Type: "parameter", Account: alice}, []store.Resource{upper, a, b, unicode, apps, far}},
		{"all four", store.Query{Service: "ssm", Type: "parameter", Account: alice, Region: here}, []store.Resource{upper, a, b, unicode, apps}},
		{"region alone", store.Query{Region: there}, []store.Resource{far}},
		{"account alone", store.Query{Account: bob}, []store.Resource{bobs}},
		{"prefix", store.Query{Prefix: prefix}, []store.Resource{upper, a, b, unicode}},
		{"prefix that is an ARN", store.Query{Prefix: apps.ARN}, []store.Resource{apps}},
		{"prefix of none", store.Query{Prefix: "arn:aws:s3:"}, nil},
		{"prefix with an account", store.Query{Prefix: prefix, Account: bob}, nil},
		{"after", store.Query{After: unicode.ARN}, []store.Resource{apps, bobs, far}},
		{"after what is not there", store.Query{After: a.ARN + "0"}, []store.Resource{b, unicode, apps, bobs, far}},
		{"after the last", store.Query{After: far.ARN}, nil},
		{"after, in a prefix", store.Query{Prefix: prefix, After: a.ARN}, []store.Resource{b, unicode}},
		{"after, before the prefix", store.Query{Prefix: prefix, After: key.ARN}, []store.Resource{upper, a, b, unicode}},
		{"after, behind the prefix", store.Query{Prefix: prefix, After: apps.ARN}, nil},
		{"limit", store.Query{Limit: 2}, []store.Resource{user, key}},
		{"limit that is not reached", store.Query{Service: "kms", Limit: 2}, []store.Resource{key}},
		{"limit, after", store.Query{Service: "ssm", After: a.ARN, Limit: 1}, []store.Resource{b}},
	} {
		view(t, s, func(tx *store.Tx) error {
			got, err := collect(tx, c.query)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
			return nil
		})
	}

	// More than fits a page, walked with reads and writes in between.
	const many = 600
	update(t, s, func(tx *store.Tx) error {
		for i := range many {
			if err := tx.InsertResource(parameter(bob, there, fmt.Sprintf("many/%04d", i), 1)); err != nil {
				return err
			}
		}
		n := 0
		for r, err := range tx.Resources(store.Query{Service: "ssm", Account: bob, Region: there}) {
			if err != nil {
				return err
			}
			if err := equal("name", r.Name, fmt.Sprintf("/many/%04d", n)); err != nil {
				return err
			}
			n++
			if err := tx.DeleteResource(r.ARN); err != nil {
				return err
			}
			if _, err := tx.Policies(r.ARN); err != nil {
				return err
			}
		}
		if err := equal("walked", n, many); err != nil {
			return err
		}
		rest, err := collect(tx, store.Query{Account: bob, Region: there})
		if err != nil {
			return err
		}
		return equal("left", len(rest), 0)
	})
}

func collect(tx *store.Tx, q store.Query) ([]store.Resource, error) {
	var list []store.Resource
	for r, err := range tx.Resources(q) {
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

func testPolicies(t *testing.T, s *store.Store) {
	arn := parameter(alice, here, "one", 1).ARN // no resource is there, and none needs to
	user := store.Policy{ARN: arn, Source: "user", Name: "a", Document: `{"a":1}`, Revision: "1", CreatedAt: at(1), UpdatedAt: at(2)}
	slot := store.Policy{ARN: arn, Source: "user", Document: `{"b":1}`, CreatedAt: at(3), UpdatedAt: at(3)}
	ram := store.Policy{ARN: arn, Source: "ram", Name: "a", Document: `{"c":1}`, CreatedAt: at(4), UpdatedAt: at(4)}
	other := store.Policy{ARN: arn + "x", Source: "user", Name: "a", Document: `{"d":1}`, CreatedAt: at(5), UpdatedAt: at(5)}
	stored := func(arn string, want ...store.Policy) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.Policies(arn)
			if err != nil {
				return err
			}
			return equal("policies of "+arn, got, want)
		})
	}
	stored(arn)
	update(t, s, func(tx *store.Tx) error {
		for _, p := range []store.Policy{user, slot, ram, other} {
			if err := tx.PutPolicy(p); err != nil {
				return err
			}
		}
		return nil
	})
	stored(arn, ram, slot, user)
	stored(other.ARN, other)
	view(t, s, func(tx *store.Tx) error {
		got, err := tx.PolicyARNs()
		if err != nil {
			return err
		}
		return equal("ARNs with policies", got, []string{arn, other.ARN})
	})

	changed := user
	changed.Document, changed.Revision, changed.CreatedAt, changed.UpdatedAt = `{"e":1}`, "2", at(8), at(9)
	update(t, s, func(tx *store.Tx) error { return tx.PutPolicy(changed) })
	changed.CreatedAt = user.CreatedAt
	stored(arn, ram, slot, changed)

	update(t, s, func(tx *store.Tx) error { return tx.DeletePolicy(arn, "user", "") })
	stored(arn, ram, changed)
	err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.DeletePolicy(arn, "user", "") })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("delete a policy again: %v", err)
	}
	stored(other.ARN, other)
}

func testTags(t *testing.T, s *store.Store) {
	one, two := parameter(alice, here, "one", 1).ARN, parameter(alice, here, "two", 1).ARN
	stored := func(arn string, want map[string]string) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.Tags(arn)
			if err != nil {
				return err
			}
			return equal("tags of "+arn, got, want)
		})
	}
	stored(one, map[string]string{})
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.SetTags(one, map[string]string{"team": "red", "stage": "dev"}),
			tx.SetTags(two, map[string]string{"team": "blue"}),
			tx.SetTags(two, nil))
	})
	update(t, s, func(tx *store.Tx) error {
		return tx.SetTags(one, map[string]string{"team": "green", "empty": ""})
	})
	stored(one, map[string]string{"team": "green", "stage": "dev", "empty": ""})
	update(t, s, func(tx *store.Tx) error { return tx.DeleteTags(one, []string{"team", "absent"}) })
	stored(one, map[string]string{"stage": "dev", "empty": ""})
	stored(two, map[string]string{"team": "blue"})
}

func testReferences(t *testing.T, s *store.Store) {
	usedBy := func(to string, limit int, want ...string) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.ReferencedBy(to, limit)
			if err != nil {
				return err
			}
			if err := equal("references to "+to, got, want); err != nil || limit > 0 {
				return err
			}
			for i := range len(want) + 1 { // after none, after the first, ...
				after, rest := "", []string(nil)
				if i > 0 {
					after = want[i-1]
				}
				for from, err := range tx.Referrers(to, after) {
					if err != nil {
						return err
					}
					rest = append(rest, from)
				}
				if err := equal("referrers after "+after, rest, append([]string(nil), want[i:]...)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	usedBy("component", 0)
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.SetReferences("recipe2", []string{"component", "image"}),
			tx.SetReferences("recipe1", []string{"component", "component"}))
	})
	usedBy("component", 0, "recipe1", "recipe2")
	usedBy("component", 1, "recipe1")
	usedBy("image", 0, "recipe2")
	usedBy("recipe1", 0)
	update(t, s, func(tx *store.Tx) error { return tx.SetReferences("recipe2", []string{"image"}) })
	usedBy("component", 0, "recipe1")
	usedBy("image", 0, "recipe2")
	update(t, s, func(tx *store.Tx) error { return tx.SetReferences("recipe2", nil) })
	usedBy("image", 0)

	var many []string // more than fits a page
	update(t, s, func(tx *store.Tx) error {
		for i := range 600 {
			many = append(many, fmt.Sprintf("recipe%04d", i))
			if err := tx.SetReferences(many[i], []string{"base"}); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx *store.Tx) error {
		var got []string
		for from, err := range tx.Referrers("base", "") {
			if err != nil {
				return err
			}
			got = append(got, from)
		}
		return equal("many referrers", got, many)
	})
}

func testTokens(t *testing.T, s *store.Store) {
	key := store.TokenKey{Account: alice, Region: here, Operation: "imagebuilder:CreateComponent", Token: "t1"}
	token := store.Token{TokenKey: key, Fingerprint: "f", Output: []byte(`{"requestId":"1"}`), CreatedAt: at(1)}
	read := func(key store.TokenKey) (got store.Token, err error) {
		err = s.View(t.Context(), func(tx *store.Tx) error {
			got, err = tx.Token(key)
			return err
		})
		return got, err
	}
	if _, err := read(key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown token: %v", err)
	}
	update(t, s, func(tx *store.Tx) error { return tx.PutToken(token) })
	for _, differ := range []func(k *store.TokenKey){
		func(k *store.TokenKey) { k.Account = bob },
		func(k *store.TokenKey) { k.Region = there },
		func(k *store.TokenKey) { k.Operation = "imagebuilder:CreateImage" },
		func(k *store.TokenKey) { k.Token = "t2" },
	} {
		other := key
		differ(&other)
		if _, err := read(other); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("token %v: %v", other, err)
		}
	}
	later := store.Token{TokenKey: key, Fingerprint: "g", Output: []byte(`{}`), CreatedAt: at(2)}
	for _, want := range []store.Token{token, later} {
		update(t, s, func(tx *store.Tx) error { return tx.PutToken(want) })
		if got, err := read(key); err != nil || !cmp.Equal(want, got) {
			t.Errorf("token: %v\n%s", err, cmp.Diff(want, got))
		}
	}
}

func testAccessKeys(t *testing.T, s *store.Store) {
	const user, root = "arn:aws:iam::111122223333:user/u", "arn:aws:iam::111122223333:root"
	b := store.AccessKey{ID: "AKIAB", Principal: user, Account: alice, Status: "Active", SealedSecret: []byte{0, 255, 'x'}, CreatedAt: at(1)}
	a := store.AccessKey{ID: "AKIAA", Principal: user, Account: alice, Status: "Inactive", SealedSecret: []byte("sealed"), CreatedAt: at(2)}
	r := store.AccessKey{ID: "AKIAR", Principal: root, Account: alice, Status: "Active", SealedSecret: []byte("other"), CreatedAt: at(3)}
	stored := func(principal string, want ...store.AccessKey) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.AccessKeys(principal)
			if err != nil {
				return err
			}
			for _, k := range want {
				one, err := tx.AccessKey(k.ID)
				if err != nil {
					return err
				}
				if err := equal("key", one, k); err != nil {
					return err
				}
			}
			return equal("keys of "+principal, got, want)
		})
	}
	stored(user)
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.PutAccessKey(b), tx.PutAccessKey(a), tx.PutAccessKey(r))
	})
	stored(user, a, b)
	stored(root, r)

	changed := b
	changed.Status, changed.SealedSecret, changed.CreatedAt = "Inactive", []byte("resealed"), at(9)
	update(t, s, func(tx *store.Tx) error { return tx.PutAccessKey(changed) })
	changed.CreatedAt = b.CreatedAt
	stored(user, a, changed)

	update(t, s, func(tx *store.Tx) error { return tx.DeleteAccessKey(a.ID) })
	stored(user, changed)
	for name, do := range map[string]func(tx *store.Tx) error{
		"read":   func(tx *store.Tx) error { _, err := tx.AccessKey(a.ID); return err },
		"delete": func(tx *store.Tx) error { return tx.DeleteAccessKey(a.ID) },
	} {
		if err := s.Update(t.Context(), do); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s a deleted key: %v", name, err)
		}
	}
}

func testDeleteResource(t *testing.T, s *store.Store) {
	one, two := parameter(alice, here, "one", 1), parameter(alice, here, "two", 1)
	update(t, s, func(tx *store.Tx) error {
		for _, r := range []store.Resource{one, two} {
			err := errors.Join(
				tx.InsertResource(r),
				tx.PutPolicy(store.Policy{ARN: r.ARN, Source: "user", Document: "{}"}),
				tx.PutPolicy(store.Policy{ARN: r.ARN, Source: "ram", Document: "{}"}),
				tx.SetTags(r.ARN, map[string]string{"k": "v"}),
				tx.SetReferences(r.ARN, []string{one.ARN, two.ARN, "component"}))
			if err != nil {
				return err
			}
		}
		return nil
	})
	update(t, s, func(tx *store.Tx) error { return tx.DeleteResource(one.ARN) })
	view(t, s, func(tx *store.Tx) error {
		for _, want := range []struct {
			arn            string
			policies, tags int
		}{{one.ARN, 0, 0}, {two.ARN, 2, 1}} {
			policies, err := tx.Policies(want.arn)
			if err != nil {
				return err
			}
			tags, err := tx.Tags(want.arn)
			if err != nil {
				return err
			}
			if err := equal(want.arn, []int{len(policies), len(tags)}, []int{want.policies, want.tags}); err != nil {
				return err
			}
		}
		// Its own references went with it, those of others to it stay.
		for _, to := range []string{"component", one.ARN, two.ARN} {
			got, err := tx.ReferencedBy(to, 0)
			if err != nil {
				return err
			}
			if err := equal("references to "+to, got, []string{two.ARN}); err != nil {
				return err
			}
		}
		return nil
	})
}
