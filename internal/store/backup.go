package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// A backup is a SQLite database: a snapshot of the state, and the table sealing_key with
// the key of its secrets.

// Backup writes the state in a directory to a new file, with the sealing key (none if key
// is nil). Another process may use the directory; this one must not have it open. It
// returns an error if the directory or the written file is damaged.
func Backup(ctx context.Context, dir, file string, key []byte) error {
	if err := backup(ctx, dir, file, key); err != nil {
		return fmt.Errorf("back up %s: %w", dir, err)
	}
	return nil
}

func backup(ctx context.Context, dir, file string, key []byte) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s exists", file))
	}
	if report, err := Verify(ctx, dir); err != nil {
		return err
	} else if len(report.Problems) > 0 {
		return fmt.Errorf("the state is damaged, and nothing was written: %s", report.Problems[0])
	}
	partial := file + ".partial"
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := createPrivate(partial); err != nil { // SQLite then writes into a file that only its owner can read
		return err
	}
	defer os.Remove(partial)
	if err := vacuumInto(ctx, filepath.Join(dir, dbFile), partial); err != nil {
		return err
	}
	if err := addKey(ctx, partial, key); err != nil {
		return err
	}
	if report, err := Verify(ctx, partial); err != nil {
		return err
	} else if len(report.Problems) > 0 {
		return fmt.Errorf("the written file is damaged: %s", report.Problems[0])
	}
	return publish(partial, file)
}

// createPrivate creates an empty file that only its owner may read.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// vacuumInto copies a snapshot of a database.
func vacuumInto(ctx context.Context, from, to string) error {
	db, err := openFile(from, "ro")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, to)
	return errors.Join(err, db.Close())
}

// openFile opens a database file that others may have open.
func openFile(path, mode string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	query := url.Values{"mode": {mode}, "_pragma": {"busy_timeout(5000)", "trusted_schema(off)"}}
	db, err := sql.Open("sqlite", fileURI(path)+"?"+query.Encode())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func addKey(ctx context.Context, path string, key []byte) error {
	db, err := openFile(path, "rw")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `CREATE TABLE sealing_key (base64 TEXT NOT NULL)`)
	if err == nil && key != nil {
		_, err = db.ExecContext(ctx, `INSERT INTO sealing_key (base64) VALUES ($1)`, base64.StdEncoding.EncodeToString(key))
	}
	return errors.Join(err, db.Close())
}

// publish renames a finished file, durably.
func publish(partial, file string) error {
	f, err := os.OpenFile(partial, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(partial, file); err != nil {
		return err
	}
	syncDirectory(filepath.Dir(file))
	return nil
}

// Restore creates a directory from a backup, and returns the sealing key of its secrets
// (nil if the backup has none). The directory must not exist or be empty.
func Restore(ctx context.Context, file, dir string) (key []byte, err error) {
	if key, err = restore(ctx, file, dir); err != nil {
		return nil, fmt.Errorf("restore %s: %w", file, err)
	}
	return key, nil
}

func restore(ctx context.Context, file, dir string) (key []byte, err error) {
	report, err := Verify(ctx, file)
	if err != nil {
		return nil, err
	}
	if len(report.Problems) > 0 {
		return nil, fmt.Errorf("the backup is damaged: %s", report.Problems[0])
	}
	partial := filepath.Join(dir, dbFile+".partial")
	if err := errors.Join(createDirectory(dir), checkEmpty(dir, filepath.Base(partial))); err != nil {
		return nil, err
	}
	if err := copyFile(file, partial); err != nil {
		return nil, err
	}
	if key, err = takeKey(ctx, partial); err != nil {
		return nil, err
	}
	return key, publish(partial, filepath.Join(dir, dbFile))
}

// checkEmpty returns an error if a directory contains more than the remains of an earlier
// attempt.
func checkEmpty(dir, left string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() != left && e.Name() != "lost+found" {
			return fmt.Errorf("%s is not empty: it has %s", dir, e.Name())
		}
	}
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// takeKey reads and removes the sealing key in a copy of a backup.
func takeKey(ctx context.Context, path string) (key []byte, err error) {
	db, err := openFile(path, "rw")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var text string
	switch err := db.QueryRowContext(ctx, `SELECT base64 FROM sealing_key`).Scan(&text); {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil && strings.Contains(err.Error(), "no such table"):
		return nil, errors.New("it is not a backup of Writ")
	case err != nil:
		return nil, err
	default:
		if key, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, err
		}
	}
	_, err = db.ExecContext(ctx, `PRAGMA secure_delete = ON; DROP TABLE sealing_key`)
	return key, err
}
