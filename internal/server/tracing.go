package server

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// span is the span of a stage or of a whole request. The zero span records nothing: most
// servers have no tracer.
type span struct{ trace.Span }

// startRequestSpan starts the span of the request, in the trace that its header
// traceparent names. endRequestSpan sets its attributes.
func (x *exchange) startRequestSpan() {
	if x.server.cfg.Tracer == nil {
		return
	}
	ctx := propagation.TraceContext{}.Extract(x.http.Context(), propagation.HeaderCarrier(x.http.Header))
	ctx, started := x.server.cfg.Tracer.Start(ctx, x.http.Method, trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(x.start))
	x.tracing, x.span = ctx, span{started}
}

// startSpan starts the span of a stage. The returned function ends it and makes its parent
// the current span again.
func (x *exchange) startSpan(name string) (end func(error)) {
	if x.tracing == nil {
		return func(error) {}
	}
	parent := x.tracing
	ctx, started := x.server.cfg.Tracer.Start(parent, name)
	x.tracing = ctx
	return func(err error) {
		span{started}.end(err != nil)
		x.tracing = parent
	}
}

// end ends the span. What failed is not recorded, because a message may quote a value of
// the request; the request's span has the error code.
func (s span) end(failed bool) {
	if s.Span == nil {
		return
	}
	if failed {
		s.SetStatus(codes.Error, "")
	}
	s.End()
}

// endRequestSpan ends the span of the request. Names of attributes are those of
// OpenTelemetry where it has one.
// https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/
func (x *exchange) endRequestSpan(errorCode string) {
	s := x.span
	if s.Span == nil {
		return
	}
	attributes := []attribute.KeyValue{
		attribute.String("aws.request_id", x.id),
		attribute.Int("http.response.status_code", x.response.Status),
	}
	add := func(key, value string) {
		if value != "" {
			attributes = append(attributes, attribute.String(key, value))
		}
	}
	if service, operation, known := strings.Cut(x.action(), ":"); known {
		s.SetName(x.action())
		add("rpc.system", "aws-api")
		add("rpc.service", service)
		add("rpc.method", operation)
	}
	add("cloud.region", x.region)
	add("cloud.account.id", x.caller.Account())
	add("error.type", errorCode)
	add("writ.world", x.server.cfg.World)
	if x.call != nil && len(x.call.Decisions) > 0 {
		e := x.entry()
		add("writ.decision.outcome", string(e.Outcome()))
		if e.Denial() != nil {
			_, layer := e.Denied()
			add("writ.decision.denied_by", layer)
		}
	}
	s.SetAttributes(attributes...)
	s.end(x.response.Status >= http.StatusInternalServerError)
}

// requestContext is the context of the request's transaction, with the current span.
func (x *exchange) requestContext() context.Context {
	if x.tracing != nil {
		return x.tracing
	}
	return x.http.Context()
}
