package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/writdev/writ"
)

// serveCmd is `writ serve`.
type serveCmd struct {
	Listen         string            `default:"127.0.0.1:4566" env:"WRIT_LISTEN" placeholder:"HOST:PORT" help:"Address to listen on (default ${default})."`
	Data           string            `default:"./writ-data" env:"WRIT_DATA" placeholder:"DIR" help:"Data directory, :memory:, or a PostgreSQL database that several servers may share, postgres://USER:PASSWORD@HOST/DATABASE (default ${default})."`
	KeyFile        string            `env:"WRIT_KEY_FILE" placeholder:"FILE" help:"File with the 32 random bytes that seal secrets; all servers of a database need the same. A data directory has its own."`
	Enforce        string            `default:"on" enum:"on,audit,off" env:"WRIT_ENFORCE" help:"Enforcement: on denies what the policies do not allow, audit logs and allows it, off evaluates no policies (default ${default})."`
	Lifecycle      string            `default:"instant" enum:"instant,realistic" env:"WRIT_LIFECYCLE" help:"Speed of resource state changes (default ${default})."`
	Decisions      int               `default:"10000" env:"WRIT_DECISIONS" placeholder:"N" help:"Number of decisions to keep in memory for explanations; 0 keeps none (default ${default})."`
	Memory         size              `default:"160MiB" env:"WRIT_MEMORY" placeholder:"SIZE" help:"Approximate memory limit, with a unit: KiB, MiB or GiB (default ${default})."`
	Audit          string            `env:"WRIT_AUDIT" placeholder:"FILE" help:"Append one JSON line per decision to this file; SIGHUP reopens it."`
	AuditRequired  bool              `env:"WRIT_AUDIT_REQUIRED" help:"Fail requests whose audit line cannot be written, without committing them."`
	AdminTokenFile string            `env:"WRIT_ADMIN_TOKEN_FILE" placeholder:"FILE" help:"File with the admin token, which the console and Writ's own endpoints require on an address that other machines can reach; without it they are disabled there."`
	World          []string          `placeholder:"FILE" help:"Load a world file into the state, which must be empty. May be repeated."`
	WorldTTL       time.Duration     `default:"1h" env:"WRIT_WORLD_TTL" placeholder:"DURATION" help:"Delete a world (/_writ/worlds) after this time without requests; 0 deletes none (default ${default})."`
	KeySet         map[string]string `placeholder:"ISSUER=FILE" help:"File with the JSON Web Key Set of a token issuer. May be repeated; tokens of other issuers are created by writ token."`
	Log            string            `default:"text" enum:"text,json" env:"WRIT_LOG" help:"Format of the log on standard error (default ${default})."`
}

// drainTimeout is how long requests under way may take after the signal to stop,
// unless a second one ends the wait.
const drainTimeout = 10 * time.Second

// patience is how long a connection may take. A client that stalls is cut off,
// and what it sent changes nothing.
type patience struct{ header, read, write, idle time.Duration }

var usualPatience = patience{header: 10 * time.Second, read: 30 * time.Second, write: time.Minute, idle: 2 * time.Minute}

// newHTTPServer puts the limits of a connection around a handler.
func newHTTPServer(h http.Handler, p patience, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		MaxHeaderBytes:    writ.MaxHeaderBytes,
		ReadHeaderTimeout: p.header,
		ReadTimeout:       p.read,
		WriteTimeout:      p.write,
		IdleTimeout:       p.idle,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// procsPerCore is how many goroutines may run for each core. More than one, since a
// thread that waits in a system call, as the writer does for the disk, counts until the
// runtime notices. It raises the rate of reads and writes by a fifth:
// docs/design/0009-measured-optimizations.md.
const procsPerCore = 2

// check refuses settings that are empty, as those of an unset variable are: the
// network would take all interfaces and any port, the store the current directory.
func (c *serveCmd) check() error {
	if c.Listen == "" {
		return errors.New("--listen (WRIT_LISTEN) is empty; want HOST:PORT")
	}
	if c.Data == "" {
		return fmt.Errorf("--data (WRIT_DATA) is empty; want a directory or %s", writ.Memory)
	}
	switch {
	case c.Decisions < 0:
		return errors.New("--decisions (WRIT_DECISIONS) is negative; want a number from 0")
	case c.Memory < writ.MinMemory:
		return fmt.Errorf("--memory (WRIT_MEMORY) is less than %s", size(writ.MinMemory))
	case c.AuditRequired && c.Audit == "":
		return errors.New("--audit-required (WRIT_AUDIT_REQUIRED) needs --audit FILE")
	case c.WorldTTL < 0:
		return errors.New("--world-ttl (WRIT_WORLD_TTL) is negative; want a duration from 0")
	}
	return nil
}

// adminToken reads the admin token; "" if there is none.
func (c *serveCmd) adminToken() (string, error) {
	if c.AdminTokenFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(c.AdminTokenFile)
	if err != nil {
		return "", fmt.Errorf("admin token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < minAdminToken {
		return "", fmt.Errorf("admin token: %s has %d characters; want at least %d", c.AdminTokenFile, len(token), minAdminToken)
	}
	return token, nil
}

// keySets reads the files with keys of token issuers.
func (c *serveCmd) keySets() (map[string][]byte, error) {
	sets := map[string][]byte{}
	for issuer, path := range c.KeySet {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("keys of %s: %w", issuer, err)
		}
		sets[issuer] = text
	}
	return sets, nil
}

// minAdminToken is how many characters an admin token has at least.
const minAdminToken = 16

// Run serves until the process receives a signal to stop, then drains.
func (c *serveCmd) Run(s streams) error {
	if err := c.check(); err != nil {
		return err
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		defer limitHeap(writ.GoMemory(int64(c.Memory)))()
	}
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(procsPerCore * runtime.GOMAXPROCS(0))
	}
	log := c.logger(s.err)
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	defer listener.Close()
	public := !isLoopback(listener.Addr())
	token, err := c.adminToken()
	if err != nil {
		return err
	}
	decisions := c.Decisions
	if decisions == 0 {
		decisions = -1 // none
	}
	keySets, err := c.keySets()
	if err != nil {
		return err
	}
	worldTTL := c.WorldTTL
	if worldTTL == 0 {
		worldTTL = -1 // forever
	}
	tracer, endTracing, err := newTracer(os.Getenv)
	if err != nil {
		return err
	}
	defer endTracing(log)
	w, err := writ.New(writ.Config{
		Data:      c.Data,
		KeyFile:   c.KeyFile,
		Enforce:   map[string]writ.Enforcement{"on": writ.EnforceOn, "audit": writ.EnforceAudit, "off": writ.EnforceOff}[c.Enforce],
		Lifecycle: map[string]writ.Lifecycle{"instant": writ.LifecycleInstant, "realistic": writ.LifecycleRealistic}[c.Lifecycle],
		Public:    public,
		Log:       log,

		Decisions:     decisions,
		Memory:        int64(c.Memory),
		Audit:         c.Audit,
		AuditRequired: c.AuditRequired,
		AdminToken:    token,
		WorldTTL:      worldTTL,
		KeySets:       keySets,
		Tracer:        tracer,
	})
	if err != nil {
		return err
	}
	if err := c.load(w); err != nil {
		return errors.Join(err, w.Close())
	}
	c.greet(s.out, listener.Addr(), public, w.Data())
	return errors.Join(c.serve(w, listener, log), w.Close())
}

