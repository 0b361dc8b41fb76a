// Package writ is Writ as a library: a server that implements the AWS APIs with which
// accounts grant each other access to resources, and that enforces all their policies.
//
// New returns the server as an http.Handler; its zero Config stores everything in memory
// and enforces policies. For tests of Go programs there is package writtest. The policy
// engine alone is package policy.
package writ

//go:generate go -C internal/gen run .

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
	"github.com/writdev/writ/internal/worldfile"
	"github.com/writdev/writ/internal/worlds"
)

// Version of this source tree.
const Version = "0.1.0"

// MaxHeaderBytes is the limit of the header size for an http.Server in front of a Server.
const MaxHeaderBytes = server.MaxHeader

// Memory, as Config.Data, keeps all state in memory.
const Memory = ":memory:"

// Enforcement is the treatment of requests that the policies do not allow.
type Enforcement uint8

const (
	EnforceOn    Enforcement = iota // they are denied
	EnforceAudit                    // they are logged and allowed
	EnforceOff                      // policies are stored, but not evaluated
)

// Lifecycle is the speed at which resources change their states.
type Lifecycle uint8

const (
	LifecycleInstant   Lifecycle = iota // an image is available at once
	LifecycleRealistic                  // an image takes minutes, as on AWS
)

// Config configures a Server. The zero value is valid: in memory, enforcing.
type Config struct {
	// Data is the directory of the state, created if it does not exist, or the address of
	// a PostgreSQL database, "postgres://USER:PASSWORD@HOST/DATABASE", which any number
	// of servers may share; see Migrate. Empty or Memory keeps the state in memory.
	Data string
	// KeyFile is the file with the key that seals secrets: 32 random bytes. Servers that
	// share a database need the same; the default in a directory is its file writ.key.
	KeyFile   string
	Enforce   Enforcement
	Lifecycle Lifecycle
	// Public says that other machines can reach the server. The sandbox credentials are
	// then rejected.
	Public bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Log is the server's log; nil discards it.
	Log *slog.Logger

	// Decisions is the number of decisions kept in memory for explanations: 0 is
	// DefaultDecisions, a negative number keeps none.
	Decisions int
	// Memory is about how many bytes the server may take up: what it caches and records
	// shrinks with it. 0 is DefaultMemory; less than MinMemory is MinMemory. Whoever runs
	// the server also sets the size of the Go runtime's heap: see GoMemory.
	Memory int64
	// Audit is the file to which a JSON line is appended for each decided request;
	// "" is none. With AuditRequired a request whose line cannot be written fails,
	// and its transaction is not committed.
	Audit         string
	AuditRequired bool
	// KeySets are JSON Web Key Sets (RFC 7517) of token issuers, by issuer, with which
	// AssumeRoleWithWebIdentity verifies their tokens. The tokens of other issuers are those
	// of the server's own test issuer: see POST /_writ/oidc/ISSUER/token.
	KeySets map[string][]byte
	// AdminToken is required by the paths of decisions if Public is set; "" disables them
	// there.
	AdminToken string
	// Tracer of OpenTelemetry traces each request and its stages; nil traces nothing. No
	// span has a value of a request.
	Tracer trace.Tracer
	// WorldTTL is the time without requests after which a world is deleted; 0 is
	// DefaultWorldTTL, a negative duration disables deletion.
	WorldTTL time.Duration
}

// DefaultWorldTTL is the default time without requests after which a world is deleted.
const DefaultWorldTTL = time.Hour

// DefaultDecisions is the default number of decisions kept in memory.
const DefaultDecisions = trail.DefaultSize

// Server is a running Writ. It is an http.Handler for the AWS APIs and for
// Writ's own paths under /_writ/.
type Server struct {
	handler   *server.Server // of the main state
	worlds    *worlds.Set
	audit     *trail.File // nil if there is none
	store     *store.Store
	directory *identity.Directory
	now       func() time.Time
}

// Errors that New returns, wrapped, for a state that it cannot use.
var (
	// ErrInUse: another process has the directory open.
	ErrInUse = store.ErrInUse
	// ErrIncompatible: the directory or database has no state of this version of Writ.
	ErrIncompatible = store.ErrIncompatible
	// ErrWrongKey: the secrets of the state are sealed with another key.
	ErrWrongKey = keys.ErrWrongKey
)

// Migrate creates or updates the tables of a PostgreSQL database. progress is called before
// each step.
func Migrate(ctx context.Context, address string, progress func(number, of int)) error {
	return store.Migrate(ctx, address, progress)
}

