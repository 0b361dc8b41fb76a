package store

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// textRow is a row whose data names the rows that it includes.
type textRow struct{ links []string }

func (r *textRow) Links() []string { return r.links }

func decodeText(r Resource) (Linked, error) {
	if string(r.Data) == "damaged" {
		return nil, errors.New("damaged row")
	}
	return &textRow{strings.Fields(string(r.Data))}, nil
}

// putLinked stores a resource with the ARNs that its data names and those it refers to.
func putLinked(t *testing.T, tx *Tx, arn, typ, links string, references ...string) {
	t.Helper()
	now := time.Unix(0, 0)
	err := errors.Join(
		tx.PutResource(Resource{ARN: arn, Type: typ, Data: []byte(links), CreatedAt: now, UpdatedAt: now}),
		tx.SetReferences(arn, references))
	if err != nil {
		t.Fatal(err)
	}
}

// reach returns the ARNs of the rows reached from roots, and how many queries that took.
func reach(t *testing.T, s *Store, tx *Tx, roots ...string) (found []string, queries uint64) {
	t.Helper()
	before := s.Statements().Queries
	into := map[string]Linked{}
	if err := LoadReachable(tx, into, decodeText, roots...); err != nil {
		t.Fatal(err)
	}
	for _, arn := range slices.Sorted(maps.Keys(into)) {
		if into[arn] != nil {
			found = append(found, arn)
		}
	}
	return found, s.Statements().Queries - before
}

func TestLoadReachable(t *testing.T) {
	s := openTemporary(t)
	update(t, s, func(tx *Tx) {
		putLinked(t, tx, "role", "role", "a b boundary", "a", "b", "boundary", "trusted", "name:role")
		putLinked(t, tx, "trusted", "user", "c", "c")
		for _, arn := range []string{"a", "b", "c", "boundary"} {
			putLinked(t, tx, arn, "policy", "")
		}
		putLinked(t, tx, "unit", "ou", "root a", "root", "a")
		putLinked(t, tx, "root", "root", "unit", "unit") // a cycle ends
		putLinked(t, tx, "account", "account", "unit", "unit")
		putLinked(t, tx, "old", "membership", "account") // of an older directory: no reference
	})
	roots := []string{"role", "old", "none"}
	all := []string{"a", "account", "b", "boundary", "old", "role", "root", "unit"}
	for _, step := range []struct {
		name    string
		change  func(*Tx)
		want    []string
		queries uint64 // at most
	}{
		{"cold", nil, all, 2 + 1}, // what no reference leads to is read by itself; the first read opens the snapshot
		{"warm", nil, all, 0},
		{"a policy was written", func(tx *Tx) { putLinked(t, tx, "b", "policy", "c", "c") }, []string{"a", "account", "b", "boundary", "c", "old", "role", "root", "unit"}, 3},
		{"a policy was deleted", func(tx *Tx) { must(t, tx.DeleteResource("b")) }, []string{"a", "account", "boundary", "old", "role", "root", "unit"}, 3},
		{"a root was deleted", func(tx *Tx) { must(t, tx.DeleteResource("role")) }, []string{"account", "a", "old", "root", "unit"}, 3},
	} {
		if step.change != nil {
			update(t, s, step.change)
		}
		must(t, s.View(t.Context(), func(tx *Tx) error {
			found, queries := reach(t, s, tx, roots...)
			slices.Sort(step.want)
			if diff := cmp.Diff(step.want, found); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
			if queries > step.queries {
				t.Errorf("%s: %d queries, want at most %d", step.name, queries, step.queries)
			}
			return nil
		}))
	}
}

// TestLoadReachableInOneQuery: with a snapshot and an empty cache, one query reads all
// that references lead to.
func TestLoadReachableInOneQuery(t *testing.T) {
	s := openTemporary(t)
	update(t, s, func(tx *Tx) {
		putLinked(t, tx, "user", "user", "group a", "group", "a")
		putLinked(t, tx, "group", "group", "b", "b")
		putLinked(t, tx, "a", "policy", "")
		putLinked(t, tx, "b", "policy", "")
	})
	must(t, s.View(t.Context(), func(tx *Tx) error {
		if _, err := tx.Tags("x"); err != nil {
			return err
		}
		found, queries := reach(t, s, tx, "user", "none")
		if diff := cmp.Diff([]string{"a", "b", "group", "user"}, found); diff != "" || queries != 1 {
			t.Errorf("%d queries, want 1 (-want +got):\n%s", queries, diff)
		}
		return nil
	}))
}

