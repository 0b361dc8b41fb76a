package server

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/sigv4"
	"github.com/writdev/writ/internal/wire"
)

// code is how one protocol family names a refusal: a code and an HTTP status.
type code struct {
	name   string
	status int
}

// codes is how each protocol names a refusal. The query protocol has short
// codes; the JSON ones have exception names, awsJson1_1 always with status 400.
type codes struct{ query, awsJSON, restJSON code }

func (c codes) of(p wire.Protocol) code {
	switch p {
	case wire.Query:
		return c.query
	case wire.AWSJSON:
		return c.awsJSON
	}
	return c.restJSON
}

// exception is the usual pattern: one exception name, 400 and 403.
func exception(query code, name string) codes {
	return codes{query, code{name, 400}, code{name, 403}}
}

var (
	missingToken   = exception(code{"MissingAuthenticationToken", 403}, "MissingAuthenticationTokenException")
	incomplete     = exception(code{"IncompleteSignature", 400}, "IncompleteSignatureException")
	wrongSignature = exception(code{"SignatureDoesNotMatch", 403}, "InvalidSignatureException")
	unknownKey     = exception(code{"InvalidClientTokenId", 403}, "UnrecognizedClientException")
	expiredToken   = exception(code{"ExpiredToken", 403}, "ExpiredTokenException")
	accessDenied   = exception(code{"AccessDenied", 403}, "AccessDeniedException")
	unknownService = codes{code{"InvalidAction", 400}, code{"UnknownOperationException", 400}, code{"UnknownOperationException", 404}}
	unavailable    = codes{code{"ServiceUnavailable", 503}, code{"ServiceUnavailableException", 503}, code{"ServiceUnavailableException", 503}}
	tooLarge       = codes{code{"RequestEntityTooLarge", 413}, code{"RequestEntityTooLargeException", 413}, code{"RequestEntityTooLargeException", 413}}
	unreadable     = codes{code{"MalformedInput", 400}, code{"SerializationException", 400}, code{"SerializationException", 400}}
	internal       = codes{code{"InternalFailure", 500}, code{"InternalFailure", 500}, code{"InternalFailure", 500}}
)

// refuse words a refusal in the protocol p.
func refuse(p wire.Protocol, c codes, message string) *awserr.Error {
	name := c.of(p)
	return awserr.New(name.name, name.status, "%s", message)
}

// unauthenticated words the failure to find out who calls.
func unauthenticated(p wire.Protocol, err error) *awserr.Error {
	if errors.Is(err, identity.ErrUnknownKey) {
		message := "The security token included in the request is invalid."
		if p == wire.Query {
			message = "The security token included in the request is invalid"
		}
		return refuse(p, unknownKey, message)
	}
	if errors.Is(err, identity.ErrExpiredToken) {
		return refuse(p, expiredToken, "The security token included in the request is expired")
	}
	sig, ok := errors.AsType[*sigv4.Error](err)
	if !ok {
		return nil
	}
	switch sig.Reason {
	case sigv4.Missing:
		if p == wire.Query {
			return refuse(p, missingToken, "Request is missing Authentication Token")
		}
		return refuse(p, missingToken, sig.Message)
	case sigv4.Incomplete:
		return refuse(p, incomplete, sig.Message)
	}
	return refuse(p, wrongSignature, sig.Message)
}

// failure words any error of a request for its client; nil means that it is
// none the client may see.
func failure(p wire.Protocol, err error) *awserr.Error {
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		return e
	}
	if d, ok := errors.AsType[*authz.Denial](err); ok {
		return refuse(p, accessDenied, d.Error())
	}
	return unauthenticated(p, err)
}