// New opens the state and returns a Server. Close it when done.
func New(cfg Config) (*Server, error) {
	if cfg.Data == "" {
		cfg.Data = Memory
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	st, err := store.Open(context.Background(), cfg.Data)
	if err != nil {
		return nil, err
	}
	s := &Server{store: st, now: cfg.Now}
	if err := s.assemble(cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// assemble creates the parts of the server.
func (s *Server) assemble(cfg Config) error {
	sealer, err := s.openSealer(cfg)
	if err != nil {
		return err
	}
	if cfg.Audit != "" {
		if s.audit, err = trail.OpenFile(cfg.Audit); err != nil {
			return err
		}
	}
	if err := s.store.View(context.Background(), store.CheckMoved); err != nil {
		return err
	}
	size := cfg.Decisions
	if size == 0 {
		size = DefaultDecisions
	}
	memory := shareMemory(cfg.Memory)
	if err := s.store.LimitCache(memory.cache); err != nil {
		return err
	}
	gate := &authz.Gate{Mode: authz.Mode(cfg.Enforce)}
	gate.LimitDocuments(memory.documentText)
	s.directory = &identity.Directory{Sandbox: !cfg.Public, Sealer: sealer}
	issuers, err := federation.ReadKeySets(cfg.KeySets)
	if err != nil {
		return err
	}
	main := server.Config{
		Store:     s.store,
		Directory: s.directory,
		Gate:      gate,
		Services:  server.Services(operation.Lifecycle(cfg.Lifecycle)),
		Log:       cfg.Log,
		Now:       cfg.Now,
		Version:   Version,

		Ring:          trail.NewRing(size, memory.decisions),
		Audit:         s.audit,
		AuditRequired: cfg.AuditRequired,
		Public:        cfg.Public,
		Issuers:       issuers,
		AdminToken:    cfg.AdminToken,
		Tracer:        cfg.Tracer,
		Whole:         s,
	}
	if s.handler, err = server.New(main); err != nil {
		return err
	}
	if err := s.handler.LoadUsage(context.Background()); err != nil {
		return err
	}
	s.now = s.handler.Now
	format, err := worldfile.NewFormat(main.Services)
	if err != nil {
		return err
	}
	s.worlds = worlds.NewSet(worlds.Config{
		Main: s.handler, Store: s.store, Images: store.NewImages(memory.worlds), Format: format, Log: cfg.Log, TTL: worldTTL(cfg.WorldTTL),
		Open: func(state *store.Store, name, path string) *server.Server {
			world := main
			world.Store, world.World, world.Path = state, name, path
			world.Directory = &identity.Directory{Sandbox: !cfg.Public, Sealer: sealer, World: name}
			world.Ring, world.Audit, world.AuditRequired = trail.NewRing(size, memory.decisions), nil, false
			return s.handler.Sibling(world)
		},
	})
	return nil
}

// worldTTL is the lifetime of idle worlds; 0 is forever.
func worldTTL(configured time.Duration) time.Duration {
	return max(0, cmp.Or(configured, DefaultWorldTTL))
}

// openSealer opens the sealing key, and checks that it is the key of the state.
func (s *Server) openSealer(cfg Config) (sealer *keys.Sealer, err error) {
	switch {
	case cfg.KeyFile != "":
		sealer, err = keys.ReadSealer(cfg.KeyFile)
	case cfg.Data == Memory:
		return keys.NewSealer()
	case s.store.Shared():
		return nil, errors.New("servers that share a database need the same sealing key: create one with head -c 32 /dev/urandom > FILE, and name it with --key-file (WRIT_KEY_FILE)")
	default:
		sealer, err = keys.OpenSealer(filepath.Join(cfg.Data, keyName))
	}
	if err != nil || cfg.Data == Memory {
		return sealer, err
	}
	return sealer, s.store.Update(context.Background(), func(tx *store.Tx) error { return sealer.CheckKey(tx, cfg.Now()) })
}

// Data is the location of the state: a directory, Memory, or the address of a database
// without its password.
func (s *Server) Data() string { return s.store.Path() }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.worlds.ServeHTTP(w, r) }

// EndStreams ends the event streams of decisions, which otherwise last until their
// clients close them. Call it before http.Server.Shutdown.
func (s *Server) EndStreams() { s.worlds.End() }

// ReopenAudit reopens the audit file after another program has renamed it.
func (s *Server) ReopenAudit() error {
	if s.audit == nil {
		return nil
	}
	return s.audit.Reopen()
}

// Close closes the state. Requests must have ended.
func (s *Server) Close() error {
	var err error
	if s.worlds != nil {
		s.worlds.Close()
	}
	if s.handler != nil {
		err = s.handler.SaveUsage(context.Background())
	}
	err = errors.Join(err, s.store.Close())
	if s.audit != nil {
		err = errors.Join(err, s.audit.Close())
	}
	return err
}
