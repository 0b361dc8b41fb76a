package organizations

import (
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/wire"
)

// reasons are the reasons and messages of InvalidInputException for the constraints of the
// model.
var reasons = map[wire.Constraint][2]string{
	wire.Required:  {"INPUT_REQUIRED", "You must provide a value for the parameter '%s'."},
	wire.MinLength: {"MIN_LENGTH_EXCEEDED", "You provided a value for '%s' that is shorter than allowed."},
	wire.MaxLength: {"MAX_LENGTH_EXCEEDED", "You provided a value for '%s' that is longer than allowed."},
	wire.MinValue:  {"MIN_VALUE_EXCEEDED", "You provided a value for '%s' that is smaller than allowed."},
	wire.MaxValue:  {"MAX_VALUE_EXCEEDED", "You provided a value for '%s' that is larger than allowed."},
	wire.Pattern:   {"INVALID_PATTERN", "You provided a value that does not match the required pattern."},
	wire.Enum:      {"INVALID_ENUM", "You specified an invalid value."},
	wire.Elements:  {"INVALID_LIST_MEMBER", "You provided a list for '%s' that has at least one invalid value."},
	wire.Values:    {"INVALID_LIST_MEMBER", "You provided a list for '%s' that has at least one invalid value."},
	wire.Keys:      {"INVALID_LIST_MEMBER", "You provided a list for '%s' that has at least one invalid value."},
}

// invalid is the error for an input that violates constraints of the model; it names the
// first.
func invalid(violations []wire.Violation) error {
	v := violations[0]
	reason := reasons[v.Constraint]
	if v.Constraint == wire.Pattern || v.Constraint == wire.Enum {
		return badInput(reason[0], "%s", reason[1])
	}
	return badInput(reason[0], reason[1], v.Path.String())
}

// badInput is an InvalidInputException with a reason.
func badInput(reason, format string, args ...any) *awserr.Error {
	return errInvalidInput(format, args...).With("Reason", reason)
}

// violated is a ConstraintViolationException with a reason.
func violated(reason, format string, args ...any) *awserr.Error {
	return errConstraintViolation(format, args...).With("Reason", reason)
}

// needAllFeatures returns an error for an organization with consolidated billing only.
func (c *call) needAllFeatures() error {
	if !c.org.AllFeatures {
		return violated("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "This operation requires that all features are enabled in the organization.")
	}
	return nil
}
