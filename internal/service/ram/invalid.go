package ram

import (
	"errors"
	"strings"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/wire"
)

// Texts that AWS answers.
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

// enums word a value that a member cannot have; %s is the value.
var enums = map[string]string{
	"associationType":     "%s is not a valid association type. Specify either PRINCIPAL or RESOURCE and try again.",
	"associationStatus":   "%s is not a valid association status.",
	"resourceOwner":       "%s is not a valid resource owner. Specify either SELF or OTHER-ACCOUNTS and try again.",
	"resourceRegionScope": "%s is not a valid resource region scope value. Specify a valid value and try again.",
	"permissionType":      "%s is not a valid scope. Must be one of: ALL, AWS, LOCAL.",
}

// invalid is the error for an input that breaks the constraints of the model:
// it names the first of them.
func invalid(violations []wire.Violation) error {
	v := violations[0]
	member := v.Path.String()
	switch text, known := enums[member]; {
	case v.Constraint == wire.Required:
		return errMissingRequiredParameter("The request must contain the parameter %s.", member)
	case v.Constraint == wire.Enum && known:
		return errInvalidParameter(text, v.Value)
	}
	return errInvalidParameter("%s", v.String())
}

// notOwner is the error for a change to what another account owns. The targets
// of shares say so themselves, with the ARN.
func notOwner() error { return errUnknownResource("The resource could not be found.") }

func noShare(arn string) error {
	return errUnknownResource("ResourceShare %s could not be found.", arn)
}

// unpromoted is the error for a change to a share that follows a policy.
func unpromoted(s *sharing.Share) error {
	return errOperationNotPermitted("The resource share %s was created from a resource-based policy, which alone can change it. "+
		"To manage it in RAM, use PromoteResourceShareCreatedFromPolicy.", s.ARN)
}

// maxToken is how long a client token may be.
const maxToken = 64

// once makes a call idempotent under its client token, if it has one. The
// operation is its name, "CreateResourceShare".
func once[In, Out any](c *operation.Call, op string, token *string, in *In, do func() (*Out, error)) (*Out, error) {
	if token == nil {
		return do()
	}
	if len(*token) < 1 || len(*token) > maxToken || strings.ContainsFunc(*token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errInvalidClientToken("The client token must have 1 to %d printable ASCII characters.", maxToken)
	}
	out, err := operation.Once(c, api.Name+":"+op, *token, in, do)
	if errors.Is(err, operation.ErrTokenMismatch) {
		err = errIdempotentParameterMismatch("The client token %s was used before, with other parameters.", *token)
	}
	return out, err
}

// moment is an instant as answers give it: to the millisecond.
func moment(t time.Time) *time.Time { return new(t.Truncate(time.Millisecond)) }
