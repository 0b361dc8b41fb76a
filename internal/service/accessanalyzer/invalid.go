package accessanalyzer

import (
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/wire"
)

// invalid returns the error for an input that violates the constraints of the model.
func invalid(violations []wire.Violation) error {
	var fields []map[string]string
	for _, v := range violations {
		fields = append(fields, map[string]string{"name": v.Path.String(), "message": v.String()})
	}
	return errValidation("%s", violations[0].String()).With("reason", "fieldValidationFailed").With("fieldList", fields)
}

// notValid is invalid for rules that the model cannot express.
func notValid(member, format string, args ...any) *awserr.Error {
	e := errValidation(format, args...)
	return e.With("reason", "fieldValidationFailed").With("fieldList", []map[string]string{{"name": member, "message": e.Message}})
}

// notFound returns the error for a nonexistent resource. typ is AWS's name of the type.
func notFound(typ, id string) error {
	return errResourceNotFound("%s not found: %s", typ, id).With("resourceId", id).With("resourceType", typ)
}

func exists(typ, id string) error {
	return errConflict("%s already exists: %s", typ, id).With("resourceId", id).With("resourceType", typ)
}

// tooMany returns the error for an exceeded quota.
func tooMany(typ, id string, limit int) error {
	return errServiceQuotaExceeded("at most %d of %s", limit, typ).With("resourceId", id).With("resourceType", typ)
}
