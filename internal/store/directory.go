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

// createDirectory creates dir if it does not exist, and syncs its parent: files in a
// directory whose own name is not durable do not survive a loss of power.
func createDirectory(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := createDirectory(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	syncDirectory(filepath.Dir(dir))
	return nil
}

// syncDirectory syncs the names in a directory, if the system supports that.
func syncDirectory(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// checkDirectory returns ErrIncompatible for a directory that is not Writ's; it only reads. It
// must not run on a directory that this process has open: POSIX releases all locks of a
// process on a file when it closes any descriptor of that file, so SQLite would lose its locks
// on the database, and another process could delete the log.
func checkDirectory(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	stranger, database := "", false
	for _, e := range entries {
		switch e.Name() {
		case dbFile:
			database = true
		case lockFile, "lost+found": // the latter is in every new volume
		default:
			stranger = e.Name()
		}
	}
	if !database {
		if stranger != "" {
			return fmt.Errorf("%w: it contains %q and no %s", ErrIncompatible, stranger, dbFile)
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
		return nil // power was lost after the file was created
	case err == io.ErrUnexpectedEOF || string(header[:16]) != "SQLite format 3\x00":
		return fmt.Errorf("%w: %s is not a SQLite database", ErrIncompatible, dbFile)
	case err != nil:
		return err
	}
	if id := binary.BigEndian.Uint32(header[68:]); id != applicationID {
		return fmt.Errorf("%w: %s was not made by Writ (application id %#x)", ErrIncompatible, dbFile, id)
	}
	texts, err := migrationTexts()
	if err != nil {
		return err
	}
	return rejectNewer(int(binary.BigEndian.Uint32(header[60:])), len(texts))
}

func rejectNewer(at, known int) error {
	if at > known {
		return fmt.Errorf("%w: %s was written by a newer Writ (migration %d, this version has %d)", ErrIncompatible, dbFile, at, known)
	}
	return nil
}

// lockDirectory takes the lock of a directory. It is released by the file's Close or the
// end of the process; the file remains.
func lockDirectory(path string) (*os.File, error) {
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
		return nil, fmt.Errorf("%w by process %s", ErrInUse, strings.TrimSpace(string(holder)))
	}
	return f, nil
}

// writePID writes our process id into the lock file.
func writePID(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}
