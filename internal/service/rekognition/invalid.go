package rekognition

import (
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/wire"
)

// The messages that the model defines for its exceptions.
const (
	textAccessDenied    = "You are not authorized to perform the action."
	textAlreadyExists   = "A resource with the specified ID already exists."
	textInUse           = "The specified resource is already being used."
	textInvalid         = "Input parameter violated a constraint. Validate your parameter before calling the API operation again."
	textMalformedPolicy = "The format of the project policy document that you supplied to PutProjectPolicy is incorrect."
	textNotFound        = "The resource specified in the request cannot be found."
	textPaginationToken = "Pagination token in the request is not valid."
	textRevision        = "The supplied revision id for the project policy is invalid."
)

// invalid returns the error for an input that violates constraints of the model. It names the first
// violation.
func invalid(violations []wire.Violation) error { return notValid(violations[0].String()) }

// notValid is invalid for rules that the model cannot express: reason is a sentence.
func notValid(reason string) error { return errInvalidParameter("%s %s", textInvalid, reason) }

// notOwner returns the error for a change of a resource of another account.
func notOwner() error { return errAccessDenied(textAccessDenied) }

// inUse returns a ResourceInUseException; reason is a sentence.
func inUse(format string, args ...any) error {
	return errResourceInUse(textInUse+" "+format, args...)
}

// addErrorMembers adds the members that newer SDKs expect in every error of this service: Message with a
// capital, Code and Logref.
func addErrorMembers(e *awserr.Error, requestID string) *awserr.Error {
	changed := e.With("Code", e.Code).With("Logref", requestID)
	changed.MessageMember = "Message"
	return changed
}
