package server

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sigv4"
	"github.com/writdev/writ/internal/trail"
	"github.com/writdev/writ/internal/wire"
)

// exchange is one request and its response on their way through the pipeline.
type exchange struct {
	server *Server
	writer http.ResponseWriter
	http   *http.Request
	id     string
	now    time.Time // Writ's clock, for everything the request creates and compares
	start  time.Time // the machine's clock, for the latency

	admitted  bool // holds one of the server's slots
	body      []byte
	signature *sigv4.Signature // nil if the operation accepts unsigned requests
	region    string           // the requested region
	match     wire.Match
	op        servedOperation
	caller    identity.Caller
	input     any
	call      *operation.Call // of the last run of the transaction
	notOwner  bool            // the target belongs to another account, and only the owner may do the operation
	audited   *trail.Entry    // what the transaction appended to the audit file; nil for nothing
	output    any
	response  wire.Response
	span      span            // of the request
	tracing   context.Context // has the current span; nil without a tracer
}

// stage is one step of the pipeline. Its error ends the request.
type stage struct {
	name string
	run  func(*exchange) error
}

// The stages of a request, in order. One request is one transaction: the permission that
// was checked is the permission that held when the handler ran. Work without a transaction
// comes first, so that the writer does not wait for it. The last stage, record, runs after
// every request, whether it succeeded or failed.
var (
	beforeTransaction = []stage{
		{"limit", (*exchange).limit},
		{"route", (*exchange).route},
		{"verify signature", (*exchange).verify},
		{"decode and check constraints", (*exchange).decode},
		{"do what is due", (*exchange).doDue},
	}
	inTransaction = []stage{
		{"authorize", (*exchange).authorize},
		{"handle", (*exchange).handle},
	}
	afterTransaction = []stage{
		{"encode", (*exchange).encode},
	}
)

// serve runs the pipeline for one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) wire.Response {
	x := &exchange{server: s, writer: w, http: r, id: newID(), now: s.now(), start: time.Now()}
	x.match.Service = &unknownAPI
	defer x.release()
	x.startRequestSpan()
	err := x.process()
	if err != nil {
		err = x.encodeError(err)
	}
	x.record(err)
	return x.response
}

// process runs the stages up to encode, until one fails. A panic is a failure.
func (x *exchange) process() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := x.run(beforeTransaction); err != nil {
		return err
	}
	if err := x.transact(); err != nil {
		return err
	}
	return x.run(afterTransaction)
}

func (x *exchange) run(stages []stage) error {
	for _, stage := range stages {
		end := x.startSpan(stage.name)
		err := stage.run(x)
		end(err)
		if err != nil {
			return err
		}
	}
	return nil
}

// now returns the time of a request: in UTC and to the microsecond, as the store keeps it,
// so that a handler reads back the time that it wrote.
func (s *Server) now() time.Time { return s.clock.Now().UTC().Truncate(time.Microsecond) }

// reject returns an error that all services have, in the form of the requested service.
func (x *exchange) reject(e commonError, message string) error {
	return e.in(x.match.Service.Protocol, message)
}