// load makes the worlds of the files.
func (c *serveCmd) load(w *writ.Server) error {
	var list []*writ.World
	for _, file := range c.World {
		world, err := writ.ReadWorld(file)
		if err != nil {
			return err
		}
		list = append(list, world)
	}
	if list == nil {
		return nil
	}
	err := w.Load(context.Background(), list...)
	if errors.Is(err, writ.ErrNotEmpty) {
		err = fmt.Errorf("%w; use another directory with --data, or --data %s", err, writ.Memory)
	}
	return err
}

func (c *serveCmd) serve(w *writ.Server, listener net.Listener, log *slog.Logger) error {
	stop := make(chan os.Signal, 2) // the signal to drain, the signal to hurry
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(stop)
	server := newHTTPServer(w, usualPatience, log)
	reopen := make(chan os.Signal, 1)
	signal.Notify(reopen, syscall.SIGHUP)
	defer signal.Stop(reopen)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	for stopping := false; !stopping; {
		select {
		case err := <-failed:
			return err
		case <-reopen:
			if err := w.ReopenAudit(); err != nil {
				log.Error("open the audit file anew", "error", err)
			}
		case <-stop:
			stopping = true
		}
	}
	log.Info("draining")
	w.EndStreams()
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return drain(ctx, server, log)
}

// drain lets the requests under way end while ctx lasts, then cuts off what is
// left of them: a client that stalls does not make stopping a failure.
func drain(ctx context.Context, server *http.Server, log *slog.Logger) error {
	err := server.Shutdown(ctx)
	if err != nil && ctx.Err() != nil {
		log.Warn("cut off requests under way")
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

func (c *serveCmd) logger(w io.Writer) *slog.Logger {
	if c.Log == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// greet says where and how Writ runs, and what to type next.
func (c *serveCmd) greet(w io.Writer, addr net.Addr, public bool, data string) {
	endpoint := "http://" + addr.String()
	if data == writ.Memory {
		data = "in memory, gone at the end"
	}
	fmt.Fprintf(w, "Writ %s listens on %s\n  enforcement  %s\n  data         %s\n  console      %s/_writ/console\n\n", writ.Version, endpoint, c.enforcement(), data, endpoint)
	if public {
		fmt.Fprintf(w, "This address is not a loopback one, so the sandbox credentials are refused on it, and the\nconsole asks for TLS and the admin token.\nMake an account from this machine:\n  writ account create NAME\n")
		return
	}
	fmt.Fprintf(w, `Point AWS clients here, as the root user of account 111122223333 (any 12 digits will do):
  export AWS_ENDPOINT_URL=%s
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=111122223333
  export AWS_SECRET_ACCESS_KEY=test

Then try:
  aws sts get-caller-identity

`, endpoint)
}

func (c *serveCmd) enforcement() string {
	switch c.Enforce {
	case "audit":
		return "audit: what the policies deny is logged and let pass"
	case "off":
		return "off: policies are stored and not enforced"
	}
	return "on: what the policies do not allow is refused"
}

// isLoopback reports whether only this machine can reach a listening address.
func isLoopback(addr net.Addr) bool {
	ap, err := netip.ParseAddrPort(addr.String())
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
