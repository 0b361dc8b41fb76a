package store

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// cachedName reads the name of a row as the gate would.
func cachedName(tx *Tx, arn string) (string, error) {
	r, err := tx.CachedResource(arn)
	if errors.Is(err, ErrNotFound) {
		return "none", nil
	}
	return r.Name, err
}

func openTemporary(t *testing.T) *Store {
	t.Helper()
	s, err := OpenSQLite(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *Store) wantCached(t *testing.T, arn, want string) {
	t.Helper()
	err := s.View(t.Context(), func(tx *Tx) error {
		got, err := cachedName(tx, arn)
		if err == nil && got != want {
			t.Errorf("%s is %s, want %s", arn, got, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCacheFollowsWrites writes in every way there is; the next read sees it.
func TestCacheFollowsWrites(t *testing.T) {
	s := openTemporary(t)
	update := func(fn func(*Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	s.wantCached(t, "a", "none")
	update(func(tx *Tx) error { return tx.InsertResource(Resource{ARN: "a", Name: "inserted"}) })
	s.wantCached(t, "a", "inserted")
	update(func(tx *Tx) error { return tx.UpdateResource(Resource{ARN: "a", Name: "updated"}) })
	s.wantCached(t, "a", "updated")
	update(func(tx *Tx) error { return tx.PutResource(Resource{ARN: "a", Name: "put"}) })
	s.wantCached(t, "a", "put")
	update(func(tx *Tx) error { return tx.DeleteResource("a") })
	s.wantCached(t, "a", "none")
	update(func(tx *Tx) error { return tx.PutResource(Resource{ARN: "a", Name: "again"}) })
	s.wantCached(t, "a", "again")
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantCached(t, "a", "none")
}

// TestCacheInsideUpdate reads its own writes, and those of an Update before it
// in the same group, cached or not.
func TestCacheInsideUpdate(t *testing.T) {
	s := openTemporary(t)
	s.wantCached(t, "a", "none")
	err := s.Update(t.Context(), func(tx *Tx) error {
		if err := tx.PutResource(Resource{ARN: "a", Name: "mine"}); err != nil {
			return err
		}
		if got, err := cachedName(tx, "a"); got != "mine" {
			t.Errorf("its own write reads %s, %v", got, err)
		}
		return errors.New("undo")
	})
	if err == nil || err.Error() != "undo" {
		t.Fatal(err)
	}
	s.wantCached(t, "a", "none")
}

// TestCacheIsOneSnapshot has two rows that are always written together, and many
// readers: none sees one of them newer than the other.
func TestCacheIsOneSnapshot(t *testing.T) {
	s := openTemporary(t)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := s.View(t.Context(), func(tx *Tx) error {
					a, err := cachedName(tx, "a")
					if err != nil {
						return err
					}
					texts, err := documents(tx, "a")
					if err != nil {
						return err
					}
					b, err := tx.Resource("b") // never from memory
					if errors.Is(err, ErrNotFound) {
						b.Name, err = "none", nil
					}
					if a != b.Name {
						t.Errorf("a is %s where b is %s", a, b.Name)
					}
					if b.Name != "none" && !slices.Equal(texts, []string{b.Name}) {
						t.Errorf("the policies on a are %q where b is %s", texts, b.Name)
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 80 {
		name := string(rune('A' + i%26))
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.PutResource(Resource{ARN: "a", Name: name}); err != nil {
				return err
			}
			if err := tx.PutPolicy(Policy{ARN: "a", Source: SourceUser, Document: name}); err != nil {
				return err
			}
			return tx.PutResource(Resource{ARN: "b", Name: name})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	readers.Wait()
}

// TestCacheNeedsASnapshot has a View whose connection has no snapshot yet when it
// reads a cached row, and an Update between that read and the next.
func TestCacheNeedsASnapshot(t *testing.T) {
	s := openTemporary(t)
	put := func(name string) error {
		return s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.PutResource(Resource{ARN: "a", Name: name}); err != nil {
				return err
			}
			return tx.PutResource(Resource{ARN: "b", Name: name})
		})
	}
	if err := put("old"); err != nil {
		t.Fatal(err)
	}
	s.wantCached(t, "a", "old")
	err := s.View(t.Context(), func(*Tx) error { // takes the connection with the snapshot
		return s.View(t.Context(), func(tx *Tx) error {
			a, err := cachedName(tx, "a")
			if err != nil {
				return err
			}
			if err := put("new"); err != nil {
				return err
			}
			b, err := tx.Resource("b")
			if a != b.Name {
				t.Errorf("a is %s where b is %s", a, b.Name)
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCachedValue makes a value of a row once, and again after the row was written;
// an Update that wrote it sees its own.
func TestCachedValue(t *testing.T) {
	s := openTemporary(t)
	made := 0
	value := func(tx *Tx) (*string, error) {
		return Cached(tx, "a", func(r Resource) (*string, error) { made++; return &r.Name, nil })
	}
	want := func(name string, times int) {
		t.Helper()
		err := s.View(t.Context(), func(tx *Tx) error {
			for range 2 {
				if got, err := value(tx); err != nil || *got != name {
					t.Errorf("got %v, %v; want %s", got, err, name)
				}
			}
			return nil
		})
		if err != nil || made != times {
			t.Errorf("%v; made %d times, want %d", err, made, times)
		}
	}
	put := func(name string) {
		t.Helper()
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.PutResource(Resource{ARN: "a", Name: name}); err != nil {
				return err
			}
			got, err := value(tx)
			if err == nil && *got != name {
				t.Errorf("an Update that wrote %s reads %s", name, *got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("one") // made 1
	want("one", 2)
	want("one", 2)
	put("two") // made 3
	want("two", 4)
}

// TestCacheIsBounded reads more rows than are cached.
func TestCacheIsBounded(t *testing.T) {
	s := openTemporary(t)
	data := []byte(strings.Repeat("x", 1<<18))
	for i := range 2 * cachedRowBytes / len(data) / 2 {
		arn := strconv.Itoa(i)
		err := s.Update(t.Context(), func(tx *Tx) error { return tx.PutResource(Resource{ARN: arn, Name: "big", Data: data}) })
		if err != nil {
			t.Fatal(err)
		}
		s.wantCached(t, arn, "big")
		s.wantCached(t, "none/"+arn, "none")
	}
	size := 0
	for _, row := range s.sqlite().cache.rows.entries {
		size += row.value.size()
	}
	if size != s.sqlite().cache.rows.size || size > cachedRowBytes || size < cachedRowBytes-4*len(data) {
		t.Errorf("%d bytes are cached and counted as %d, want nearly %d", size, s.sqlite().cache.rows.size, cachedRowBytes)
	}
}

// documents reads the policies on an ARN as their documents.
func documents(tx *Tx, arn string) ([]string, error) {
	list, err := tx.Policies(arn)
	var texts []string
	for _, p := range list {
		texts = append(texts, p.Document)
	}
	return texts, err
}

// TestCachedPoliciesFollowWrites writes policies in every way there is; the same
// Update and the next View see it.
func TestCachedPoliciesFollowWrites(t *testing.T) {
	s := openTemporary(t)
	want := func(texts ...string) {
		t.Helper()
		for range 2 { // from the database, and from memory
			err := s.View(t.Context(), func(tx *Tx) error {
				got, err := documents(tx, "a")
				if !slices.Equal(got, texts) {
					t.Errorf("policies are %q, want %q", got, texts)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	update := func(fn func(*Tx) error, texts ...string) {
		t.Helper()
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := fn(tx); err != nil {
				return err
			}
			got, err := documents(tx, "a")
			if !slices.Equal(got, texts) {
				t.Errorf("an Update reads its own policies as %q, want %q", got, texts)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want(texts...)
	}
	put := func(name, text string) func(*Tx) error {
		return func(tx *Tx) error {
			return tx.PutPolicy(Policy{ARN: "a", Source: SourceUser, Name: name, Document: text})
		}
	}
	want()
	update(put("1", "one"), "one")
	update(put("2", "two"), "one", "two")
	update(put("1", "uno"), "uno", "two")
	update(func(tx *Tx) error { return tx.DeletePolicy("a", SourceUser, "1") }, "two")
	update(func(tx *Tx) error {
		if err := tx.PutResource(Resource{ARN: "a"}); err != nil {
			return err
		}
		return tx.DeleteResource("a")
	})
	update(put("1", "again"), "again")
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	want()
	if cached, ok := s.sqlite().cache.policies.get("a"); !ok || len(cached.value) != 0 {
		t.Errorf("cached are %v, %v, want that there are none on a", cached, ok)
	}
}

// TestCachedPoliciesAreTheCallersOwn changes what it was given.
func TestCachedPoliciesAreTheCallersOwn(t *testing.T) {
	s := openTemporary(t)
	err := s.Update(t.Context(), func(tx *Tx) error { return tx.PutPolicy(Policy{ARN: "a", Source: SourceUser, Document: "right"}) })
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		err := s.View(t.Context(), func(tx *Tx) error {
			list, err := tx.Policies("a")
			if err == nil && list[0].Document != "right" {
				t.Errorf("the document is %q", list[0].Document)
			}
			list[0].Document = "wrong"
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestUpdateCachedOwnsItsData changes what it gave.
func TestUpdateCachedOwnsItsData(t *testing.T) {
	s := openTemporary(t)
	err := s.Update(t.Context(), func(tx *Tx) error {
		r := Resource{ARN: "a", Name: "right", Data: []byte("right")}
		if err := tx.InsertResource(r); err != nil {
			return err
		}
		err := tx.UpdateCached(r, r)
		copy(r.Data, "wrong")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx *Tx) error {
		_, _ = tx.Tags("a") // which begins the snapshot
		r, ok := tx.session.row("a")
		if !ok || string(r.resource.Data) != "right" {
			t.Errorf("memory has %q (%t)", r.resource.Data, ok)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRefusedWritesLeaveNoTrace writes where nothing may be written: in a View, and
// after the end of an Update.
func TestRefusedWritesLeaveNoTrace(t *testing.T) {
	s := openTemporary(t)
	var over *Tx
	if err := s.Update(t.Context(), func(tx *Tx) error { over = tx; return nil }); err != nil {
		t.Fatal(err)
	}
	refused := func(tx *Tx, want error) {
		t.Helper()
		for name, err := range map[string]error{
			"InsertResource": tx.InsertResource(Resource{ARN: "a"}),
			"UpdateResource": tx.UpdateResource(Resource{ARN: "a"}),
			"UpdateCached":   tx.UpdateCached(Resource{ARN: "a"}, nil),
			"PutResource":    tx.PutResource(Resource{ARN: "a"}),
			"DeleteResource": tx.DeleteResource("a"),
			"PutPolicy":      tx.PutPolicy(Policy{ARN: "a"}),
			"DeletePolicy":   tx.DeletePolicy("a", SourceUser, ""),
			"SetTags":        tx.SetTags("a", map[string]string{"key": "value"}),
			"DeleteTags":     tx.DeleteTags("a", []string{"key"}),
		} {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		}
		if w := tx.sqlite().conn.written; len(w.rows.arns) > 0 || len(w.policies.arns) > 0 || len(w.tags.arns) > 0 {
			t.Errorf("noted as written: %v, %v, %v", w.rows.arns, w.policies.arns, w.tags.arns)
		}
	}
	refused(over, errTxDone)
	if err := s.View(t.Context(), func(tx *Tx) error { refused(tx, errReadOnly); return nil }); err != nil {
		t.Fatal(err)
	}
}

// TestCacheInMemory reads what the last Update wrote from a store in memory, whose readers
// share the writer's connection: the second View decodes nothing.
func TestCacheInMemory(t *testing.T) {
	s, err := OpenSQLite(inMemory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, s.Update(t.Context(), func(tx *Tx) error { return tx.PutResource(Resource{ARN: "a"}) }))
	decoded := 0
	for range 3 {
		must(t, s.View(t.Context(), func(tx *Tx) error {
			if _, err := tx.Resource("b"); !errors.Is(err, ErrNotFound) { // begins the snapshot
				return err
			}
			_, err := Cached(tx, "a", func(Resource) (int, error) { decoded++; return decoded, nil })
			return err
		}))
	}
	if decoded != 1 {
		t.Errorf("decoded %d times, want once", decoded)
	}
}

// TestLimitCache bounds the cache while it is full, and fills it again.
func TestLimitCache(t *testing.T) {
	s := openTemporary(t)
	const most = 4 << 20
	text := strings.Repeat("x", 1<<14)
	fill := func() {
		t.Helper()
		for i := range 2 * most / len(text) {
			arn := strconv.Itoa(i)
			must(t, s.Update(t.Context(), func(tx *Tx) error { return tx.PutPolicy(Policy{ARN: arn, Source: SourceUser, Document: text}) }))
			must(t, s.View(t.Context(), func(tx *Tx) error { _, err := tx.Policies(arn); return err }))
		}
	}
	fill()
	if size := s.sqlite().cache.size(); size <= most {
		t.Fatalf("%d bytes are cached: the test shows nothing", size)
	}
	must(t, s.LimitCache(most))
	for range 2 {
		if size := s.sqlite().cache.size(); size > most || size < most/2 {
			t.Errorf("%d bytes are cached, want about %d", size, most)
		}
		fill()
	}
}
