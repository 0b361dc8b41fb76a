package trail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/writdev/writ/internal/decision"
)

func lines(t *testing.T, path string) (list []decision.Record) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var r decision.Record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		list = append(list, r)
	}
	return list
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(entry("written", true)); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, path); len(got) != 1 || got[0].ID != "written" || got[0].Outcome != decision.Allowed || got[0].Version != decision.Version {
		t.Errorf("after Write: %+v", got)
	}
	for i := range 100 {
		if err := f.Add(entry(fmt.Sprint(i), false)); err != nil {
			t.Fatal(err)
		}
		if i == 50 { // another program rotates it
			if err := os.Rename(path, path+".1"); err != nil {
				t.Fatal(err)
			}
			if err := f.Reopen(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	old, current := lines(t, path+".1"), lines(t, path)
	if len(old)+len(current) != 101 || len(current) < 49 {
		t.Errorf("%d lines in the old file, %d in the new one", len(old), len(current))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

func TestFileErrors(t *testing.T) {
	if _, err := OpenFile(t.TempDir()); err == nil {
		t.Error("a folder is taken as an audit file")
	}
	if _, err := OpenFile(filepath.Join(t.TempDir(), "none", "audit")); err == nil {
		t.Error("a file in no folder is opened")
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full, the file on a full disk")
	}
	f, err := OpenFile("/dev/full")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(entry("1", true)); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("written to a full disk: %v", err)
	}
	if err := f.Add(entry("2", true)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err == nil {
		t.Error("no error for buffered lines that a full disk cannot take")
	}
}

// TestTornLine: after a partial line, appended lines begin on a new line.
func TestTornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	for i, text := range []string{"", "{\"id\":\"to", "{}\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 { // the next file does not end with a partial line
			if err := f.Write(entry("0", true)); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Rename(path, path+".1"), f.Reopen()); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(f.Write(entry("1", true)), f.Add(entry("2", true)), f.Close()); err != nil {
			t.Fatal(err)
		}
		got := lines(t, path)
		if len(got) < 2 || got[len(got)-2].ID != "1" || got[len(got)-1].ID != "2" {
			t.Errorf("after %q: %+v", text, got)
		}
	}
	torn, err := os.ReadFile(path + ".1")
	if err != nil {
		t.Fatal(err)
	}
	if first, rest, _ := strings.Cut(string(torn), "\n"); first != "{\"id\":\"to" || !strings.HasPrefix(rest, `{"version":1,"id":"0"`) {
		t.Errorf("content of the file: %s", torn)
	}
}
