package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/writdev/writ/internal/awserr"
)

// The services of the tests, one per protocol, with the shapes that matter.

var (
	restService  = Service{Name: "rest", Protocol: RestJSON, Version: "2020-01-01"}
	jsonService  = Service{Name: "json", Protocol: AWSJSON, TargetPrefix: "Json"}
	queryService = Service{Name: "query", Protocol: Query, Version: "2010-05-08", Namespace: "https://query.example/doc/"}
)

type color string

// sample has a member of every kind, and constraints of every kind.
type sample struct {
	Name     string            `wire:"Name,required" check:"min=1 max=8" pattern:"^[a-zé]+$"`
	Color    color             `wire:"Color,required" enum:"red|green"`
	Count    *int              `wire:"Count" check:"min=1 max=25"`
	Long     *int64            `wire:"Long"`
	Ratio    *float64          `wire:"Ratio" check:"min=0 max=100"`
	On       *bool             `wire:"On"`
	At       *time.Time        `wire:"At"`
	Blob     []byte            `wire:"Blob" check:"max=4"`
	Keys     []string          `wire:"Keys" check:"max=3" elem:"min=1 max=4" elempattern:"^(?!aws:)[a-zA-Z+-=._:/]+$"`
	Tags     map[string]string `wire:"Tags" keys:"min=1 max=4" elem:"max=4"`
	Filters  []filter          `wire:"Filters" check:"min=1"`
	Nested   *sampleTree       `wire:"Nested"`
	Password *string           `wire:"Password,sensitive" check:"min=8"`
	Small    *int32            `wire:"Small"`
}

type filter struct {
	Key    string   `wire:"Key,required" check:"min=1"`
	Values []string `wire:"Values"`
}

type sampleTree struct {
	Leaf *string      `wire:"Leaf"`
	Left *sampleTree  `wire:"Left"`
	More []sampleTree `wire:"More"`
}

// bound has a member in each place of an HTTP request.
type bound struct {
	ARN    string            `wire:"resourceArn,uri,required" check:"max=80"`
	Keys   []string          `wire:"tagKeys,query"`
	Max    *int              `wire:"maxResults,query" check:"min=1 max=25"`
	Token  *string           `wire:"nextToken,query"`
	Since  *time.Time        `wire:"since,query"`
	Digest *string           `wire:"x-amz-digest,header"`
	Dates  []time.Time       `wire:"x-amz-dates,header,ts=iso8601"`
	Meta   map[string]string `wire:"x-amz-meta-,headers"`
	Policy *string           `wire:"policy"`
}

// document has a payload, and takes whatever parameters there are.
type document struct {
	Kind  *string           `wire:"kind,query"`
	Rest  map[string]string `wire:",query"`
	Entry *filter           `wire:"entry,payload"`
}

// note has a text for a payload.
type note struct {
	Title string  `wire:"title,query,required"`
	Text  *string `wire:"text,payload" check:"max=4"`
}

type policyInput struct {
	ImageARN string `wire:"imageArn,required" check:"max=200" pattern:"^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):image/[a-z0-9-_]+/[0-9]+\\.[0-9]+\\.[0-9]+/[0-9]+$"`
	Policy   string `wire:"policy,required" check:"min=1 max=30000"`
}

type policyOutput struct {
	RequestID *string `wire:"requestId"`
	Policy    *string `wire:"policy"`
}

var (
	restPut  = NewOperation(&restService, API[*policyInput, *policyOutput]{Name: "PutImagePolicy", Method: "PUT", Path: "/PutImagePolicy"})
	restTag  = NewOperation(&restService, API[*bound, *policyOutput]{Name: "TagResource", Method: "POST", Path: "/tags/{resourceArn}"})
	restGet  = NewOperation(&restService, API[*bound, *struct{}]{Name: "ListTags", Method: "GET", Path: "/tags/{resourceArn}"})
	restDoc  = NewOperation(&restService, API[*document, *note]{Name: "PutDocument", Method: "PUT", Path: "/document"})
	restNote = NewOperation(&restService, API[*note, *document]{Name: "PutNote", Method: "PUT", Path: "/note"})
	jsonPut  = NewOperation(&jsonService, API[*sample, *sample]{Name: "Put", Method: "POST", Path: "/"})
	queryPut = NewOperation(&queryService, API[*sample, *sample]{Name: "Put", Method: "POST", Path: "/"})
	queryDel = NewOperation(&queryService, API[*sample, *struct{}]{Name: "Delete", Method: "POST", Path: "/"})
	queryTag = NewOperation(&queryService, API[*sample, *struct{}]{Name: "Tag", Method: "POST", Path: "/", EmptyResult: true})
)

func testRouter(t testing.TB) *Router {
	t.Helper()
	rt, err := NewRouter(restPut, restTag, restGet, restDoc, restNote, jsonPut, queryPut, queryDel)
	if err != nil {
		t.Fatal(err)
	}
	return rt
}

// jsonRequest is a request for the Put operation of the JSON service.
func jsonRequest() *http.Request {
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("X-Amz-Target", "Json.Put")
	return r
}

// formRequest is a request with a form.
func formRequest() *http.Request {
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r
}

// decode routes and decodes a request.
func decode(t testing.TB, r *http.Request, body string) (any, error) {
	t.Helper()
	m, err := testRouter(t).Route(r, []byte(body), "")
	if err != nil {
		return nil, err
	}
	in := m.Operation.NewInput()
	return in, m.Decode(r, []byte(body), in)
}

// wantError checks the code of an error and a part of its message.
func wantError(t *testing.T, err error, code, part string) {
	t.Helper()
	e, ok := errors.AsType[*awserr.Error](err)
	if !ok {
		t.Fatalf("got %v, want an *awserr.Error", err)
	}
	if e.Code != code || !strings.Contains(e.Message, part) {
		t.Errorf("got  %s\nwant %s: ...%s...", e, code, part)
	}
}
