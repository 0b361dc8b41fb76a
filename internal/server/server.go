package server

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/clock"
	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sigv4"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/trail"
	"github.com/writdev/writ/internal/wire"
)

// Config configures a Server. The fields from Ring on may be zero.
type Config struct {
	Store     *store.Store
	Directory *identity.Directory
	Gate      *authz.Gate
	Services  []*operation.Service
	Log       *slog.Logger
	Now       func() time.Time // the real time
	Version   string
	World     string // name of the world; "" for the main one
	Path      string // prefix of the paths of the APIs: "/_writ/w/NAME"; "" for the main world

	Ring          *trail.Ring         // recent decisions; nil keeps none
	Audit         *trail.File         // nil writes none
	AuditRequired bool                // a request whose line cannot be written fails
	Public        bool                // other machines can reach the server
	Issuers       *federation.Issuers // keys of token issuers in addition to the test issuer; nil for none
	AdminToken    string              // required by the paths of decisions on a public address; "" disables them there
	Tracer        trace.Tracer        // of OpenTelemetry; nil traces nothing
	Whole         http.Handler        // this server with all its worlds, for the console; nil is this server only
}

// Server serves AWS API requests and Writ's own control paths.
type Server struct {
	cfg         Config
	router      *wire.Router
	operations  map[*wire.Operation]servedOperation
	due         map[string]func(*operation.Call, string) error // by service
	controls    func() *http.ServeMux                          // made when first used: most worlds never need them
	inFlight    chan struct{}
	ending      chan struct{} // closed when the streams are to end
	endOnce     sync.Once
	metrics     *metrics
	keyUsage    identity.KeyUsage
	usageSaved  atomic.Int64 // the machine's time when keyUsage was written down, in unix nanoseconds
	signingKeys sigv4.SigningKeys
	accessUsage identity.AccessUsage
	clock       *clock.Clock
	consoleKey  consoleKey
}

// servedOperation is a row of an operation table with its service.
type servedOperation struct {
	service *operation.Service
	row     *operation.Operation
}

// New returns a Server. It fails if two operations have the same route.
func New(cfg Config) (*Server, error) {
	s := newServer(cfg)
	s.operations, s.inFlight = map[*wire.Operation]servedOperation{}, make(chan struct{}, maxInFlight)
	s.due = map[string]func(*operation.Call, string) error{}
	var ops []*wire.Operation
	for _, svc := range cfg.Services {
		s.due[svc.API.Name] = svc.Due
		for i := range svc.Operations {
			row := &svc.Operations[i]
			s.operations[row.Wire] = servedOperation{svc, row}
			ops = append(ops, row.Wire)
		}
	}
	var err error
	if s.router, err = wire.NewRouter(ops...); err != nil {
		return nil, err
	}
	s.metrics, s.consoleKey = newMetrics(&s.cfg), newConsoleKey()
	s.controls = sync.OnceValue(s.control)
	return s, nil
}

func newServer(cfg Config) *Server {
	s := &Server{cfg: cfg, clock: clock.New(cfg.Now), ending: make(chan struct{})}
	s.usageSaved.Store(time.Now().UnixNano())
	return s
}

// Sibling returns a server of the same services with another state. Both share the limit of requests, the
// metrics, the tracer and the sessions of the console. Services and Tracer of the configuration are not used.
func (s *Server) Sibling(cfg Config) *Server {
	cfg.Services, cfg.Tracer = s.cfg.Services, s.cfg.Tracer
	sibling := newServer(cfg)
	sibling.router, sibling.operations, sibling.due, sibling.inFlight, sibling.metrics = s.router, s.operations, s.due, s.inFlight, s.metrics
	sibling.consoleKey = s.consoleKey
	sibling.controls = sync.OnceValue(sibling.control)
	return sibling
}

// Now returns the time by the server's clock.
func (s *Server) Now() time.Time { return s.now() }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isControl(r.URL.Path) {
		s.controls().ServeHTTP(w, r)
		return
	}
	response := s.serve(w, r)
	header := w.Header()
	for name, values := range response.Header {
		header[name] = values
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body) // the connection is closed: nothing is left to do
}

// newID returns a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return formatUUID(b, 4)
}

// newOrderedID returns a UUID that begins with the time in milliseconds; the rest of it is
// random (RFC 9562, version 7).
func newOrderedID(now time.Time) string {
	var b [16]byte
	rand.Read(b[:])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(b[:6], ms[2:])
	return formatUUID(b, 7)
}

// formatUUID sets the version and the variant of a UUID and formats it.
func formatUUID(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], b[0:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:36], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
