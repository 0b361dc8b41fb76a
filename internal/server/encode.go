package server

import (
	"context"
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/store"
)

// encode encodes the output as the response.
func (x *exchange) encode() (err error) {
	x.response, err = x.op.row.Wire.Encode(x.output, x.id)
	return err
}

// encodeError encodes an error as the response. It returns what record logs: the error that
// the client received, or the cause of an internal failure, which the client must not see.
func (x *exchange) encodeError(err error) error {
	api := x.match.Service
	e := publicError(api.Protocol, err)
	if e == nil && errors.Is(err, context.Canceled) {
		e = unavailable.in(api.Protocol, "The client closed the connection.")
	}
	if e == nil {
		e = internal.in(api.Protocol, internalCause(err)+"; request id "+x.id+".")
		x.response = api.EncodeError(e, x.id)
		return err
	}
	if denial, ok := errors.AsType[*authz.Denial](err); ok {
		e = x.addReasons(e, denial)
	}
	x.response = api.EncodeError(e, x.id)
	return e
}

// internalCause is what the client may see of the cause of an internal failure: the log has
// the rest.
func internalCause(err error) string {
	switch {
	case store.IsFull(err):
		return "The disk that holds Writ's data is full"
	case errors.Is(err, store.ErrDiskFailed):
		return "The disk that holds Writ's data failed, and Writ stores nothing until it is started again"
	case errors.Is(err, store.ErrDamaged):
		return "The data of Writ is damaged"
	}
	return "The request failed for a reason inside Writ"
}

// maxMessage is the largest authorization message in bytes: some clients accept no more
// than 16 KiB of headers in all.
const maxMessage = 6 << 10

// addReasons adds to the error of a denial the address of its record, and its
// authorization message, sealed for the caller's account, if it fits into a header.
func (x *exchange) addReasons(e *awserr.Error, d *authz.Denial) *awserr.Error {
	explained := *e
	explained.Header = map[string]string{}
	if x.server.cfg.Ring != nil {
		explained.Header["X-Writ-Decision"] = x.recordURL()
	}
	for _, brief := range []bool{false, true} {
		text, err := d.Message(brief)
		if err != nil {
			x.server.cfg.Log.Error("authorization message", "request", x.id, "error", err)
			break
		}
		if sealed := x.server.cfg.Directory.SealMessage(x.caller.Account(), text); len(sealed) <= maxMessage {
			explained.Header["X-Writ-Authorization-Message"] = sealed
			break
		}
	}
	return &explained
}
