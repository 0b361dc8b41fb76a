package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/service"
	"github.com/writdev/writ/internal/sigv4"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/wire"
	"github.com/writdev/writ/policy"
)

// exchange is one request on its way through the pipeline.
type exchange struct {
	server *Server
	http   *http.Request
	id     string
	now    time.Time

	body      []byte
	signature *sigv4.Signature
	match     wire.Match
	op        operation
	caller    identity.Caller
	input     any
}

// serve is the whole way of a request: each step either goes on or gives the
// error that is answered, in the shape of the service the request meant.
//
// One request is one transaction: the permission that was checked is the
// permission that held when the handler ran. What needs no state (signature,
// decoding, constraints) is done before, so that a writer never waits for it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) (answer wire.Response) {
	x := &exchange{server: s, http: r, id: newID(), now: s.cfg.Now()}
	x.match.Service = &wire.Service{Protocol: wire.RestJSON}
	defer func() {
		if p := recover(); p != nil {
			answer = x.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	select {
	case s.inFlight <- struct{}{}:
		defer func() { <-s.inFlight }()
	default:
		return x.fail(x.refuseUnread(unavailable, "Too many requests are being served; try again."))
	}
	for _, step := range []func() error{
		func() error { return x.read(w) },
		x.route,
		x.verify,
		x.decode,
	} {
		if err := step(); err != nil {
			return x.fail(err)
		}
	}
	output, err := x.transact()
	if err != nil {
		return x.fail(err)
	}
	answer, err = x.op.row.Wire.Encode(output, x.id)
	if err != nil {
		return x.fail(err)
	}
	return answer
}

// read takes the signature's claims and the body in, within the limits.
func (x *exchange) read(w http.ResponseWriter) error {
	if x.http.ContentLength > maxBody {
		return x.refuseUnread(tooLarge, "The request body is larger than 1 MiB.")
	}
	body, err := readAll(http.MaxBytesReader(w, x.http.Body, maxBody), x.http.ContentLength)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return x.refuseUnread(tooLarge, "The request body is larger than 1 MiB.")
		}
		return x.refuseUnread(unreadable, "The request body could not be read to its end.")
	}
	x.body = body
	return nil
}

// refuseUnread words a refusal of a request whose body was not read: its
// headers alone say which service it meant.
func (x *exchange) refuseUnread(c codes, message string) error {
	scope := ""
	if signature, err := sigv4.Parse(x.http); err == nil {
		scope = signature.Service
	}
	x.match, _ = x.server.router.Route(x.http, nil, scope)
	return x.refuse(c, message)
}

// readAll reads r to its end; size is its length if that is known, else -1.
func readAll(r io.Reader, size int64) ([]byte, error) {
	if size < 0 {
		return io.ReadAll(r)
	}
	body := make([]byte, size)
	_, err := io.ReadFull(r, body)
	return body, err
}

// route finds the operation, or who shall word the error. An unsigned request
// learns that it is unsigned before it learns which operations there are.
func (x *exchange) route() error {
	if fromBrowserPage(x.http) {
		return x.refuse(accessDenied, "Requests from browser pages of other origins are refused.")
	}
	var unsigned error
	x.signature, unsigned = sigv4.Parse(x.http)
	scope := ""
	if unsigned == nil {
		scope = x.signature.Service
	}
	var err error
	x.match, err = x.server.router.Route(x.http, x.body, scope)
	if unsigned != nil {
		return unsigned
	}
	if mismatch, ok := errors.AsType[*wire.ScopeError](err); ok {
		return x.refuse(wrongSignature, "Credential should be scoped to correct service: '"+mismatch.Service.Name+"'.")
	}
	if err != nil && x.match.Service.Name == "" {
		return awserr.New("UnknownOperationException", http.StatusNotFound, "Writ does not serve the service %q.", scope)
	}
	if err == nil {
		x.op = x.server.operations[x.match.Operation]
	}
	return err
}

