package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sigv4"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/internal/wire"
)

// exchange is one request on its way through the pipeline.
type exchange struct {
	server *Server
	http   *http.Request
	id     string
	now    time.Time

	body      []byte
	signature *sigv4.Signature // nil if the operation takes a request without one
	region    string           // that is called
	match     wire.Match
	op        servedOperation
	caller    identity.Caller
	input     any
}

// now is the time of a request: to the microsecond and without a place, as the
// store keeps it, so that what a handler makes is what it will read.
func (s *Server) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Microsecond) }

// nameless words the errors of a request before anybody knows what it meant.
var nameless = wire.Service{Protocol: wire.RestJSON}

// serve is the whole way of a request: each step either goes on or gives the
// error that is answered, in the shape of the service the request meant.
//
// One request is one transaction: the permission that was checked is the
// permission that held when the handler ran. What needs no state (signature,
// decoding, constraints) is done before, so that a writer never waits for it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) (answer wire.Response) {
	x := &exchange{server: s, http: r, id: newID(), now: s.now()}
	x.match.Service = &nameless
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
		if x.http.Header.Get("Expect") == "" { // else it waits to be asked for the body
			// A client that is still sending may not see the answer.
			_, _ = io.CopyN(io.Discard, x.http.Body, maxDrained)
		}
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
	if err == nil {
		x.op = x.server.operations[x.match.Operation]
	}
	switch {
	case unsigned == nil && !isRegion.MatchString(x.signature.Region):
		return x.refuse(wrongSignature, "Credential should be scoped to a valid region.")
	case unsigned == nil:
		x.region = x.signature.Region
	case err == nil && unsignedActions[x.op.row.Action] && isMissing(unsigned):
		x.region = unsignedRegion
	default:
		return unsigned
	}
	if mismatch, ok := errors.AsType[*wire.ScopeError](err); ok {
		return x.refuse(wrongSignature, "Credential should be scoped to correct service: '"+mismatch.Service.Name+"'.")
	}
	if err != nil && x.match.Service.Name == "" {
		return x.refuse(unknownService, fmt.Sprintf("Writ does not serve the service %q.", scope))
	}
	return err
}

// isRegion matches what can be the name of a region: it becomes a part of ARNs.
var isRegion = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// unsignedActions are those that need no signature: who calls them brings the
// word of an identity provider instead.
var unsignedActions = map[string]bool{"sts:AssumeRoleWithSAML": true, "sts:AssumeRoleWithWebIdentity": true}

// isMissing reports whether a request carries no signature at all, rather than a
// bad one.
func isMissing(err error) bool {
	sig, ok := errors.AsType[*sigv4.Error](err)
	return ok && sig.Reason == sigv4.Missing
}

// unsignedRegion is the region of a request whose signature does not name one:
// that of the global endpoint.
const unsignedRegion = "us-east-1"

// verify finds out who calls. An unknown key and a wrong secret take the same
// work, and only who knows the secret learns that a session has expired.
func (x *exchange) verify() error {
	if x.signature == nil {
		return nil // the zero Caller is the anonymous one
	}
	credential, unknown := x.credential()
	if unknown != nil && !errors.Is(unknown, identity.ErrUnknownKey) {
		return unknown
	}
	if err := x.signature.Verify(x.http, x.body, credential.Secret, x.now); err != nil && unknown == nil {
		return err
	}
	if unknown != nil {
		return unknown
	}
	x.caller = credential.Caller
	switch session := x.caller.Session; {
	case session != nil && session.Expired(x.now):
		return identity.ErrExpiredToken
	case !x.caller.Reaches(x.match.Service.Name):
		return identity.ErrUnknownKey
	case session == nil:
		x.server.keyUsage.Record(x.caller.AccessKeyID, identity.KeyUse{At: x.now, Service: x.signature.Service, Region: x.region})
	}
	return nil
}

