package writ

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/store"
)

// keyName is the name of the sealing key in a data directory.
const keyName = "writ.key"

// errOwnTools is returned for a database server, which has its own tools.
var errOwnTools = errors.New("PostgreSQL has tools of its own for this: pg_dump or pg_basebackup to back up, pg_restore, pg_amcheck to verify; see docs/operations.md")

func isServer(data string) bool { return strings.Contains(data, "://") }

// Backup writes the state in a directory, with its sealing key, to a new file that only
// its owner may read. Another process may use the directory; this one must not have it
// open.
func Backup(ctx context.Context, data, file string) error {
	if isServer(data) {
		return errOwnTools
	}
	key, err := os.ReadFile(filepath.Join(data, keyName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a key outside the directory is backed up separately
		return err
	}
	return store.Backup(ctx, data, file, key)
}

// Restore creates a directory, which must not exist or be empty, from a backup.
func Restore(ctx context.Context, file, data string) error {
	if isServer(data) {
		return errOwnTools
	}
	key, err := store.Restore(ctx, file, data)
	if err != nil || key == nil {
		return err
	}
	return keys.WriteKey(filepath.Join(data, keyName), key)
}

// Report is the result of Verify.
type Report struct {
	Rows     map[string]int // by table
	Problems []string       // empty if there is no damage
}

// Verify reads the whole state in a directory or a backup, and reports damage. Another
// process may use the directory; this one must not have it open. The error says that the
// state cannot be read at all.
func Verify(ctx context.Context, data string) (Report, error) {
	if isServer(data) {
		return Report{}, errOwnTools
	}
	r, err := store.Verify(ctx, data)
	return Report(r), err
}

// Move copies the state of a directory or database into another, which must be empty, and
// compares the two. Nothing else may use either meanwhile. After an interruption it
// continues when it is called again. keyFile is the sealing key of a database that is
// moved into a directory.
func Move(ctx context.Context, from, to, keyFile string, progress func(done, total int64)) error {
	if isServer(from) && !isServer(to) {
		if keyFile == "" {
			return errors.New("a directory needs the sealing key that the servers of the database have: --key-file FILE")
		}
		if err := copyKey(keyFile, to); err != nil {
			return err
		}
	}
	source, err := store.Open(ctx, from)
	if err != nil {
		return err
	}
	target, err := store.Open(ctx, to)
	if err != nil {
		return errors.Join(err, source.Close())
	}
	err = store.Move(ctx, source, target, progress)
	if err != nil {
		err = fmt.Errorf("move %s to %s: %w", source.Path(), target.Path(), err)
	}
	return errors.Join(err, source.Close(), target.Close())
}

// copyKey copies the sealing key into a directory, which it creates. A key from an
// interrupted Move is kept.
func copyKey(keyFile, dir string) error {
	key, err := keys.ReadKey(keyFile)
	if err != nil {
		return err
	}
	s, err := store.OpenSQLite(dir) // creates the directory, and rejects one that is not Writ's
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if err := keys.WriteKey(filepath.Join(dir, keyName), key); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
