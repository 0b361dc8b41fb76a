package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// The table with the numbers of the applied migrations.
const (
	createNumbers = `CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY)`
	insertNumber  = `INSERT INTO migrations (number) VALUES ($1)`
	selectNumber  = `SELECT number FROM migrations ORDER BY number DESC LIMIT 1`
)

// SQLSTATEs of tables and keys.
const (
	undefinedTable  = "42P01"
	uniqueViolation = "23505"
	duplicateTable  = "42P07"
	duplicateType   = "42710" // each table has a type of the same name
)

// Migrate brings the schema of a database server up to date; progress is called before
// each migration. A migration is a transaction: an interrupted one is repeated by the
// next Migrate. Two concurrent calls wait for each other at every migration.
func Migrate(ctx context.Context, address string, progress func(number, of int)) error {
	server, err := isServer(address)
	if err != nil {
		return err
	}
	if !server {
		return errors.New("a directory is migrated when it is opened")
	}
	cfg, _, err := parsePostgres(address)
	if err != nil {
		return err
	}
	c, err := connectPostgres(ctx, cfg, new(counts))
	if err != nil {
		return fmt.Errorf("migrate %s: %w", publicAddress(cfg), err)
	}
	if err := errors.Join(c.migrate(ctx, progress), c.close()); err != nil {
		return fmt.Errorf("migrate %s: %w", publicAddress(cfg), err)
	}
	return nil
}

func (c *pgConn) migrate(ctx context.Context, progress func(number, of int)) error {
	texts, err := migrationTexts()
	if err != nil {
		return err
	}
	typ, err := c.textType()
	if err != nil {
		return err
	}
	if err := c.script(createNumbers); err != nil && !hasCode(err, uniqueViolation, duplicateTable, duplicateType) { // another Migrate created it
		return err
	}
	for {
		at, err := c.schemaNumber()
		if err != nil {
			return err
		}
		if at >= len(texts) {
			return cmp.Or(checkSchemaNumber(at), c.leaveSpace())
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		progress(at+1, len(texts))
		// The number first: a concurrent Migrate waits here for the lock.
		_, err = c.send(pgStatement{text: `BEGIN`}, pgStatement{text: insertNumber, args: []any{at + 1}})
		if err == nil {
			err = c.script(textColumn.ReplaceAllString(texts[at], typ))
		}
		if err == nil {
			err = c.script(commit)
		}
		if err != nil && !(c.rollback() && hasCode(err, uniqueViolation)) {
			return fmt.Errorf("migration %d: %w", at+1, err)
		}
	}
}

// leaveSpace reserves space in pages for new versions of their rows: an update within its
// page writes no index, and so does not conflict with readers of the index.
func (c *pgConn) leaveSpace() error {
	for _, table := range []string{"resources", "policies", "share_associations"} {
		if err := c.script(`ALTER TABLE ` + table + ` SET (fillfactor = 80)`); err != nil && !isUnknownSetting(err) {
			return err
		}
	}
	return nil
}

var textColumn = regexp.MustCompile(`\bTEXT\b`)

// textType is the type that sorts text byte by byte. CockroachDB's default type does.
func (c *pgConn) textType() (typ string, err error) {
	_, err = c.send(pgStatement{`SELECT version()`, nil, func(r row) bool {
		typ = `TEXT COLLATE "C"`
		if version, _ := r[0].(string); strings.HasPrefix(version, "CockroachDB") {
			typ = `TEXT`
		}
		return false
	}})
	return typ, err
}

// schemaNumber is the number of the last applied migration; 0 if there is none.
func (c *pgConn) schemaNumber() (number int, err error) {
	_, err = c.send(pgStatement{selectNumber, nil, func(r row) bool {
		n, _ := r[0].(int64)
		number = int(n)
		return false
	}})
	if hasCode(err, undefinedTable) {
		return 0, nil
	}
	return number, err
}

func hasCode(err error, codes ...string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(codes, e.Code)
}
