package secretsmanager

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// maxBatch is the largest number of values on a page of BatchGetSecretValue.
const maxBatch = 20

// batchGetSecretValue returns the current values of secrets that the request names or filters. Each is
// authorized separately, as GetSecretValue; failures are listed in the output.
func (sm *secretsManager) batchGetSecretValue(c *operation.Call, in *BatchGetSecretValueInput) (*BatchGetSecretValueOutput, error) {
	switch {
	case (in.SecretIDList == nil) == (in.Filters == nil):
		return nil, errInvalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
	case in.MaxResults != nil && in.Filters == nil:
		return nil, errInvalidParameter("'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.")
	}
	out := &BatchGetSecretValueOutput{SecretValues: []SecretValueEntry{}, Errors: []APIErrorType{}}
	ids := in.SecretIDList
	if in.Filters != nil {
		if err := c.Authorize("secretsmanager:ListSecrets", authz.Target{ARN: "*"}); err != nil {
			return nil, err
		}
		page, err := sm.list(c, apiBatchGetSecretValue.Name, listing{filters: in.Filters, limit: maxBatch, asked: in.MaxResults, token: in.NextToken})
		if err != nil {
			return nil, err
		}
		out.NextToken = page.Next
		for _, s := range page.Items {
			ids = append(ids, s.ARN())
		}
	}
	for _, id := range ids {
		value, err := sm.authorizedValue(c, id)
		if failure, ok := apiError(id, err); ok {
			out.Errors = append(out.Errors, failure)
			continue
		}
		if err != nil {
			return nil, err
		}
		out.SecretValues = append(out.SecretValues, SecretValueEntry(*value))
	}
	return out, nil
}

// authorizedValue calls GetSecretValue for a secret within another operation, with its own authorization.
func (sm *secretsManager) authorizedValue(c *operation.Call, id string) (*GetSecretValueOutput, error) {
	f, err := secrets.FindCached(c, id)
	if err != nil {
		return nil, err
	}
	if err := c.Authorize("secretsmanager:GetSecretValue", secrets.Target(f, id)); err != nil {
		return nil, err
	}
	return sm.getSecretValue(c, &GetSecretValueInput{SecretID: id})
}

// apiError converts the error of one secret to its form in the output; ok is false for an internal error of
// Writ, and for nil.
func apiError(id string, err error) (failure APIErrorType, ok bool) {
	if e, is := errors.AsType[*awserr.Error](err); is && e.Sender() {
		return APIErrorType{SecretID: &id, ErrorCode: &e.Code, Message: &e.Message}, true
	}
	if d, is := errors.AsType[*authz.Denial](err); is {
		return APIErrorType{SecretID: &id, ErrorCode: new("AccessDeniedException"), Message: new(d.Error())}, true
	}
	return APIErrorType{}, false
}
