package server

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/writdev/writ/internal/sigv4"
	"github.com/writdev/writ/internal/wire"
)

// unknownAPI is the service of a request before it is routed. Its errors have the form of
// the REST JSON protocol.
var unknownAPI = wire.Service{Protocol: wire.RestJSON}

// route parses the signature and finds the operation. For an unsigned request it does not
// reveal which operations exist.
func (x *exchange) route() error {
	if isCrossOrigin(x.http) {
		return x.reject(accessDenied, "Requests from browser pages of other origins are refused.")
	}
	if a := actorOf(x.http); a != nil {
		return x.routeActor(a)
	}
	var unsigned error
	x.signature, unsigned = sigv4.Parse(x.http)
	scope := ""
	if unsigned == nil {
		scope = x.signature.Service
	}
	var err error
	x.match, err = x.server.router.Route(x.http, x.body, scope)
	if err == nil {
		x.op = x.server.operations[x.match.Operation]
	}
	switch {
	case unsigned == nil && !isRegion.MatchString(x.signature.Region):
		return x.reject(wrongSignature, "Credential should be scoped to a valid region.")
	case unsigned == nil:
		x.region = x.signature.Region
	case err == nil && unsignedActions[x.op.row.Action] && isMissing(unsigned):
		x.region = unsignedRegion
	default:
		return unsigned
	}
	if mismatch, ok := errors.AsType[*wire.ScopeError](err); ok {
		return x.reject(wrongSignature, "Credential should be scoped to correct service: '"+mismatch.Service.Name+"'.")
	}
	if err != nil && x.match.Service.Name == "" {
		return x.reject(unknownService, fmt.Sprintf("Writ does not serve the service %q.", scope))
	}
	return err
}

// isRegion matches names of regions, which become a part of ARNs.
var isRegion = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// unsignedActions are the actions that need no signature: their callers authenticate with
// the assertion or token of an identity provider instead.
var unsignedActions = map[string]bool{"sts:AssumeRoleWithSAML": true, "sts:AssumeRoleWithWebIdentity": true}

// unsignedRegion is the region of an unsigned request: that of the global endpoint.
const unsignedRegion = "us-east-1"

// isMissing reports whether a request has no signature, as opposed to an invalid one.
func isMissing(err error) bool {
	sig, ok := errors.AsType[*sigv4.Error](err)
	return ok && sig.Reason == sigv4.Missing
}
