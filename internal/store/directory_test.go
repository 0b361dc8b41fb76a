package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/store"
)

// contents reads a directory: the bytes of each file.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// script runs SQL on a file, behind the store's back.
func script(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(text)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func closed(t *testing.T, dir string) {
	t.Helper()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
}

func TestForeignFolders(t *testing.T) {
	for _, c := range []struct {
		name   string
		make   func(t *testing.T, dir string)
		reason string
	}{
		{"not empty", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "notes.txt"), []byte("mine")) }, `"notes.txt"`},
		{"a directory inside", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "photos"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, `"photos"`},
		{"not a database", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "writ.db"), bytes.Repeat([]byte("abc"), 100))
		}, "not a SQLite database"},
		{"a short file", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "writ.db"), []byte("abc")) }, "not a SQLite database"},
		{"another's database", func(t *testing.T, dir string) {
			script(t, filepath.Join(dir, "writ.db"), `CREATE TABLE a (b TEXT)`)
		}, "not made by Writ"},
		{"newer", func(t *testing.T, dir string) {
			closed(t, dir)
			script(t, filepath.Join(dir, "writ.db"), `PRAGMA user_version = 9999`)
		}, "newer Writ (migration 9999"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.make(t, dir)
			before := contents(t, dir)
			_, err := store.OpenSQLite(dir)
			if !errors.Is(err, store.ErrIncompatible) || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%v, want ErrIncompatible that names the directory and %s", err, c.reason)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("it wrote into the directory (-before +after):\n%s", diff)
			}
		})
	}
}

func TestHeldFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := store.OpenSQLite(dir)
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("%v, want ErrInUse by this process", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	closed(t, dir)
}

func TestGoodFolders(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, dir string){
		"absent": func(t *testing.T, dir string) {},
		"empty":  func(t *testing.T, dir string) { mkdir(t, dir) },
		"a new volume": func(t *testing.T, dir string) {
			mkdir(t, filepath.Join(dir, "lost+found"))
		},
		"the power went at once":        func(t *testing.T, dir string) { mkdir(t, dir); write(t, filepath.Join(dir, "writ.lock"), nil) },
		"the power went a moment later": func(t *testing.T, dir string) { mkdir(t, dir); write(t, filepath.Join(dir, "writ.db"), nil) },
		"before the log": func(t *testing.T, dir string) {
			mkdir(t, dir)
			script(t, filepath.Join(dir, "writ.db"), `PRAGMA application_id = 0x57726974`)
		},
		"used, with the log left behind":  func(t *testing.T, dir string) { closed(t, dir); write(t, filepath.Join(dir, "writ.db-wal"), nil) },
		"used, and then backed up beside": func(t *testing.T, dir string) { closed(t, dir); write(t, filepath.Join(dir, "writ.db.bak"), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			// A path that means something else in a URI.
			dir := filepath.Join(t.TempDir(), "a b?c#d%20e&mode=memory", "data")
			prepare(t, dir)
			s := open(t, dir)
			if s.Engine() != "sqlite" || s.Path() != dir {
				t.Errorf("%s at %s", s.Engine(), s.Path())
			}
			put := func(tx *store.Tx) error { return tx.PutResource(store.Resource{ARN: "arn"}) }
			if err := s.Update(t.Context(), put); err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS != "windows" {
				files, err := os.ReadDir(dir)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range files {
					if info, err := f.Info(); err != nil || !f.IsDir() && info.Mode().Perm() != 0o600 {
						t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
					}
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir)
			get := func(tx *store.Tx) error { _, err := tx.Resource("arn"); return err }
			if err := s.View(t.Context(), get); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "writ.db-wal")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the log is left after Close: %v", err)
			}
		})
	}
	t.Run("mode", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		closed(t, dir)
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	})
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
