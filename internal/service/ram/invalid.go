package ram

import (
	"errors"
	"strings"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/wire"
)

// Error texts of AWS.
const (
	textShareARN      = "The specified resource share ARN is not valid. Verify the ARN and try again."
	textInvitationARN = "The specified resource share invitation ARN is not valid. Verify the ARN and try again."
	textResourceARN   = "The specified resource ARN %s is not valid. Verify the ARN and try again."
	textResourceType  = "You cannot share the selected resource type."
	textOrganization  = "The resource you are attempting to share can only be shared within your AWS Organization. " +
		"This error may also occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress."
	textExternal  = "Principal %s is not in your AWS organization. You do not have permission to add external AWS accounts to a resource share."
	textUnmatched = "There isn't an existing managed permission defined in RAM that has the same IAM permissions as the resource-based policy " +
		"attached to the resource. You should first run PromotePermissionCreatedFromPolicy to create that managed permission."
	textEnableSharing = "Unable to enable sharing with AWS Organizations. Received AccessDeniedException from AWSOrganizations " +
		"with the following error message: You don't have permissions to access this resource."
)

// enumTexts holds the errors for invalid values of enums, by member.
var enumTexts = map[string]string{
	"associationType":     "%s is not a valid association type. Specify either PRINCIPAL or RESOURCE and try again.",
	"associationStatus":   "%s is not a valid association status.",
	"resourceOwner":       "%s is not a valid resource owner. Specify either SELF or OTHER-ACCOUNTS and try again.",
	"resourceRegionScope": "%s is not a valid resource region scope value. Specify a valid value and try again.",
	"permissionType":      "%s is not a valid scope. Must be one of: ALL, AWS, LOCAL.",
}

// invalid returns the error for an input that violates constraints of the model. It
// names the first violation.
func invalid(violations []wire.Violation) error {
	v := violations[0]
	member := v.Path.String()
	switch text, known := enumTexts[member]; {
	case v.Constraint == wire.Required:
		return errMissingRequiredParameter("The request must contain the parameter %s.", member)
	case v.Constraint == wire.Enum && known:
		return errInvalidParameter(text, v.Value)
	}
	return errInvalidParameter("%s", v.String())
}

// errNotOwner returns the error for a change to a resource of another account. The targets
// of shares return an error with the ARN before this one.
func errNotOwner() error { return errUnknownResource("The resource could not be found.") }

func errShareNotFound(arn string) error {
	return errUnknownResource("ResourceShare %s could not be found.", arn)
}

// errManagedByPolicy returns the error for a change to a share that was created from a
// policy.
func errManagedByPolicy(s *sharing.Share) error {
	return errOperationNotPermitted("The resource share %s was created from a resource-based policy, and only that policy can change it. "+
		"To manage it in RAM, use PromoteResourceShareCreatedFromPolicy.", s.ARN)
}

// maxToken is the longest client token.
const maxToken = 64

// idempotent returns the output of an earlier request with the same client token, or
// handles the request. The operation is given by its name, "CreateResourceShare".
func idempotent[In, Out any](c *operation.Call, op string, token *string, in In, handle func() (Out, error)) (out Out, err error) {
	if token == nil {
		return handle()
	}
	if len(*token) < 1 || len(*token) > maxToken || strings.ContainsFunc(*token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return out, errInvalidClientToken("The client token must have 1 to %d printable ASCII characters.", maxToken)
	}
	out, err = operation.Once(c, api.Name+":"+op, *token, in, handle)
	if errors.Is(err, operation.ErrTokenMismatch) {
		err = errIdempotentParameterMismatch("The client token %s was used before, with other parameters.", *token)
	}
	return out, err
}

// hasCode reports whether err is an error of the API with a code.
func hasCode(err error, code string) bool {
	e, ok := errors.AsType[*awserr.Error](err)
	return ok && e.Code == code
}
