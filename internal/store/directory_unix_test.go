//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const strangerFile = "WRIT_STORE_STRANGER_FILE" // set in the child: the database to look at

// TestHeldFolderKeepsItsLocks is refused a directory that this process has open, and
// asks from another process whether SQLite's lock on the database is still there:
// without it SQLite's own shell would take the log away when it ends, and with it
// all that is written after that. The other process is this test again.
func TestHeldFolderKeepsItsLocks(t *testing.T) {
	if file := os.Getenv(strangerFile); file != "" {
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		// The bytes that every reader has locked: SHARED_FIRST and SHARED_SIZE in
		// https://www.sqlite.org/src/file/src/os.h
		lock := unix.Flock_t{Type: unix.F_WRLCK, Start: 0x40000002, Len: 510}
		if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock); err != nil {
			t.Fatal(err)
		}
		fmt.Println("held:", lock.Type == unix.F_RDLCK)
		return
	}
	s := openTemporary(t)
	if err := s.Update(t.Context(), put("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSQLite(s.Path()); !errors.Is(err, ErrInUse) {
		t.Fatalf("a second open: %v", err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestHeldFolderKeepsItsLocks$")
	child.Env = append(os.Environ(), strangerFile+"="+filepath.Join(s.Path(), dbFile))
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "held: true") {
		t.Errorf("%v: %s", err, out)
	}
}
