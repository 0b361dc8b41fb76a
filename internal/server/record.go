package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/trail"
)

// record logs the request, records its decisions and ends its span. err is nil if it succeeded, an
// *awserr.Error if the client received that, and otherwise the cause of an internal
// failure.
func (x *exchange) record(err error) {
	log := x.server.cfg.Log
	e, public := errors.AsType[*awserr.Error](err)
	code := ""
	switch {
	case public:
		code = e.Code
	case err != nil:
		code = "InternalFailure"
	}
	x.recordDecisions(code)
	x.server.metrics.observe(x, code)
	x.endRequestSpan(code)
	switch {
	case err != nil && !public:
		log.Error("internal failure", "request", x.id, "error", err)
	case !log.Enabled(x.http.Context(), slog.LevelDebug):
	case public: // without the message, which may quote a value
		log.Debug("rejected", "request", x.id, "operation", x.action(), "code", e.Code, "latency", time.Since(x.start))
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

// recordDecisions records the decisions of the gate, appends them to the audit file and
// logs a denial. A request that did not reach the gate has no record. errorCode is that
// of the response; "" for none.
func (x *exchange) recordDecisions(errorCode string) {
	if x.call == nil || len(x.call.Decisions) == 0 {
		return
	}
	cfg := &x.server.cfg
	entry := x.entry()
	entry.ErrorCode = errorCode
	cfg.Ring.Add(entry)
	if err := x.audit(entry); err != nil {
		cfg.Log.Error("audit", "request", x.id, "error", err)
	}
	if entry.Denial() != nil {
		sentence, layer := entry.Denied()
		cfg.Log.Warn(string(entry.Outcome())+": "+sentence, "layer", layer, "explain", "writ explain "+x.id)
	}
}

// audit appends the request to the audit file, unless its transaction did and that line
// is still valid.
func (x *exchange) audit(e *trail.Entry) error {
	cfg := &x.server.cfg
	switch {
	case cfg.Audit == nil:
		return nil
	case !cfg.AuditRequired:
		return cfg.Audit.Add(e)
	}
	return x.auditNow(e)
}

// auditNow appends the request to the audit file. If it has a line already, because its
// transaction ran again or was not committed, the new line replaces it, and is omitted if
// it is equal.
func (x *exchange) auditNow(e *trail.Entry) error {
	if x.audited != nil {
		if e.EqualLines(x.audited) {
			return nil
		}
		replacement := *e
		replacement.Replaces = true
		e = &replacement
	}
	if err := x.server.cfg.Audit.Write(e); err != nil {
		return err
	}
	x.audited = e
	return nil
}

// auditBeforeCommit appends the request to the audit file inside its transaction if lines
// are required, so that a request that cannot be recorded is not committed.
func (x *exchange) auditBeforeCommit() error {
	cfg := &x.server.cfg
	if !cfg.AuditRequired || cfg.Audit == nil || len(x.call.Decisions) == 0 {
		return nil
	}
	if err := x.auditNow(x.entry()); err != nil {
		return fmt.Errorf("record the request before it is committed: %w", err)
	}
	return nil
}

func (x *exchange) entry() *trail.Entry {
	return &trail.Entry{
		ID: x.id, Time: x.now, Latency: time.Since(x.start), Operation: x.action(),
		Audit: x.server.cfg.Gate.Mode == authz.Audit, NotOwner: x.notOwner, Decisions: x.call.Decisions,
	}
}

// recordURL is the address of the request's record.
func (x *exchange) recordURL() string {
	u := url.URL{Scheme: "http", Host: x.http.Host, Path: x.server.cfg.Path + "/_writ/decisions/" + x.id}
	if x.http.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}
