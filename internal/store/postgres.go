package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// postgres is the engine PostgreSQL: a database that any number of processes share. It
// caches nothing between transactions.
type postgres struct {
	address string // without a password
	pool    *pool[*pgConn]
	turns   sync.RWMutex // of Updates
	counts  counts
	closing func() error
}

// OpenPostgreSQL opens a database of PostgreSQL 14 or newer, or of a compatible server, by
// its URL or by libpq's keywords and variables. pool_max_conns is the maximum number of
// connections; with several hosts the one that accepts writes is used.
//
// It returns ErrIncompatible unless the schema is that of this version: see Migrate. No
// error of this package contains the password.
func OpenPostgreSQL(ctx context.Context, address string) (*Store, error) {
	cfg, size, err := parsePostgres(address)
	if err != nil {
		return nil, err
	}
	p := &postgres{address: publicAddress(cfg)}
	p.pool = newPool(size, func(ctx context.Context) (*pgConn, error) { return connectPostgres(ctx, cfg, &p.counts) })
	p.closing = sync.OnceValue(p.pool.close)
	s := &Store{p, &p.counts}
	if err := s.Ready(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", p.address, err), p.closing())
	}
	return s, nil
}

// connectionsPerCore is the default size of the pool. A connection that waits for the
// server needs no processor here.
const connectionsPerCore = 8

// parsePostgres reads an address.
func parsePostgres(address string) (cfg *pgconn.Config, size int, err error) {
	cfg, err = pgconn.ParseConfig(address)
	if err != nil {
		// The original error quotes the address, which may contain a password.
		return nil, 0, errors.New("the address of the database cannot be read; want postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters as %XX")
	}
	size = connectionsPerCore * runtime.NumCPU()
	if text, ok := cfg.RuntimeParams["pool_max_conns"]; ok {
		delete(cfg.RuntimeParams, "pool_max_conns")
		if size, err = strconv.Atoi(text); err != nil || size < 1 {
			return nil, 0, errors.New("pool_max_conns in the address of the database is not a positive number")
		}
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "writ"
	}
	if cfg.ValidateConnect == nil { // no target_session_attrs
		cfg.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return cfg, size, nil
}

// publicAddress names a database without a password.
func publicAddress(cfg *pgconn.Config) string {
	u := url.URL{Scheme: "postgres", User: url.User(cfg.User), Path: "/" + cfg.Database}
	if strings.HasPrefix(cfg.Host, "/") {
		u.RawQuery = url.Values{"host": {cfg.Host}}.Encode()
	} else {
		u.Host = net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
	}
	return u.String()
}

func (p *postgres) name() string     { return "postgresql" }
func (p *postgres) location() string { return p.address }
func (p *postgres) shared() bool     { return true }
func (p *postgres) close() error     { return p.closing() }

func (p *postgres) view(ctx context.Context, fn func(*Tx) error) error   { return p.run(ctx, fn, false) }
func (p *postgres) update(ctx context.Context, fn func(*Tx) error) error { return p.run(ctx, fn, true) }

func (p *postgres) load() Load {
	return Load{Waiting: int(p.pool.waiting.Load()), Connections: len(p.pool.tokens)}
}

// ready checks that the server answers and that the schema is ours.
func (p *postgres) ready(ctx context.Context) error {
	c, err := p.pool.get(ctx)
	if err != nil {
		return err
	}
	at, err := c.schemaNumber()
	if err != nil {
		p.pool.drop(c)
		return err
	}
	p.pool.put(c)
	return checkSchemaNumber(at)
}
