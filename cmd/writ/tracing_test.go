package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// TestTracesAreSent sends a span to a collector, and finds it there with the service's name.
func TestTracesAreSent(t *testing.T) {
	received := make(chan *collector.ExportTraceServiceRequest, 1)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		request := new(collector.ExportTraceServiceRequest)
		if err == nil {
			err = proto.Unmarshal(body, request)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		received <- request
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	defer endpoint.Close()
	variables := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint.URL, "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=ci"}
	for name, value := range variables {
		t.Setenv(name, value)
	}
	tracer, end, err := newTracer(func(name string) string { return variables[name] })
	if err != nil || tracer == nil {
		t.Fatal(tracer, err)
	}
	_, span := tracer.Start(t.Context(), "ssm:GetParameter")
	span.End()
	end(slog.New(slog.DiscardHandler))
	resource := (<-received).ResourceSpans[0]
	var attributes []string
	for _, a := range resource.Resource.Attributes {
		attributes = append(attributes, a.Key+"="+a.Value.GetStringValue())
	}
	for _, want := range []string{"service.name=writ", "deployment.environment=ci"} {
		if !slices.Contains(attributes, want) {
			t.Errorf("no %s in %v", want, attributes)
		}
	}
	if got := resource.ScopeSpans[0].Spans[0].Name; got != "ssm:GetParameter" {
		t.Errorf("span %s", got)
	}
}

func TestTracerOfVariables(t *testing.T) {
	for _, c := range []struct {
		variables map[string]string
		traced    bool
		fails     string
	}{
		{nil, false, ""},
		{map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, false, ""},
		{map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, false, ""},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true, ""},
		{map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, false, "want otlp or none"},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, "want http/protobuf"},
	} {
		tracer, end, err := newTracer(func(name string) string { return c.variables[name] })
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%v: error %v", c.variables, err)
			}
			continue
		}
		if err != nil || (tracer != nil) != c.traced {
			t.Errorf("%v: tracer %v, error %v", c.variables, tracer, err)
			continue
		}
		end(slog.New(slog.DiscardHandler))
	}
}
