package sts

import (
	"strings"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// New returns the service.
func New() *operation.Service {
	own := api
	own.ExtendError = withoutReason
	s := &operation.Service{API: &own}
	s.Operations = []operation.Operation{
		operation.Row(s.API, apiGetCallerIdentity, operation.Read, operation.OnAll[*GetCallerIdentityInput], getCallerIdentity),
		operation.Row(s.API, apiGetAccessKeyInfo, operation.Read, operation.OnAll[*GetAccessKeyInfoInput], getAccessKeyInfo),

		operation.WritingIf(operation.Row(s.API, apiAssumeRole, operation.Read, onRoleWithMFA, assumeRole),
			func(in *AssumeRoleInput) bool { return in.TokenCode != nil }),
		operation.Row(s.API, apiAssumeRoleWithSAML, operation.Read, onSAML, assumeRoleWithSAML),
		operation.Row(s.API, apiAssumeRoleWithWebIdentity, operation.Read, onWebIdentity, assumeRoleWithWebIdentity),
		operation.WritingIf(operation.Row(s.API, apiGetSessionToken, operation.Read, operation.OnAll[*GetSessionTokenInput], getSessionToken),
			func(in *GetSessionTokenInput) bool { return in.TokenCode != nil }),
		operation.Row(s.API, apiGetFederationToken, operation.Read, onFederatedUser, getFederationToken),

		operation.Row(s.API, apiDecodeAuthorizationMessage, operation.Read, operation.OnAll[*DecodeAuthorizationMessageInput], decodeAuthorizationMessage),
	}
	return s
}

// invalid returns the error for an input that the model allows and the service rejects.
func invalid(format string, args ...any) error {
	return awserr.New("ValidationError", 400, format, args...)
}

// invalidValue returns the error for contradictory session tags.
func invalidValue(format string, args ...any) error {
	return awserr.New("InvalidParameterValue", 400, format, args...)
}

// denied returns the error for a request that no policy can allow.
func denied(format string, args ...any) error {
	return awserr.New("AccessDenied", 403, format, args...)
}

// withoutReason ends the message of a denied AssumeRole at the role's ARN: other than most
// services, STS does not say which policy denied it. The decision's record does.
// https://github.com/aws-actions/configure-aws-credentials/issues/1219
// https://github.com/noqdev/iambic/issues/357
func withoutReason(e *awserr.Error, _ string) *awserr.Error {
	for _, action := range []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"} {
		head := "is not authorized to perform: " + action + " on resource: "
		who, rest, found := strings.Cut(e.Message, head)
		if e.Code != "AccessDenied" || !found {
			continue
		}
		role, _, _ := strings.Cut(rest, " ")
		short := *e
		short.Message = who + head + role
		return &short
	}
	return e
}
