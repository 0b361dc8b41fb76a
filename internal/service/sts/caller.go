package sts

import (
	"errors"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// getCallerIdentity needs no permission, even with an explicit deny; the policy engine
// allows it.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func getCallerIdentity(c *operation.Call, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	return &GetCallerIdentityOutput{
		UserID:  &c.Caller.UserID,
		Account: new(c.Account()),
		ARN:     new(c.Caller.ARN()),
	}, nil
}

// getAccessKeyInfo returns the account of any access key.
func getAccessKeyInfo(c *operation.Call, in *GetAccessKeyInfoInput) (*GetAccessKeyInfoOutput, error) {
	if err := rejectUserSession(c, "GetAccessKeyInfo"); err != nil {
		return nil, err
	}
	if account, ok := identity.AccountOfSessionKey(in.AccessKeyID); ok {
		return &GetAccessKeyInfoOutput{Account: &account}, nil
	}
	key, err := c.Tx.AccessKey(in.AccessKeyID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, invalid("The access key ID %s does not exist.", in.AccessKeyID)
	}
	if err != nil {
		return nil, err
	}
	return &GetAccessKeyInfoOutput{Account: &key.Account}, nil
}

// rejectSession returns an error for a caller with session credentials of any kind.
func rejectSession(c *operation.Call, op string) error {
	if c.Caller.Session != nil {
		return denied("Cannot call %s with session credentials", op)
	}
	return nil
}

// rejectUserSession returns an error for the session of a user or root user: credentials of
// GetSessionToken can call AssumeRole and GetCallerIdentity only.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func rejectUserSession(c *operation.Call, op string) error {
	if kind := c.Caller.Principal.Kind; kind == policy.User || kind == policy.Root {
		return rejectSession(c, op)
	}
	return nil
}
