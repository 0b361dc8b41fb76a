package secretsmanager

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// maxBatch is how many values a page of BatchGetSecretValue has.
const maxBatch = 20

// batchGetSecretValue answers the current values of secrets that are named, or that filters
// find. Each is authorized by itself, as GetSecretValue; one that fails is among the errors
// of the answer.
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

// authorizedValue returns GetSecretValue of a secret within another operation.
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

// apiError returns an error of one secret as an answer has it; ok is false for an error of Writ
// itself, and for none.
func apiError(id string, err error) (failure APIErrorType, ok bool) {
	if e, is := errors.AsType[*awserr.Error](err); is && e.Sender() {
		return APIErrorType{SecretID: &id, ErrorCode: &e.Code, Message: &e.Message}, true
	}
	if d, is := errors.AsType[*authz.Denial](err); is {
		return APIErrorType{SecretID: &id, ErrorCode: new("AccessDeniedException"), Message: new(d.Error())}, true
	}
	return APIErrorType{}, false
}
