package sts

import (
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/service"
	"github.com/writdev/writ/internal/wire"
)

// New makes the service.
func New() *service.Service {
	s := &service.Service{API: &api}
	s.Operations = []service.Operation{
		service.Row(s.API, apiGetCallerIdentity, service.Read, service.OnAll[GetCallerIdentityInput], getCallerIdentity),
		service.Row(s.API, apiGetAccessKeyInfo, service.Read, service.OnAll[GetAccessKeyInfoInput], getAccessKeyInfo),

		service.Row(s.API, apiAssumeRole, service.Read, onRole, assumeRole),
		throughProvider(s.API, apiAssumeRoleWithSAML),
		throughProvider(s.API, apiAssumeRoleWithWebIdentity),
		service.Row(s.API, apiGetSessionToken, service.Read, service.OnAll[GetSessionTokenInput], getSessionToken),
		service.Row(s.API, apiGetFederationToken, service.Read, onFederatedUser, getFederationToken),

		service.Row(s.API, apiDecodeAuthorizationMessage, service.Read, service.OnAll[DecodeAuthorizationMessageInput], decodeAuthorizationMessage),
	}
	return s
}

// throughProvider makes the row of an operation that needs an identity
// provider. It refuses before anybody is asked who may call it.
func throughProvider[In, Out any](s *wire.Service, operation wire.API[In, Out]) service.Operation {
	refusal := awserr.New("UnsupportedOperation", 400,
		"Writ has no identity providers, so no role can be assumed through one. Use AssumeRole.")
	return service.Row(s, operation, service.Read,
		func(*service.Call, *In) (authz.Target, error) { return authz.Target{}, refusal },
		func(*service.Call, *In) (*Out, error) { return nil, refusal })
}

// invalid words an input that the model allows and the service does not.
func invalid(format string, args ...any) error {
	return awserr.New("ValidationError", 400, format, args...)
}

// denied words a refusal that no policy can lift.
func denied(format string, args ...any) error {
	return awserr.New("AccessDenied", 403, format, args...)
}
