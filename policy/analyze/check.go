package analyze

import (
	"fmt"
	"slices"

	"github.com/writdev/writ/policy"
)

// malformedCodes lists the codes of findings for which AWS rejects a document as syntactically invalid; its
// meaning is then undefined. Other errors of policy validation, such as an invalid account id, do not affect
// a document's meaning.
var malformedCodes = []string{
	"EMPTY_VARIABLE", "INVALID_ACTION", "INVALID_CONDITION_OPERATOR", "INVALID_EFFECT", "INVALID_VERSION",
	"MISSING_ACTION", "MISSING_EFFECT", "MISSING_PRINCIPAL", "MISSING_RESOURCE", "MISSING_STATEMENT",
	"NULL_WITH_IF_EXISTS", "RCP_SYNTAX_ERROR_PRINCIPAL", "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
	"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", "SCP_SYNTAX_ERROR_PRINCIPAL", "UNSUPPORTED_ELEMENT_COMBINATION",
	"UNSUPPORTED_PRINCIPAL", "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
}

// skippedFindings excludes findings that are slow to compute and do not affect the result.
var skippedFindings = policy.Rules{Tolerates: []string{"REDUNDANT_ACTION", "REDUNDANT_RESOURCE", "REDUNDANT_STATEMENT"}}

// Check returns an error with the finding's code if a document is malformed as a policy of the kind.
// [Compare] treats such a document as the engine does: a malformed Allow statement allows nothing, and a
// malformed Deny statement denies.
func Check(d *policy.Document, kind policy.Kind) error {
	for _, f := range policy.Validate(d, kind, &skippedFindings) {
		if slices.Contains(malformedCodes, f.Code) {
			return fmt.Errorf("as a policy of kind %v: %v", kind, f)
		}
	}
	return nil
}