// verify finds out who calls. An unknown key and a wrong secret take the same
// work.
func (x *exchange) verify() error {
	s := x.server
	directory := *s.cfg.Directory
	directory.Sandbox = directory.Sandbox && onLoopback(x.http)
	var credential identity.Credential
	err := s.cfg.Store.View(x.http.Context(), func(tx *store.Tx) (err error) {
		credential, err = directory.Credential(tx, identity.PartitionOf(x.signature.Region), x.signature.AccessKeyID)
		return err
	})
	known := err
	if err != nil && !errors.Is(err, identity.ErrUnknownKey) {
		return err
	}
	if err := x.signature.Verify(x.http, x.body, credential.Secret, x.now); err != nil && known == nil {
		return err
	}
	if known != nil {
		return known
	}
	if x.signature.SessionToken != "" {
		return identity.ErrUnknownKey // no session tokens are issued yet, so none is valid
	}
	x.caller = credential.Caller
	return nil
}

// onLoopback reports whether the request came in over a loopback address of
// this machine, or over no connection at all, as in a test of the handler.
func onLoopback(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return !ok || loopback(local.String())
}

// decode reads the input and checks it against the model.
func (x *exchange) decode() error {
	x.input = x.op.row.Wire.NewInput()
	return x.match.Decode(x.http, x.body, x.input)
}

// transact authorizes and handles the call in one transaction.
func (x *exchange) transact() (output any, err error) {
	run := x.server.cfg.Store.View
	if x.op.row.Writes() {
		run = x.server.cfg.Store.Update
	}
	err = run(x.http.Context(), func(tx *store.Tx) error {
		output, err = x.handle(tx)
		return err
	})
	return output, err
}

// handle is what happens inside the transaction. It may run more than once.
func (x *exchange) handle(tx *store.Tx) (any, error) {
	row := x.op.row
	call := &service.Call{
		Context:   x.http.Context(),
		Tx:        tx,
		Now:       x.now,
		RequestID: x.id,
		Partition: identity.PartitionOf(x.signature.Region),
		Region:    x.signature.Region,
		Caller:    x.caller,
		NewID:     newID,
		Gate:      x.server.cfg.Gate,
		Keys:      x.conditionKeys,
	}
	target, err := row.Target(call, x.input)
	if err != nil {
		return nil, err
	}
	if row.Access == service.OwnerWrite && !x.caller.OwnsARN(target.ARN) {
		return nil, x.op.service.NotOwner
	}
	if err := call.Authorize(row.Action, target); err != nil {
		return nil, err
	}
	return row.Handle(call, x.input)
}

// conditionKeys sets the condition keys that every request has.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (x *exchange) conditionKeys(c *policy.Context) {
	c.Set("aws:CurrentTime", x.now.UTC().Format(time.RFC3339))
	c.Set("aws:EpochTime", strconv.FormatInt(x.now.Unix(), 10))
	c.Set("aws:RequestedRegion", x.signature.Region)
	c.Set("aws:SecureTransport", strconv.FormatBool(x.http.TLS != nil))
	c.Set("aws:UserAgent", x.http.UserAgent())
	if host, _, err := net.SplitHostPort(x.http.RemoteAddr); err == nil {
		c.Set("aws:SourceIp", host)
	}
}

// refuse words a refusal in the protocol of the service that was meant.
func (x *exchange) refuse(c codes, message string) error {
	return refuse(x.match.Service.Protocol, c, message)
}

// fail answers an error. What a client may not see is logged, and answered as
// an internal failure with the request id.
func (x *exchange) fail(err error) wire.Response {
	svc, log := x.match.Service, x.server.cfg.Log
	e := failure(svc.Protocol, err)
	switch {
	case e == nil && errors.Is(err, context.Canceled):
		e = refuse(svc.Protocol, unavailable, "The client went away.")
	case e == nil:
		log.Error("internal failure", "request", x.id, "error", err)
		e = refuse(svc.Protocol, internal, "The request failed for a reason inside Writ; request id "+x.id+".")
	default:
		log.Debug("refused", "request", x.id, "code", e.Code, "message", e.Message)
	}
	return svc.EncodeError(e, x.id)
}
