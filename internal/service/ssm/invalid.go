package ssm

import (
	"errors"
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// Messages that AWS returns, or that its model defines for exceptions.
const (
	textBadName = `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths ` +
		`divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`
	textReservedName = `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`
	textBadPath      = `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". ` +
		`It can't be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: ` +
		`. (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the ` +
		`forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`
	textExists    = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
	textDowngrade = "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the " +
		"standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter."
	textTagsAndOverwrite = "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove " +
		"overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource."
	textIncompatible = "There is a conflict in the policies specified for this parameter. You can't, for example, specify two Expiration " +
		"policies for a parameter. Review your policies, and try again."
	textManyPolicies  = "You specified more than the maximum number of allowed policies for the parameter. The maximum is 10."
	textPolicyType    = "The policy type isn't supported. Parameter Store supports the following policy types: Expiration, ExpirationNotification, and NoChangeNotification."
	textAttribute     = "A policy attribute or its value is invalid."
	textNextToken     = "The specified token isn't valid."
	textResourceType  = "The resource type isn't valid. For example, if you are attempting to tag an EC2 instance, the instance must be a registered managed node."
	textManyTags      = "The Targets parameter includes too many tags. Remove one or more tags and try the command again."
	textAdvancedOnly  = "Only advanced parameters can be shared."
	textCustomersKeys = "Shared SecureString parameters require a customer managed KMS key."
	textCiphertext    = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access."
)

// notValid returns a ValidationException, which the model does not define: the error for an input that
// violates a rule that the model cannot express.
func notValid(format string, args ...any) error {
	return awserr.New("ValidationException", 400, format, args...)
}

// denied returns an AccessDeniedException, which the model does not define.
func denied(text string) error { return awserr.New("AccessDeniedException", 400, "%s", text) }

// notOwner returns the error for operations that only the account of a resource may perform.
func notOwner() error {
	return denied("The resource belongs to another account; only that account can perform this operation.")
}

// notFound returns the error for a parameter that does not exist; name is the name in the request. AWS
// sends no message, except for a secret.
// https://github.com/aws/aws-sdk-js/issues/4330
func notFound(name string) error {
	if isSecret(name) {
		return errParameterNotFound("Secret %s not found.", name)
	}
	return errParameterNotFound("")
}

// keyError returns the error for a failed encryption of a SecureString, which contains KMS's own message.
// text is the message of a denial.
func keyError(c *operation.Call, err error, text string) error {
	relay := func(code, text string) string {
		return text + " (Service: AWSKMS; Status Code: 400; Error Code: " + code + "; Request ID: " + c.RequestID + "; Proxy: null)"
	}
	if d, ok := errors.AsType[*authz.Denial](err); ok {
		if text == "" {
			text = d.Error()
		}
		return errors.Join(denied(relay("AccessDeniedException", text)), d) // it is still explained
	}
	if e, ok := errors.AsType[*awserr.Error](err); ok && e.Sender() {
		return errInvalidKeyID("%s", relay(e.Code, e.Message))
	}
	return err
}

// addMessage capitalizes the member name Message of errors that the model does not define, as AWS sends it.
func addMessage(e *awserr.Error, _ string) *awserr.Error {
	if !slices.Contains([]string{"AccessDeniedException", "ThrottlingException", "ValidationException"}, e.Code) {
		return e
	}
	changed := *e
	changed.MessageMember = "Message"
	return &changed
}
