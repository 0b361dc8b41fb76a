package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// The statements that begin and end transactions.
const (
	beginRead           = `BEGIN`
	beginWrite          = `BEGIN IMMEDIATE`
	commit              = `COMMIT`
	rollback            = `ROLLBACK`
	savepoint           = `SAVEPOINT one`
	rollbackToSavepoint = `ROLLBACK TO one`
	releaseSavepoint    = `RELEASE one`
)

// conn is one connection, which prepares each statement at its first use.
//
// It is pinned, so that database/sql does no lookup and no reset, and calls prepared
// statements of the driver directly: database/sql would lock them, although only one
// goroutine uses them, which doubles the cost of a read. Statements run without the
// caller's context, for which the driver would start a goroutine per statement. A Tx
// checks its context before each statement.
type conn struct {
	pinned     *sql.Conn
	owned      *sql.DB // closed with the connection; nil if others share it
	statements map[string]statement

	// A reader keeps its snapshot open after a View: until the next commit, the next View
	// reads the same data and need not lock the log again.
	snapshot bool   // one is open
	as       uint64 // the number of commits before it was opened
	seen     uint64 // the number of commit attempts that it may include

	// The writer records what the current group has written, or the last one. In memory,
	// where Views use the same connection, they then read from the database.
	written writeSet
}

// statement is a prepared statement of a driver.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func (c *conn) prepare(text string) (statement, error) {
	if st, ok := c.statements[text]; ok {
		return st, nil
	}
	var st statement
	err := c.pinned.Raw(func(dc any) error {
		prepared, err := dc.(driver.ConnPrepareContext).PrepareContext(context.Background(), text)
		if err == nil {
			st = prepared.(statement)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	c.statements[text] = st
	return st, nil
}

func (c *conn) exec(text string, args ...any) (int64, error) {
	st, err := c.prepare(text)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), namedValues(args))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// query calls each with every row of a result until it returns false.
func (c *conn) query(each func(row) bool, text string, args ...any) error {
	st, err := c.prepare(text)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(context.Background(), namedValues(args))
	if err != nil {
		return err
	}
	defer rows.Close()
	r := make(row, len(rows.Columns()))
	for {
		switch err := rows.Next(r); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case !each(r):
			return nil
		}
	}
}

// namedValues numbers arguments as drivers take them. Whole numbers are all int64 there.
func namedValues(args []any) []driver.NamedValue {
	list := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		if n, ok := arg.(int); ok {
			arg = int64(n)
		}
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	return list
}

// row is one row of a result: TEXT as string, BIGINT as int64.
type row []driver.Value

// Scan copies the columns into *string, *[]byte and *int64.
func (r row) Scan(dest ...any) error {
	if len(dest) != len(r) {
		return fmt.Errorf("scan %d columns into %d places", len(r), len(dest))
	}
	for i, d := range dest {
		var ok bool
		switch d := d.(type) {
		case *string:
			*d, ok = r[i].(string)
		case *int64:
			*d, ok = r[i].(int64)
		case *[]byte:
			var text string
			text, ok = r[i].(string)
			*d = []byte(text)
		}
		if !ok {
			return fmt.Errorf("scan column %d: a %T into a %T", i, r[i], d)
		}
	}
	return nil
}

// execScript runs statements that are needed once, or that come several in a text.
func (c *conn) execScript(text string) error {
	_, err := c.pinned.ExecContext(context.Background(), text)
	return err
}

// queryInt reads a single number.
func (c *conn) queryInt(text string) (n int, err error) {
	err = c.pinned.QueryRowContext(context.Background(), text).Scan(&n)
	return n, err
}

// begin starts a transaction. If that fails, it rolls back what an earlier failure may
// have left open, so that the next attempt can succeed.
func (c *conn) begin(text string) error {
	_, err := c.exec(text)
	if err != nil {
		c.rollback()
	}
	return err
}

// rollback ends the transaction, if one is open; if none is open, the error is ignored.
func (c *conn) rollback() {
	_, _ = c.exec(rollback)
	c.snapshot = false
}

func (c *conn) close() error {
	var errs []error
	for _, st := range c.statements {
		errs = append(errs, st.Close())
	}
	errs = append(errs, c.pinned.Close())
	if c.owned != nil {
		errs = append(errs, c.owned.Close())
	}
	return errors.Join(errs...)
}
