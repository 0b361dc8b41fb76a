package wire

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
)

// Operation is an operation of an API without its Go types. It is created by
// [NewOperation] and immutable.
type Operation struct {
	Service *Service
	Name    string       // "PutImagePolicy"
	Method  string       // "PUT"
	Path    string       // template, such as "/tags/{resourceArn}"
	In, Out reflect.Type // structs with the tags described in tags.go

	EmptyResult bool // as in API
}

// NewOperation returns the operation of s that an API describes, without its types.
func NewOperation[In, Out any](s *Service, a API[In, Out]) *Operation {
	return &Operation{
		Service: s,
		Name:    a.Name,
		Method:  a.Method,
		Path:    a.Path,
		In:      reflect.TypeFor[In]().Elem(),
		Out:     reflect.TypeFor[Out]().Elem(),

		EmptyResult: a.EmptyResult,
	}
}

// Compile compiles the types of the operation, with every pattern of its input, and
// returns the first error in a tag. Without it they are compiled at first use, since a
// server starts faster so; the tests call it for each operation.
func (op *Operation) Compile() error {
	in, err := planOf(op.In)
	if err != nil {
		return err
	}
	if _, err := planOf(op.Out); err != nil {
		return err
	}
	for _, f := range in.fields {
		if f.location == inURI && !strings.Contains(op.Path, "{"+f.name+"}") {
			return fmt.Errorf("%q has no label {%s}", op.Path, f.name)
		}
	}
	return in.compilePatterns(map[*structPlan]bool{})
}

// NewInput returns a pointer to a new, empty input of the operation.
func (op *Operation) NewInput() any { return reflect.New(op.In).Interface() }

// Response is an encoded response. Its header has the content type and the request id;
// the server adds the length and the date.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// newResponse returns a response with the protocol's content type.
func newResponse(p Protocol, status int, requestID string) Response {
	return Response{Status: status, Header: http.Header{
		"Content-Type":     {contentTypes[p]},
		"X-Amzn-Requestid": {requestID}, // in the canonical form that Header.Set would give it
	}}
}

// contentTypes are the content types of responses, by protocol. The zero protocol is for
// unknown services.
var contentTypes = [...]string{
	0:        "application/json",
	RestJSON: "application/json",
	AWSJSON:  "application/x-amz-json-1.1",
	Query:    "text/xml",
}
