package wire

import (
	"net/http"
	"reflect"
)

// Operation is the wire side of one operation, its types erased. It is made
// by [API.Operation] and never changes.
type Operation struct {
	Service *Service
	Name    string       // "PutImagePolicy"
	Method  string       // "PUT"
	Path    string       // template, such as "/tags/{resourceArn}"
	In, Out reflect.Type // structs that carry the tags described in tags.go

	EmptyResult bool // as in API
}

// Operation erases the types of a and says which service it belongs to.
func (a API[In, Out]) Operation(s *Service) *Operation {
	return &Operation{
		Service: s,
		Name:    a.Name,
		Method:  a.Method,
		Path:    a.Path,
		In:      reflect.TypeFor[In](),
		Out:     reflect.TypeFor[Out](),

		EmptyResult: a.EmptyResult,
	}
}

// NewInput returns a pointer to a new, empty input of the operation.
func (op *Operation) NewInput() any { return reflect.New(op.In).Interface() }

// Response is an encoded answer, ready to be written. Its header holds the
// content type and the request id; the length and the date are left to the
// server.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// newResponse starts an answer in the protocol's content type.
func newResponse(p Protocol, status int, requestID string) Response {
	return Response{Status: status, Header: http.Header{
		"Content-Type":     {contentTypes[p]},
		"X-Amzn-Requestid": {requestID}, // in the canonical form that Header.Set would give it
	}}
}

// contentTypes are the content types of the answers, by protocol. The zero
// protocol is that of an unknown service.
var contentTypes = [...]string{
	0:        "application/json",
	RestJSON: "application/json",
	AWSJSON:  "application/x-amz-json-1.1",
	Query:    "text/xml",
}
