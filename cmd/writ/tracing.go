package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/writdev/writ"
)

// tracingTimeout limits how long the last spans may take to be sent.
const tracingTimeout = 5 * time.Second

// newTracer returns the tracer that the variables OTEL_* ask for, and a function that sends
// the last spans; the tracer is nil without OTEL_EXPORTER_OTLP_ENDPOINT,
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and OTEL_TRACES_EXPORTER. The exporter, the sampler and
// the batches read the other variables themselves.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func newTracer(getenv func(string) string) (trace.Tracer, func(*slog.Logger), error) {
	none := func(*slog.Logger) {}
	exporter := getenv("OTEL_TRACES_EXPORTER")
	wanted := exporter != "" || getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	if !wanted || exporter == "none" || getenv("OTEL_SDK_DISABLED") == "true" {
		return nil, none, nil
	}
	if exporter != "" && exporter != "otlp" {
		return nil, nil, fmt.Errorf("OTEL_TRACES_EXPORTER is %q; want otlp or none", exporter)
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := getenv(name); protocol != "" && protocol != "http/protobuf" {
			return nil, nil, fmt.Errorf("%s is %q; want http/protobuf", name, protocol)
		}
	}
	ctx := context.Background()
	client, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	described, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "writ"), attribute.String("service.version", writ.Version)),
		resource.WithFromEnv())
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(client), sdktrace.WithResource(described))
	end := func(log *slog.Logger) {
		ctx, cancel := context.WithTimeout(ctx, tracingTimeout)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.Warn("send the last traces", "error", err)
		}
	}
	return provider.Tracer("github.com/writdev/writ"), end, nil
}