// credential is what the access key in the signature stands for, if it is known.
func (x *exchange) credential() (c identity.Credential, err error) {
	partition, id, token := identity.PartitionOf(x.region), x.signature.AccessKeyID, x.signature.SessionToken
	directory := *x.server.cfg.Directory
	directory.Sandbox = directory.Sandbox && onLoopback(x.http)
	if token == "" {
		if c, ok := directory.SandboxCredential(partition, id); ok {
			if foreignName(x.http) {
				return c, x.refuse(accessDenied, "The sandbox credentials work under the names of this machine alone, and "+strconv.Quote(x.http.Host)+" is none.")
			}
			return c, nil
		}
	}
	err = x.server.cfg.Store.View(x.http.Context(), func(tx *store.Tx) (err error) {
		if token != "" {
			c, err = directory.SessionCredential(tx, id, token)
		} else {
			c, err = directory.Credential(tx, partition, id)
		}
		return err
	})
	return c, err
}

// onLoopback reports whether the request came in over a loopback address of
// this machine, or over no connection at all, as in a test of the handler.
func onLoopback(r *http.Request) bool {
	switch local := r.Context().Value(http.LocalAddrContextKey).(type) {
	case nil:
		return true
	case *net.TCPAddr:
		return local.IP.IsLoopback()
	}
	return false
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
	call := x.call()
	if x.op.row.Prepare != nil {
		call.Prepared = x.op.row.Prepare(&call, x.input)
	}
	err = run(x.http.Context(), func(tx *store.Tx) error {
		output, err = x.handle(call, tx)
		return err
	})
	return output, err
}

// call is the request as the service sees it, still without a transaction.
func (x *exchange) call() operation.Call {
	return operation.Call{
		Context:   x.http.Context(),
		Now:       x.now,
		RequestID: x.id,
		Partition: identity.PartitionOf(x.region),
		Region:    x.region,
		Caller:    x.caller,
		Directory: x.server.cfg.Directory,
		KeyUsage:  &x.server.keyUsage,
		NewID:     newID,
		Gate:      x.server.cfg.Gate,
		Keys:      x.requestKeys(),
	}
}

// handle is what happens inside the transaction. It may run more than once, each
// time with a call of its own.
func (x *exchange) handle(call operation.Call, tx *store.Tx) (any, error) {
	row, c := x.op.row, &call
	c.Tx = tx
	target, err := row.Target(c, x.input)
	if err != nil {
		return nil, err
	}
	if row.Access == operation.OwnerWrite && !x.caller.OwnsARN(target.ARN) {
		return nil, x.op.service.NotOwner
	}
	if err := c.Authorize(row.Action, target); err != nil {
		return nil, err
	}
	return row.Handle(c, x.input)
}

// requestKeys are the condition keys that every request has.
func (x *exchange) requestKeys() *authz.RequestKeys {
	return &authz.RequestKeys{
		Time: x.now, Region: x.requestedRegion(), Secure: x.http.TLS != nil,
		UserAgent: x.http.UserAgent(), RemoteAddr: x.http.RemoteAddr,
	}
}

// requestedRegion is the region that the request is made in, as policies see it:
// that of a global service's one endpoint, whatever the signature says.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
func (x *exchange) requestedRegion() string {
	if !x.op.service.Global {
		return x.region
	}
	switch identity.PartitionOf(x.region) {
	case "aws":
		return "us-east-1"
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	}
	return x.region
}

// refuse words a refusal in the protocol of the service that was meant.
func (x *exchange) refuse(c codes, message string) error {
	return refuse(x.match.Service.Protocol, c, message)
}

// maxMessage bounds an authorization message, since some clients take no more
// than 16 KiB of headers in all.
const maxMessage = 6 << 10

// explain adds the reasons of a denial to its error, sealed for the caller's
// account, if they fit into a header.
func (x *exchange) explain(e *awserr.Error, d *authz.Denial) *awserr.Error {
	for _, brief := range []bool{false, true} {
		text, err := d.Message(brief)
		if err != nil {
			x.server.cfg.Log.Error("authorization message", "request", x.id, "error", err)
			return e
		}
		if sealed := x.server.cfg.Directory.SealMessage(x.caller.Account(), text); len(sealed) <= maxMessage {
			explained := *e
			explained.Header = map[string]string{"X-Writ-Authorization-Message": sealed}
			return &explained
		}
	}
	return e
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
	if denial, ok := errors.AsType[*authz.Denial](err); ok {
		e = x.explain(e, denial)
	}
	return svc.EncodeError(e, x.id)
}
