package server

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/sigv4"
	"github.com/writdev/writ/internal/wire"
	"github.com/writdev/writ/policy"
)

// commonError is an error that all services have, as each protocol names it. The query
// protocol has short codes; the JSON protocols have exception names, awsJson1_1 always with
// status 400. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
type commonError struct{ query, awsJSON, restJSON code }

// code is an error code with its HTTP status.
type code struct {
	name   string
	status int
}

// in returns the error in the protocol p.
func (e commonError) in(p wire.Protocol, message string) *awserr.Error {
	c := e.restJSON
	switch p {
	case wire.Query:
		c = e.query
	case wire.AWSJSON:
		c = e.awsJSON
	}
	return awserr.New(c.name, c.status, "%s", message)
}

// exception returns the most frequent form: one exception name, with status 400 and 403.
func exception(query code, name string) commonError {
	return commonError{query, code{name, 400}, code{name, 403}}
}

var (
	missingToken   = exception(code{"MissingAuthenticationToken", 403}, "MissingAuthenticationTokenException")
	incomplete     = exception(code{"IncompleteSignature", 400}, "IncompleteSignatureException")
	wrongSignature = exception(code{"SignatureDoesNotMatch", 403}, "InvalidSignatureException")
	unknownKey     = exception(code{"InvalidClientTokenId", 403}, "UnrecognizedClientException")
	expiredToken   = exception(code{"ExpiredToken", 403}, "ExpiredTokenException")
	accessDenied   = exception(code{"AccessDenied", 403}, "AccessDeniedException")
	unknownService = commonError{code{"InvalidAction", 400}, code{"UnknownOperationException", 400}, code{"UnknownOperationException", 404}}
	unavailable    = commonError{code{"ServiceUnavailable", 503}, code{"ServiceUnavailableException", 503}, code{"ServiceUnavailableException", 503}}
	tooLarge       = commonError{code{"RequestEntityTooLarge", 413}, code{"RequestEntityTooLargeException", 413}, code{"RequestEntityTooLargeException", 413}}
	unreadable     = commonError{code{"MalformedInput", 400}, code{"SerializationException", 400}, code{"SerializationException", 400}}
	internal       = commonError{code{"InternalFailure", 500}, code{"InternalFailure", 500}, code{"InternalFailure", 500}}
)

// publicError returns the error that the client receives for err, or nil if err is an
// internal failure, which the client must not see.
func publicError(p wire.Protocol, err error) *awserr.Error {
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		return e
	}
	if d, ok := errors.AsType[*authz.Denial](err); ok {
		if d.Decision.Caller.Principal.Kind == policy.WebIdentity { // AWS says no more to who only has a token
			return accessDenied.in(p, "Not authorized to perform "+d.Decision.Action)
		}
		return accessDenied.in(p, d.Error())
	}
	return authenticationError(p, err)
}

// authenticationError returns the error for a request whose caller could not be
// authenticated, or nil if err is another one.
func authenticationError(p wire.Protocol, err error) *awserr.Error {
	if errors.Is(err, identity.ErrUnknownKey) {
		message := "The security token included in the request is invalid."
		if p == wire.Query {
			message = "The security token included in the request is invalid"
		}
		return unknownKey.in(p, message)
	}
	if errors.Is(err, identity.ErrExpiredToken) {
		return expiredToken.in(p, "The security token included in the request is expired")
	}
	sig, ok := errors.AsType[*sigv4.Error](err)
	if !ok {
		return nil
	}
	switch sig.Reason {
	case sigv4.Missing:
		if p == wire.Query {
			return missingToken.in(p, "Request is missing Authentication Token")
		}
		return missingToken.in(p, sig.Message)
	case sigv4.Incomplete:
		return incomplete.in(p, sig.Message)
	}
	return wrongSignature.in(p, sig.Message)
}
