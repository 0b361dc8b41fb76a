package server

import (
	"context"
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
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
		e = internal.in(api.Protocol, "The request failed for a reason inside Writ; request id "+x.id+".")
		x.response = api.EncodeError(e, x.id)
		return err
	}
	if denial, ok := errors.AsType[*authz.Denial](err); ok {
		e = x.addMessage(e, denial)
	}
	x.response = api.EncodeError(e, x.id)
	return e
}

// maxMessage is the largest authorization message in bytes: some clients accept no more
// than 16 KiB of headers in all.
const maxMessage = 6 << 10

// addMessage adds the authorization message of a denial to its error, sealed for the
// caller's account, if it fits into a header.
func (x *exchange) addMessage(e *awserr.Error, d *authz.Denial) *awserr.Error {
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
