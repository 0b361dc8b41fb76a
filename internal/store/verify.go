package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Report is the result of Verify.
type Report struct {
	Rows     map[string]int // by table
	Problems []string
}

// Verify reads the whole state in SQLite: the structure of the file, each index against
// its table, and the JSON in the rows. data is a directory, which another process may use
// but this one must not have open, or a backup. The error says that it cannot be read at
// all.
func Verify(ctx context.Context, data string) (Report, error) {
	report := Report{Rows: map[string]int{}}
	path := data
	if info, err := os.Stat(data); err != nil {
		return report, err
	} else if info.IsDir() {
		path = filepath.Join(data, dbFile)
		if err := checkDirectory(data); err != nil {
			return report, err
		}
		if _, err := os.Stat(path); err != nil {
			return report, err
		}
	}
	db, err := openFile(path, "ro")
	if err != nil {
		return report, err
	}
	defer db.Close()
	var id int
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		if isDamage(err) {
			report.Problems = append(report.Problems, err.Error())
			return report, nil
		}
		return report, err
	}
	if id != applicationID {
		return report, fmt.Errorf("%w: it was not made by Writ", ErrIncompatible)
	}
	if err := report.checkStructure(ctx, db); err != nil {
		return report, err
	}
	for _, t := range tables {
		if err := report.checkTable(ctx, db, t); err != nil {
			return report, err
		}
	}
	return report, nil
}

// found records an error about damage; it returns any other.
func (r *Report) found(where string, err error) error {
	if !isDamage(err) {
		return err
	}
	r.Problems = append(r.Problems, where+": "+err.Error())
	return nil
}

func (r *Report) checkStructure(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `PRAGMA integrity_check`)
	if err != nil {
		return r.found("structure", err)
	}
	defer rows.Close()
	for rows.Next() {
		var problem string
		if err := rows.Scan(&problem); err != nil {
			return err
		}
		if problem != "ok" {
			r.Problems = append(r.Problems, problem)
		}
	}
	return r.found("structure", rows.Err())
}

func (r *Report) checkTable(ctx context.Context, db *sql.DB, t table) error {
	var n int
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t.name).Scan(&n); err != nil {
		return r.found(t.name, err)
	}
	r.Rows[t.name] = n
	if t.json == "" {
		return nil
	}
	rows, err := db.QueryContext(ctx, `SELECT `+t.key[0]+` FROM `+t.name+` WHERE json_valid(`+t.json+`) = 0 LIMIT 10`)
	if err != nil {
		return r.found(t.name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return err
		}
		r.Problems = append(r.Problems, fmt.Sprintf("%s: %s of %q is not JSON", t.name, t.json, key))
	}
	return r.found(t.name, rows.Err())
}

// IsFull reports whether an error is that of a full disk, of this store or of the
// database server.
func IsFull(err error) bool {
	if e, ok := errors.AsType[*driver.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_FULL {
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "53100" { // disk_full
		return true
	}
	return errors.Is(err, syscall.ENOSPC)
}

// isDamage reports whether SQLite says that a file is not what it wrote.
func isDamage(err error) bool {
	e, ok := errors.AsType[*driver.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB)
}
