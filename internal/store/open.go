package store

import (
	"context"
	"fmt"
	"strings"
)

// Open opens the state that data names: a folder or ":memory:", as OpenSQLite does, or
// a database of PostgreSQL, "postgres://...", as OpenPostgreSQL does.
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

// isServer reports whether data is the address of a database server; if not, it is a
// folder. An address of any other kind is an error: nobody wants a folder of that name.
func isServer(data string) (bool, error) {
	scheme, _, isURL := strings.Cut(data, "://")
	switch {
	case !isURL:
		return false, nil
	case scheme == "postgres" || scheme == "postgresql":
		return true, nil
	}
	return false, fmt.Errorf("no engine for %s://; want a folder, %s or postgres://USER@HOST/DATABASE", scheme, inMemory)
}
