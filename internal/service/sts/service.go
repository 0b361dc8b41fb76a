package sts

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/wire"
)

// New returns the service.
func New() *operation.Service {
	s := &operation.Service{API: &api}
	s.Operations = []operation.Operation{
		operation.Row(s.API, apiGetCallerIdentity, operation.Read, operation.OnAll[GetCallerIdentityInput], getCallerIdentity),
		operation.Row(s.API, apiGetAccessKeyInfo, operation.Read, operation.OnAll[GetAccessKeyInfoInput], getAccessKeyInfo),

		operation.Row(s.API, apiAssumeRole, operation.Read, onRole, assumeRole),
		throughProvider(s.API, apiAssumeRoleWithSAML),
		throughProvider(s.API, apiAssumeRoleWithWebIdentity),
		operation.Row(s.API, apiGetSessionToken, operation.Read, operation.OnAll[GetSessionTokenInput], getSessionToken),
		operation.Row(s.API, apiGetFederationToken, operation.Read, onFederatedUser, getFederationToken),

		operation.Row(s.API, apiDecodeAuthorizationMessage, operation.Read, operation.OnAll[DecodeAuthorizationMessageInput], decodeAuthorizationMessage),
	}
	return s
}

// throughProvider returns the row of an operation that needs an identity provider. It
// returns its error before the authorization.
func throughProvider[In, Out any](s *wire.Service, op wire.API[In, Out]) operation.Operation {
	refusal := awserr.New("UnsupportedOperation", 400,
		"Writ has no identity providers, so no role can be assumed through one. Use AssumeRole.")
	return operation.Row(s, op, operation.Read,
		func(*operation.Call, *In) (authz.Target, error) { return authz.Target{}, refusal },
		func(*operation.Call, *In) (*Out, error) { return nil, refusal })
}

// invalid is the error of an input that the model allows and the service does not.
func invalid(format string, args ...any) error {
	return awserr.New("ValidationError", 400, format, args...)
}

// invalidValue is the error of session tags that contradict each other.
func invalidValue(format string, args ...any) error {
	return awserr.New("InvalidParameterValue", 400, format, args...)
}

// denied is the error of a request that no policy can allow.
func denied(format string, args ...any) error {
	return awserr.New("AccessDenied", 403, format, args...)
}
