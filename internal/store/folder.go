package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// createFolder creates dir if it is absent, and makes its name durable: what is
// written in it will not survive a loss of power if its name does not.
func createFolder(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if parent, err := os.Open(filepath.Dir(dir)); err == nil {
		_ = parent.Sync() // not every system can sync a folder
		_ = parent.Close()
	}
	return nil
}

// inspect tells by ErrForeign that a folder is not for us, and only reads.
func inspect(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	stranger, database := "", false
	for _, e := range entries {
		switch e.Name() {
		case dbFile:
			database = true
		case lockFile, "lost+found": // the latter is all that a new volume holds
		default:
			stranger = e.Name()
		}
	}
	if !database {
		if stranger != "" {
			return fmt.Errorf("%w: it is not empty (it has %q) and has no %s", ErrForeign, stranger, dbFile)
		}
		return nil
	}
	f, err := os.Open(filepath.Join(dir, dbFile))
	if err != nil {
		return err
	}
	defer f.Close()
	// The file's first 100 bytes: https://www.sqlite.org/fileformat2.html#the_database_header
	header := make([]byte, 100)
	switch n, err := io.ReadFull(f, header); {
	case n == 0 && err == io.EOF:
		return nil // created, and then the power went
	case err == io.ErrUnexpectedEOF || string(header[:16]) != "SQLite format 3\x00":
		return fmt.Errorf("%w: %s is not a SQLite database", ErrForeign, dbFile)
	case err != nil:
		return err
	}
	if id := binary.BigEndian.Uint32(header[68:]); id != applicationID {
		return fmt.Errorf("%w: %s was not made by Writ (application id %#x)", ErrForeign, dbFile, id)
	}
	texts, err := migrationTexts()
	if err != nil {
		return err
	}
	return refuseNewer(int(binary.BigEndian.Uint32(header[60:])), len(texts))
}

func refuseNewer(at, known int) error {
	if at > known {
		return fmt.Errorf("%w: %s was written by a newer Writ (migration %d, this one knows %d)", ErrForeign, dbFile, at, known)
	}
	return nil
}

// acquire takes the lock of a folder and notes our process id in it. The lock
// ends with the file's Close or with the process; the file stays.
func acquire(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		holder, _ := io.ReadAll(io.LimitReader(f, 20))
		_ = f.Close()
		if !errors.Is(err, errLocked) {
			return nil, err
		}
		return nil, fmt.Errorf("%w by process %s", ErrHeld, strings.TrimSpace(string(holder)))
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
