package server

import (
	"errors"
	"log/slog"
	"time"

	"github.com/writdev/writ/internal/awserr"
)

// record logs the request. err is nil if it succeeded, an *awserr.Error if the client
// received that, and else the cause of an internal failure.
func (x *exchange) record(err error) {
	log := x.server.cfg.Log
	e, public := errors.AsType[*awserr.Error](err)
	switch {
	case err != nil && !public:
		log.Error("internal failure", "request", x.id, "error", err)
	case !log.Enabled(x.http.Context(), slog.LevelDebug):
	case public:
		log.Debug("rejected", "request", x.id, "operation", x.action(), "code", e.Code, "message", e.Message, "latency", time.Since(x.start))
	default:
		log.Debug("served", "request", x.id, "operation", x.action(), "latency", time.Since(x.start))
	}
}

// action returns the IAM action of the operation, or "" before it is known.
func (x *exchange) action() string {
	if x.op.row == nil {
		return ""
	}
	return x.op.row.Action
}
