package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/store/pgtest"
)

// fill puts n rows of each kind into a store.
func fill(t *testing.T, s *store.Store, n int) {
	t.Helper()
	now := time.UnixMicro(1).UTC()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for i := range n {
			arn := fmt.Sprintf("arn:%06d", i)
			err := errors.Join(
				tx.InsertResource(store.Resource{ARN: arn, Service: "test", Type: "t", Account: "1", Region: "r", Name: "\u00fc", Data: fmt.Appendf(nil, `{"n":%d,"text":%q}`, i, strings.Repeat("x", i%100)), CreatedAt: now, UpdatedAt: now}),
				tx.PutPolicy(store.Policy{ARN: arn, Source: "user", Document: "{}", CreatedAt: now, UpdatedAt: now}),
				tx.SetTags(arn, map[string]string{"k": "", "l": "v"}),
				tx.SetReferences(arn, []string{"arn:000000"}),
				tx.PutToken(store.Token{TokenKey: store.TokenKey{Account: "1", Token: arn}, Output: []byte("{}")}),
				tx.PutAccessKey(store.AccessKey{ID: arn, Principal: "p", SealedSecret: []byte{1, 2}}),
				tx.PutAssociation(store.Association{Share: arn, Kind: "RESOURCE", Entity: "e", Data: []byte("{}")}),
				tx.PutDiscovery(store.Discovery{Consumer: "c", ARN: arn, Share: "s"}),
			)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// allRows reads the resources of a store, with their tags.
func allRows(t *testing.T, s *store.Store) (list []string) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) error {
		list = nil
		for r, err := range tx.Resources(store.Query{}) {
			if err != nil {
				return err
			}
			tags, err := tx.Tags(r.ARN)
			if err != nil {
				return err
			}
			list = append(list, fmt.Sprintf("%+v %s %v", r, r.Data, tags))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func closeStore(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBackup(t *testing.T) {
	dir, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	s := open(t, dir)
	fill(t, s, 300)
	want := allRows(t, s)
	closeStore(t, s)
	file, key := filepath.Join(out, "backup"), bytes.Repeat([]byte{7}, 32)
	if err := store.Backup(t.Context(), dir, file, key); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := store.Backup(t.Context(), dir, file, key); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("over a file: %v", err)
	}
	restored := filepath.Join(out, "restored")
	got, err := store.Restore(t.Context(), file, restored)
	if err != nil || !bytes.Equal(got, key) {
		t.Fatalf("key %x, %v", got, err)
	}
	if database, err := os.ReadFile(filepath.Join(restored, "writ.db")); err != nil || bytes.Contains(database, []byte("BwcHBwcHBwcHBwcH")) {
		t.Errorf("the key is in the restored database, too: %v", err)
	}
	if _, err := store.Restore(t.Context(), file, restored); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("into a directory that is used: %v", err)
	}
	s = open(t, restored)
	if diff := cmp.Diff(want, allRows(t, s)); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
	closeStore(t, s)
}

// TestBackupResumes: what an attempt that was killed has left is no obstacle.
func TestBackupResumes(t *testing.T) {
	dir, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	s := open(t, dir)
	fill(t, s, 3)
	closeStore(t, s)
	write := func(path string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("half a fi"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	file, restored := filepath.Join(out, "backup"), filepath.Join(out, "restored")
	write(file + ".partial")
	write(filepath.Join(restored, "writ.db.partial"))
	if err := store.Backup(t.Context(), dir, file, nil); err != nil {
		t.Fatal(err)
	}
	if key, err := store.Restore(t.Context(), file, restored); err != nil || key != nil {
		t.Fatal(key, err)
	}
	closeStore(t, open(t, restored))
}

// TestDamage overwrites pages in the middle of a database: the request that meets one
// says so, and so do Ready and Verify; Backup copies nothing.
func TestDamage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir)
	fill(t, s, 2000)
	closeStore(t, s)
	path := filepath.Join(dir, "writ.db")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for at := 20 * int64(page); at < info.Size(); at += 3 * page {
		if _, err := f.WriteAt(bytes.Repeat([]byte("damage!!"), page/8), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	report, err := store.Verify(t.Context(), dir)
	if err != nil || len(report.Problems) == 0 {
		t.Errorf("verify: %+v, %v", report, err)
	}
	file := filepath.Join(t.TempDir(), "backup")
	if err := store.Backup(t.Context(), dir, file, nil); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("backup: %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a backup was written: %v", err)
	}

	s = open(t, dir)
	defer closeStore(t, s)
	if err := s.Ready(t.Context()); err != nil && !errors.Is(err, store.ErrDamaged) {
		t.Error(err)
	}
	err = s.View(t.Context(), func(tx *store.Tx) error {
		for _, err := range tx.Resources(store.Query{}) {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "writ verify "+dir) {
		t.Errorf("a request that meets it: %v", err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("ready: %v", err)
	}
}

// TestVerifyReadsJSON: a byte that changed inside a row leaves the file's structure whole.
func TestVerifyReadsJSON(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir)
	fill(t, s, 10)
	closeStore(t, s)
	path := filepath.Join(dir, "writ.db")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(content, []byte(`{"n":7,`), []byte(`{"n"?7,`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := store.Verify(t.Context(), dir)
	if err != nil || len(report.Problems) != 1 || !strings.Contains(report.Problems[0], `data of "arn:000007"`) {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestVerifyRefusesWhatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"text": "just text, and enough of it to be looked at: 0123456789 0123456789 0123456789 0123456789", "empty": ""} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		report, err := store.Verify(t.Context(), path)
		if err == nil && len(report.Problems) == 0 {
			t.Errorf("%s is whole", name)
		}
		if _, err := store.Restore(t.Context(), path, filepath.Join(dir, "restored")); err == nil {
			t.Errorf("%s was restored", name)
		}
	}
}

// TestMove moves a state to PostgreSQL and back, cut off after each batch.
func TestMove(t *testing.T) {
	directory := open(t, t.TempDir())
	fill(t, directory, 1500)
	want := allRows(t, directory)
	server := closeAtEnd(t, openPostgres(t, pgtest.Address(t)))
	back := closeAtEnd(t, open(t, t.TempDir()))
	for _, step := range []struct{ from, to *store.Store }{{directory, server}, {server, back}} {
		cut := errors.New("killed")
		cuts := 0
		for {
			ctx, cancel := context.WithCancelCause(t.Context())
			last := int64(0)
			err := store.Move(ctx, step.from, step.to, func(done, total int64) {
				if done < last || done > total {
					t.Errorf("%d of %d, after %d", done, total, last)
				}
				last = done
				if done < total {
					cancel(cut)
				}
			})
			if err == nil {
				break
			}
			if !errors.Is(err, cut) {
				t.Fatal(err)
			}
			cuts++
			if err := step.to.View(t.Context(), store.CheckMoved); !errors.Is(err, store.ErrMoved) {
				t.Errorf("in between: %v", err)
			}
		}
		if cuts < 10 {
			t.Errorf("it was cut off %d times", cuts)
		}
		if err := step.to.View(t.Context(), store.CheckMoved); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, allRows(t, step.to)); diff != "" {
			t.Fatalf("moved (-want +got):\n%s", diff)
		}
	}
	if err := store.Move(t.Context(), server, back, func(int64, int64) {}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("into a state that is used: %v", err)
	}
	closeStore(t, directory)
}

// TestMoveNoticesWrites: somebody writes into what is moved.
func TestMoveNoticesWrites(t *testing.T) {
	from, to := closeAtEnd(t, open(t, t.TempDir())), closeAtEnd(t, open(t, t.TempDir()))
	fill(t, from, 10)
	err := store.Move(t.Context(), from, to, func(done, total int64) {
		err := from.Update(t.Context(), func(tx *store.Tx) error {
			return tx.SetTags("arn:000001", map[string]string{"k": fmt.Sprint(done)})
		})
		if err != nil {
			t.Error(err)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "tags differs") {
		t.Error(err)
	}
}
