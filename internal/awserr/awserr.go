// Package awserr holds the one error type that reaches a client.
//
// A handler returns an *Error made by a constructor generated from the API
// model (or one of the few here that all services share); any other error
// becomes the protocol's internal failure, is logged, and is never shown.
// How an Error looks on the wire is the business of package wire.
package awserr

import "fmt"

// Error is a modelled exception: what a client sees of a failed request.
type Error struct {
	// Code is the wire code, such as "ResourceNotFoundException" or "NoSuchEntity".
	Code string
	// Status is the HTTP status.
	Status int
	// Message is the sentence for the reader.
	Message string
	// Fields are further members of a modelled exception, by wire name.
	Fields map[string]any
	// MessageMember is the JSON member that carries Message; "" means "message".
	MessageMember string
	// Header are extra response headers, such as Allow.
	Header map[string]string
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Sender reports whether the caller caused the error.
func (e *Error) Sender() bool { return e.Status < 500 }

// With returns a copy of e that carries one more member.
func (e *Error) With(member string, value any) *Error {
	c := *e
	c.Fields = make(map[string]any, len(e.Fields)+1)
	for k, v := range e.Fields {
		c.Fields[k] = v
	}
	c.Fields[member] = value
	return &c
}

// New makes an Error from a code, an HTTP status and a formatted message.
func New(code string, status int, format string, args ...any) *Error {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return &Error{Code: code, Status: status, Message: format}
}
