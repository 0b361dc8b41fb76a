package server

import (
	"errors"
	"io"
	"net/http"

	"github.com/writdev/writ/internal/sigv4"
)

// Limits of one request, before it is parsed.
const (
	MaxHeader   = 64 << 10 // bytes of the header block; for http.Server.MaxHeaderBytes
	maxBody     = 1 << 20  // bytes
	maxDrained  = 4 << 20  // maximum length of a larger body that is read and discarded
	maxInFlight = 1024     // requests in progress at one time
)

// limit rejects a request that is one too many or too large, and reads its body.
func (x *exchange) limit() error {
	select {
	case x.server.inFlight <- struct{}{}:
		x.admitted = true
	default:
		return x.rejectUnread(unavailable, "Too many requests are being served; try again.")
	}
	if x.http.ContentLength > maxBody {
		if x.http.Header.Get("Expect") == "" { // with this header the client waits before it sends the body
			// A client that is still sending may not see the response.
			_, _ = io.CopyN(io.Discard, x.http.Body, maxDrained)
		}
		return x.rejectUnread(tooLarge, "The request body is larger than 1 MiB.")
	}
	body, err := readAll(http.MaxBytesReader(x.writer, x.http.Body, maxBody), x.http.ContentLength)
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return x.rejectUnread(tooLarge, "The request body is larger than 1 MiB.")
		}
		return x.rejectUnread(unreadable, "The request body could not be read to its end.")
	}
	x.body = body
	return nil
}

// release frees the slot that limit took.
func (x *exchange) release() {
	if x.admitted {
		<-x.server.inFlight
	}
}

// rejectUnread rejects a request whose body was not read: only its headers can identify
// the service.
func (x *exchange) rejectUnread(e commonError, message string) error {
	scope := ""
	if signature, err := sigv4.Parse(x.http); err == nil {
		scope = signature.Service
	}
	x.match, _ = x.server.router.Route(x.http, nil, scope)
	return x.reject(e, message)
}

// readAll reads r to its end; size is its length, or -1 if it is unknown.
func readAll(r io.Reader, size int64) ([]byte, error) {
	if size < 0 {
		return io.ReadAll(r)
	}
	body := make([]byte, size)
	_, err := io.ReadFull(r, body)
	return body, err
}
