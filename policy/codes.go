package policy

import (
	"maps"
	"slices"
)

// The codes of findings, with their severity. The codes are those of IAM Access
// Analyzer where it has one.
//
// Codes: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
var severities = map[string]Severity{
	// The document and its statements.
	"MISSING_STATEMENT":               Error,
	"MISSING_VERSION":                 Warning,
	"INVALID_VERSION":                 Error,
	"INVALID_POLICY_ELEMENT":          Warning, // an Id where it is not supported; unknown elements do not parse
	"MISSING_EFFECT":                  Error,
	"INVALID_EFFECT":                  Error,
	"MISSING_ACTION":                  Error,
	"MISSING_RESOURCE":                Error,
	"MISSING_PRINCIPAL":               Error,
	"UNSUPPORTED_ELEMENT_COMBINATION": Error,
	"UNSUPPORTED_SID":                 Error,
	"EMPTY_SID_VALUE":                 Suggestion,
	"UNIQUE_SIDS_REQUIRED":            Error,
	"UNIQUE_SIDS_RECOMMENDED":         Warning,
	"EMPTY_ARRAY_ACTION":              Suggestion,
	"EMPTY_ARRAY_RESOURCE":            Suggestion,
	"EMPTY_ARRAY_PRINCIPAL":           Suggestion,
	"EMPTY_OBJECT_PRINCIPAL":          Suggestion,
	"REDUNDANT_STATEMENT":             Suggestion,
	"REDUNDANT_ACTION":                Suggestion,
	"REDUNDANT_RESOURCE":              Suggestion,

	// Actions and ARNs.
	"INVALID_ACTION":           Error,
	"INVALID_ARN_PREFIX":       Error,
	"MISSING_ARN_FIELD":        Error,
	"INVALID_ARN_ACCOUNT":      Error,
	"INVALID_ARN_SERVICE_CASE": Error,
	"WILDCARD_IN_SERVICE_NAME": Suggestion,

	// Principals.
	"UNSUPPORTED_PRINCIPAL":             Error,
	"INVALID_PRINCIPAL_FORMAT":          Error,
	"UNSUPPORTED_WILDCARD_IN_PRINCIPAL": Error,
	"FEDERATED_PRINCIPAL_NOT_SUPPORTED": Error,
	"INVALID_SERVICE_PRINCIPAL_FORMAT":  Error,
	"INVALID_ROLE_REFERENCE":            Warning,
	"INVALID_USER_REFERENCE":            Warning,
	"ALLOW_WITH_NOT_PRINCIPAL":          SecurityWarning,

	// Kinds of policy.
	"ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL":             Error,
	"ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL":     Error,
	"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE":                 Error,
	"INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY": Error,
	"MISMATCHED_ACTION_FOR_PRINCIPAL":                         Error,
	"SCP_SYNTAX_ERROR_PRINCIPAL":                              Error,
	"RCP_SYNTAX_ERROR_PRINCIPAL":                              Error,
	"RCP_SYNTAX_ERROR_ALLOW":                                  Error,
	"RCP_SYNTAX_ERROR_NOTACTION":                              Error,
	"RCP_SYNTAX_ERROR_ACTION":                                 Error,

	// Variables.
	"MISSING_BRACE_IN_VARIABLE":       Error,
	"EMPTY_VARIABLE":                  Error,
	"UNSUPPORTED_SPACE_IN_VARIABLE":   Error,
	"MISSING_QUOTE_IN_VARIABLE":       Error,
	"VARIABLE_UNSUPPORTED_IN_ELEMENT": Error,
	"VARIABLE_UNSUPPORTED_IN_VERSION": Error,
	"INVALID_VARIABLE_FOR_OPERATOR":   Error,

	// Conditions.
	"INVALID_CONDITION_OPERATOR":         Error,
	"NULL_WITH_IF_EXISTS":                Error,
	"NULL_WITH_QUALIFIER":                Suggestion,
	"EMPTY_OBJECT_CONDITION":             Suggestion,
	"EMPTY_ARRAY_CONDITION":              Suggestion,
	"EMPTY_ARRAY_CONDITION_FORALLVALUES": Suggestion,
	"EMPTY_ARRAY_CONDITION_FORANYVALUE":  Suggestion,
	"EMPTY_ARRAY_CONDITION_IFEXISTS":     Suggestion,
	"INVALID_CONDITION_KEY_FORMAT":       Error,
	"INVALID_CONDITION_DATA_TYPE":        Error,
	"TYPE_MISMATCH_BOOLEAN":              Warning,
	"TYPE_MISMATCH_DATE":                 Warning,
	"INVALID_DATE_VALUE":                 Warning,
	"TYPE_MISMATCH_NUMBER":               Warning,
	"TYPE_MISMATCH_STRING":               Warning,
	"TYPE_MISMATCH_IP_RANGE":             Error,
	"IMPROVE_IP_RANGE":                   Suggestion,
	"PRIVATE_IP_ADDRESS":                 Error,
	"PRIVATE_NOT_IP_ADDRESS":             Error,
	"PRIVATE_IP_ADDRESS_SUBSET":          Suggestion,
	"PRIVATE_NOT_IP_ADDRESS_SUBSET":      Suggestion,
	"WILDCARD_WITHOUT_LIKE_OPERATOR":     Warning,
	"EQUIVALENT_TO_NULL_FALSE":           Suggestion,
	"EQUIVALENT_TO_NULL_TRUE":            Suggestion,
	"REDUNDANT_CONDITION_VALUE_NUM":      Suggestion,

	// Sizes.
	"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA":   Warning,
	"POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA":   Warning,
	"POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA": Warning,
	"POLICY_SIZE_EXCEEDS_SCP_QUOTA":               Error,
	"POLICY_SIZE_EXCEEDS_RCP_QUOTA":               Error,

	// Findings of a service's Rules. Except for the first two, the codes are Writ's own.
	"UNSUPPORTED_ACTION_IN_POLICY":       Error,
	"UNSUPPORTED_RESOURCE_ARN_IN_POLICY": Error,
	"UNSUPPORTED_ELEMENT":                Error,
	"UNSUPPORTED_EFFECT":                 Error,
	"UNSUPPORTED_VERSION":                Error,
	"MISSING_SID":                        Error,
	"TOO_MANY_STATEMENTS":                Error,
	"POLICY_SIZE_EXCEEDS_SERVICE_QUOTA":  Error,
}

// Codes returns the codes of all findings that [Validate] can return, sorted.
func Codes() []string { return slices.Sorted(maps.Keys(severities)) }
