package store

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// TestDurabilitySettings reads back what durability rests on: no test can cut
// the power.
func TestDurabilitySettings(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSQLite(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) // after lend has its connection back

	// Both are in the file itself from the start, where inspect reads them, and
	// not only in the log.
	header, err := os.ReadFile(filepath.Join(dir, dbFile))
	if err != nil {
		t.Fatal(err)
	}
	if id := binary.BigEndian.Uint32(header[68:]); id != applicationID {
		t.Errorf("application id in the file: %#x", id)
	}
	if number := binary.BigEndian.Uint32(header[60:]); number == 0 {
		t.Error("no migration number in the file")
	}

	c := lend(t, s)
	if n, err := c.queryInt(`PRAGMA synchronous`); n != 1 || err != nil {
		t.Errorf("synchronous is %d, %v; want 1, fsyncs where the log begins anew", n, err)
	}
	if n, err := c.queryInt(`PRAGMA fullfsync`); n != 1 || err != nil {
		t.Errorf("fullfsync is %d, %v", n, err)
	}
	var mode string
	if err := c.pinned.QueryRowContext(t.Context(), `PRAGMA journal_mode`).Scan(&mode); mode != "wal" || err != nil {
		t.Errorf("journal mode is %q, %v", mode, err)
	}
}