// TestLoadReachableSeesOwnWrites: an Update reads what it wrote itself.
func TestLoadReachableSeesOwnWrites(t *testing.T) {
	s := openTemporary(t)
	update(t, s, func(tx *Tx) {
		putLinked(t, tx, "role", "role", "a", "a")
		putLinked(t, tx, "a", "policy", "")
	})
	update(t, s, func(tx *Tx) {
		reach(t, s, tx, "role")
		putLinked(t, tx, "role", "role", "b", "b")
		putLinked(t, tx, "b", "policy", "")
		if found, _ := reach(t, s, tx, "role"); !slices.Equal(found, []string{"b", "role"}) {
			t.Errorf("after the write: %v", found)
		}
		must(t, tx.DeleteResource("role"))
		if found, _ := reach(t, s, tx, "role"); len(found) > 0 {
			t.Errorf("after the deletion: %v", found)
		}
	})
}

// TestPrefetchSkipsTrust: a role refers to the principals of its trust policy, which
// are not read with it.
func TestPrefetchSkipsTrust(t *testing.T) {
	s := openTemporary(t)
	update(t, s, func(tx *Tx) {
		putLinked(t, tx, "role", "role", "a", "a", "ann", "other")
		putLinked(t, tx, "ann", "user", "b", "b")
		putLinked(t, tx, "other", "role", "c", "c")
		for _, arn := range []string{"a", "b", "c"} {
			putLinked(t, tx, arn, "policy", "")
		}
	})
	must(t, s.View(t.Context(), func(tx *Tx) error {
		if err := tx.prefetch([]string{"role"}); err != nil {
			return err
		}
		if diff := cmp.Diff([]string{"a", "role"}, slices.Sorted(maps.Keys(tx.resources))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		return nil
	}))
}

func TestLoadReachableFails(t *testing.T) {
	s := openTemporary(t)
	update(t, s, func(tx *Tx) {
		putLinked(t, tx, "role", "role", "a", "a")
		putLinked(t, tx, "a", "policy", "damaged")
	})
	must(t, s.View(t.Context(), func(tx *Tx) error {
		if err := LoadReachable(tx, map[string]Linked{}, decodeText, "role"); err == nil {
			t.Error("a row that cannot be decoded is no error")
		}
		return nil
	}))
}

func TestAttachedTags(t *testing.T) {
	s := openTemporary(t)
	update(t, s, func(tx *Tx) {
		must(t, errors.Join(tx.SetTags("image", map[string]string{"team": "red"}), tx.SetTags("user", map[string]string{"team": "blue"}),
			tx.PutPolicy(Policy{ARN: "policy", Source: SourceUser, Document: "{}"})))
	})
	red, blue, none := map[string]string{"team": "red"}, map[string]string{"team": "blue"}, map[string]string{}
	for _, c := range []struct {
		policyARN, resource, principal string
		policies                       int
		tags                           [2]map[string]string
	}{
		{"policy", "image", "user", 1, [2]map[string]string{red, blue}},
		{"", "user", "user", 0, [2]map[string]string{blue, blue}},
		{"", "", "user", 0, [2]map[string]string{none, blue}},
		{"image", "", "", 0, [2]map[string]string{none, none}},
	} {
		must(t, s.View(t.Context(), func(tx *Tx) error {
			a := tx.Attached(c.policyARN, c.resource, c.principal)
			policies, err := a.Policies()
			must(t, err)
			resource, principal, err := a.Tags()
			must(t, err)
			if diff := cmp.Diff(c.tags, [2]map[string]string{resource, principal}); diff != "" || len(policies) != c.policies {
				t.Errorf("%+v: %d policies (-want +got):\n%s", c, len(policies), diff)
			}
			return nil
		}))
	}
}

// TestMembershipReferences: a directory of the second version gets the references from
// memberships to nodes.
func TestMembershipReferences(t *testing.T) {
	s := openMemory(t)
	now := time.Unix(0, 0)
	update(t, s, func(tx *Tx) {
		must(t, tx.PutResource(Resource{ARN: "membership", Service: "organizations", Type: "membership", Data: []byte(`"arn:aws:organizations::1:account/o-1/2"`), CreatedAt: now, UpdatedAt: now}))
		must(t, tx.PutResource(Resource{ARN: "other", Service: "organizations", Type: "policy", Data: []byte(`"x"`), CreatedAt: now, UpdatedAt: now}))
	})
	texts, err := migrationTexts()
	must(t, err)
	func() {
		c, err := s.sqlite().writers.get(t.Context())
		must(t, err)
		defer s.sqlite().writers.put(c)
		must(t, migrate(c, texts[:3], 2, func(int) error { return nil }))
	}()
	must(t, s.View(t.Context(), func(tx *Tx) error {
		from, err := tx.ReferencedBy("arn:aws:organizations::1:account/o-1/2", 0)
		if diff := cmp.Diff([]string{"membership"}, from); diff != "" {
			t.Error(diff)
		}
		return err
	}))
}

func update(t *testing.T, s *Store, fn func(*Tx)) {
	t.Helper()
	must(t, s.Update(t.Context(), func(tx *Tx) error {
		fn(tx)
		return nil
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
