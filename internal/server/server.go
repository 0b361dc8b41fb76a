// Package server takes a request through Writ: route, verify, decode,
// authorize, handle, commit, encode.
//
// It holds no rule of any service and decides nothing itself. Start reading at
// Server.serve in pipeline.go; services.go lists the services.
package server

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/wire"
)

// Limits of one request, before anything of it is read as an API call.
const (
	MaxHeader   = 64 << 10 // bytes of the header block; for http.Server.MaxHeaderBytes
	maxBody     = 1 << 20  // bytes
	maxDrained  = 4 << 20  // bytes of a body too large that are read and dropped
	maxInFlight = 1024     // requests being served at one time
)

// Config is what a Server is made of; every field is needed.
type Config struct {
	Store     *store.Store
	Directory *identity.Directory
	Gate      *authz.Gate
	Services  []*operation.Service
	Log       *slog.Logger
	Now       func() time.Time
	Version   string
}

// Server answers AWS API requests and Writ's own control paths.
type Server struct {
	cfg        Config
	router     *wire.Router
	operations map[*wire.Operation]servedOperation
	controls   http.Handler
	inFlight   chan struct{}
	keyUsage   identity.KeyUsage
}

// servedOperation is a row of a service's table with its service.
type servedOperation struct {
	service *operation.Service
	row     *operation.Operation
}

// New makes a Server; it fails if two operations claim one route.
func New(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg, operations: map[*wire.Operation]servedOperation{}, inFlight: make(chan struct{}, maxInFlight)}
	var ops []*wire.Operation
	for _, svc := range cfg.Services {
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
	s.controls = s.control()
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isControl(r.URL.Path) {
		s.controls.ServeHTTP(w, r)
		return
	}
	answer := s.serve(w, r)
	header := w.Header()
	for name, values := range answer.Header {
		header[name] = values
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // a client that is gone cannot be told
}

// newID makes a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
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
