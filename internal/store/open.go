package store

import (
	"context"
	"fmt"
	"strings"
)

// Open opens the state at data: a directory or ":memory:" with OpenSQLite, or the URL of
// a PostgreSQL database, "postgres://...", with OpenPostgreSQL.
func Open(ctx context.Context, data string) (*Store, error) {
	server, err := isServer(data)
	switch {
	case err != nil:
		return nil, err
	case server:
		return OpenPostgreSQL(ctx, data)
	}
	return OpenSQLite(data)
}

// isServer reports whether data is the URL of a database server; otherwise it is a
// directory. Any other URL is an error.
func isServer(data string) (bool, error) {
	scheme, _, isURL := strings.Cut(data, "://")
	switch {
	case !isURL:
		return false, nil
	case scheme == "postgres" || scheme == "postgresql":
		return true, nil
	}
	return false, fmt.Errorf("no engine for %s://; want a directory, %s or postgres://USER@HOST/DATABASE", scheme, inMemory)
}
