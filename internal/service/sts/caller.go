package sts

import (
	"errors"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// getCallerIdentity needs no permission, even under an explicit deny; the
// policy engine knows that.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func getCallerIdentity(c *operation.Call, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	return &GetCallerIdentityOutput{
		UserID:  &c.Caller.UserID,
		Account: new(c.Account()),
		ARN:     new(c.Caller.ARN()),
	}, nil
}

// getAccessKeyInfo tells the account of an access key, be it the caller's or not.
func getAccessKeyInfo(c *operation.Call, in *GetAccessKeyInfoInput) (*GetAccessKeyInfoOutput, error) {
	if err := refuseUserSession(c, "GetAccessKeyInfo"); err != nil {
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

// refuseSession refuses a caller with session credentials of any kind.
func refuseSession(c *operation.Call, op string) error {
	if c.Caller.Session != nil {
		return denied("Cannot call %s with session credentials", op)
	}
	return nil
}

// refuseUserSession refuses the session of a user or root user: what
// GetSessionToken gives is good for AssumeRole and GetCallerIdentity only.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func refuseUserSession(c *operation.Call, op string) error {
	if kind := c.Caller.Principal.Kind; kind == policy.User || kind == policy.Root {
		return refuseSession(c, op)
	}
	return nil
}
