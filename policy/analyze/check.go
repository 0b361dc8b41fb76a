package analyze

import (
	"fmt"
	"slices"

	"github.com/writdev/writ/policy"
)

// malformed are the codes of findings about documents that AWS refuses to store
// because of their form, so that there is no saying what they allow. Other errors
// of policy validation, as that an account does not look like one, leave the
// meaning of a document clear.
var malformed = []string{
	"EMPTY_VARIABLE", "INVALID_ACTION", "INVALID_CONDITION_OPERATOR", "INVALID_EFFECT", "INVALID_VERSION",
	"MISSING_ACTION", "MISSING_EFFECT", "MISSING_PRINCIPAL", "MISSING_RESOURCE", "MISSING_STATEMENT",
	"NULL_WITH_IF_EXISTS", "RCP_SYNTAX_ERROR_PRINCIPAL", "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
	"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", "SCP_SYNTAX_ERROR_PRINCIPAL", "UNSUPPORTED_ELEMENT_COMBINATION",
	"UNSUPPORTED_PRINCIPAL", "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
}

// notLookedFor are the codes of findings that take long to find and change nothing.
var notLookedFor = policy.Rules{Tolerates: []string{"REDUNDANT_ACTION", "REDUNDANT_RESOURCE", "REDUNDANT_STATEMENT"}}

// Check returns an error with the code of the finding if a document is malformed
// as a policy of the kind. [Compare] takes such a document as the engine does: an
// Allow statement that is malformed allows nothing, a Deny statement denies.
func Check(d *policy.Document, kind policy.Kind) error {
	for _, f := range policy.Validate(d, kind, &notLookedFor) {
		if slices.Contains(malformed, f.Code) {
			return fmt.Errorf("as a policy of kind %v: %v", kind, f)
		}
	}
	return nil
}
