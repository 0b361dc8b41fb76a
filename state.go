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

// keyName is the sealing key in a folder.
const keyName = "writ.key"

// errOwnTools is what a database server is backed up and verified with.
var errOwnTools = errors.New("PostgreSQL has tools of its own for this: pg_dump or pg_basebackup to back up, pg_restore, pg_amcheck to verify; docs/operations.md tells how")

func isServer(data string) bool { return strings.Contains(data, "://") }

// Backup writes the state in a folder, with its sealing key, to a new file that only its
// owner may read. Another process may serve the folder meanwhile; this one must not have
// it open.
func Backup(ctx context.Context, data, file string) error {
	if isServer(data) {
		return errOwnTools
	}
	key, err := os.ReadFile(filepath.Join(data, keyName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // one that lies elsewhere is backed up there
		return err
	}
	return store.Backup(ctx, data, file, key)
}

// Restore makes a folder, which must be absent or empty, of a backup.
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

// Report is what Verify found.
type Report struct {
	Rows     map[string]int // by table
	Problems []string       // none if all is well
}

// Verify reads all of a folder, or of a backup, and tells of damage. Another process may
// serve the folder meanwhile; this one must not have it open. The error says that it
// cannot be read at all.
func Verify(ctx context.Context, data string) (Report, error) {
	if isServer(data) {
		return Report{}, errOwnTools
	}
	r, err := store.Verify(ctx, data)
	return Report(r), err
}

// Move copies the state of one folder or database into another, which must be new, and
// compares the two. Nobody may use either meanwhile. A Move that was cut off goes on when
// it is made again. keyFile is the sealing key of a database that is moved into a folder.
func Move(ctx context.Context, from, to, keyFile string, progress func(done, total int64)) error {
	if isServer(from) && !isServer(to) {
		if keyFile == "" {
			return errors.New("a folder needs the sealing key that the servers of the database have: --key-file FILE")
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

// copyKey puts the sealing key into a folder, which it makes. One that is there already,
// of a Move that was cut off, stays.
func copyKey(keyFile, dir string) error {
	key, err := keys.ReadKey(keyFile)
	if err != nil {
		return err
	}
	s, err := store.OpenSQLite(dir) // which makes the folder, and refuses one that is not ours
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
