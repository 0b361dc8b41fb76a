package imagebuilder

import "github.com/writdev/writ/internal/wire"

// rules state what the model requires of a member, after the member's name; %s is
// the detail. Of these the pattern is seen in AWS's own messages, the others
// have the same wording.
var rules = map[wire.Constraint]string{
	wire.Required:  "must not be null%s",
	wire.MinLength: "must have length greater than or equal to %s",
	wire.MaxLength: "must have length less than or equal to %s",
	wire.MinValue:  "must have value greater than or equal to %s",
	wire.MaxValue:  "must have value less than or equal to %s",
	wire.Pattern:   "must match pattern %s",
	wire.Enum:      "must be one of: %s",
	wire.Elements:  "must have elements that satisfy: %s",
	wire.Values:    "must have values that satisfy: %s",
	wire.Keys:      "must have keys that satisfy: %s",
}

// invalid is the error for an input that breaks the constraints of the model:
// it names the first of them.
func invalid(violations []wire.Violation) error {
	v := violations[0]
	member := v.Path.String()
	return errInvalidParameterValue("The value supplied for parameter '%s' is not valid. %s "+rules[v.Constraint], member, member, v.Detail)
}

// notValid is the same for what the model cannot say: reason is a sentence.
func notValid(member, reason string) error {
	return errInvalidParameterValue("The value supplied for parameter '%s' is not valid. %s", member, reason)
}
