package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// traced starts a server that keeps its spans.
func traced(t *testing.T) (*writtest.Server, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	return writtest.NewFromConfig(t, writ.Config{Tracer: provider.Tracer("test")}), spans
}

// attributesOf returns the attributes of a span, without the request id.
func attributesOf(s sdktrace.ReadOnlySpan) map[string]string {
	all := map[string]string{}
	for _, a := range s.Attributes() {
		if a.Key != "aws.request_id" {
			all[string(a.Key)] = a.Value.String()
		}
	}
	return all
}

func TestTracing(t *testing.T) {
	s, recorder := traced(t)
	client := ssm.NewFromConfig(s.Config(alice))
	_, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("x"), Value: aws.String("marker-value"), Type: ssmtypes.ParameterTypeString},
		ssm.WithAPIOptions(smithyhttp.AddHeaderValue("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")))
	if err != nil {
		t.Fatal(err)
	}
	spans := recorder.Ended()
	request := spans[len(spans)-1]
	if got := request.SpanContext().TraceID().String(); got != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("trace %s is not the client's", got)
	}
	if got := request.Parent().SpanID().String(); got != "b7ad6b7169203331" {
		t.Errorf("parent %s is not the client's", got)
	}
	want := map[string]string{
		"rpc.system": "aws-api", "rpc.service": "ssm", "rpc.method": "PutParameter", "http.response.status_code": "200",
		"cloud.region": "us-east-1", "cloud.account.id": alice, "writ.decision.outcome": "allowed",
	}
	if diff := cmp.Diff(want, attributesOf(request)); diff != "" || request.Name() != "ssm:PutParameter" {
		t.Errorf("span %s (-want +got):\n%s", request.Name(), diff)
	}
	var tree []string
	for _, child := range spans[:len(spans)-1] {
		parent := slices.IndexFunc(spans, func(p sdktrace.ReadOnlySpan) bool { return p.SpanContext().SpanID() == child.Parent().SpanID() })
		tree = append(tree, spans[parent].Name()+" > "+child.Name())
	}
	wantTree := []string{
		"ssm:PutParameter > limit", "ssm:PutParameter > route", "ssm:PutParameter > verify signature",
		"ssm:PutParameter > decode and check constraints", "ssm:PutParameter > do what is due",
		"transaction > authorize", "transaction > handle", "ssm:PutParameter > transaction", "ssm:PutParameter > encode",
	}
	if diff := cmp.Diff(wantTree, tree); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}

func TestTracingOfDenial(t *testing.T) {
	s, recorder := traced(t)
	arn := "arn:aws:ssm:us-east-1:" + alice + ":parameter/marker-name"
	if _, err := ssm.NewFromConfig(s.Config(bob)).GetParameter(t.Context(), &ssm.GetParameterInput{Name: &arn}); err == nil {
		t.Fatal("bob may read it")
	}
	spans := recorder.Ended()
	want := map[string]string{
		"rpc.system": "aws-api", "rpc.service": "ssm", "rpc.method": "GetParameter", "http.response.status_code": "400",
		"cloud.region": "us-east-1", "cloud.account.id": bob, "error.type": "AccessDeniedException",
		"writ.decision.outcome": "denied", "writ.decision.denied_by": "resource",
	}
	if diff := cmp.Diff(want, attributesOf(spans[len(spans)-1])); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	authorize := slices.IndexFunc(spans, func(s sdktrace.ReadOnlySpan) bool { return s.Name() == "authorize" })
	if authorize < 0 || spans[authorize].Status().Code != codes.Error {
		t.Error("the stage that denied has no error")
	}
	for _, span := range spans {
		if text := fmt.Sprint(span.Name(), span.Attributes(), span.Events(), span.Status()); strings.Contains(text, "marker") {
			t.Errorf("a span quotes the request: %s", text)
		}
	}
}

// TestTracingOfUnknownRequest: a request that no operation matches has a span, too.
func TestTracingOfUnknownRequest(t *testing.T) {
	s, recorder := traced(t)
	resp, err := http.Get(s.URL + "/nothing")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	spans := recorder.Ended()
	if len(spans) == 0 || spans[len(spans)-1].Name() != "GET" {
		t.Fatalf("%d spans", len(spans))
	}
}
