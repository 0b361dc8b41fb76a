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

// createDirectory creates dir if it is absent, and makes its name durable: what is
// written in it will not survive a loss of power if its name does not.
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

// syncDirectory makes the names in a folder durable, if the system can.
func syncDirectory(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// checkDirectory tells by ErrIncompatible that a folder is not for us, and only reads. It must
// not run on a folder that this process has open: POSIX drops all locks that a process
// has on a file as soon as it closes any descriptor of that file, so SQLite would lose
// its own on the database, and another process could take the log away.
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
		case lockFile, "lost+found": // the latter is all that a new volume holds
		default:
			stranger = e.Name()
		}
	}
	if !database {
		if stranger != "" {
			return fmt.Errorf("%w: it is not empty (it has %q) and has no %s", ErrIncompatible, stranger, dbFile)
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
		return fmt.Errorf("%w: %s was written by a newer Writ (migration %d, this one knows %d)", ErrIncompatible, dbFile, at, known)
	}
	return nil
}

// lockDirectory takes the lock of a folder. It ends with the file's Close or with the
// process; the file stays.
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

// writePID notes our process id in the lock file.
func writePID(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}
