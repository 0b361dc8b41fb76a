package kms

import (
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/wire"
)

// keyOnly resolves a key identifier where KMS accepts a key id or ARN, but no alias.
func keyOnly(c *operation.Call, name string) (keys.Found, error) {
	found, err := c.FindKey(name)
	if err == nil && found.Alias != "" {
		err = errNotFound("Invalid keyId '%s'", name)
	}
	return found, err
}

// keyTarget returns the target of an operation that accepts no alias, and the resolved
// key.
func keyTarget(c *operation.Call, name, op string, context map[string]string) (authz.Target, keys.Found, error) {
	found, err := keyOnly(c, name)
	if err != nil {
		return authz.Target{}, found, err
	}
	target, err := c.KeyTarget(found, operation.KeyUse{Operation: op, Context: context})
	return target, found, err
}

// useTarget returns the target of a use of a key, which accepts an alias.
func useTarget(c *operation.Call, name string, tokens []string, use operation.KeyUse) (authz.Target, error) {
	if err := checkTokens(tokens); err != nil {
		return authz.Target{}, err
	}
	found, err := c.FindKey(name)
	if err != nil {
		return authz.Target{}, err
	}
	return c.KeyTarget(found, use)
}

// checkTokens returns an error for an invalid grant token. A grant is effective as soon as it is created, so
// a token has no other effect.
func checkTokens(tokens []string) error {
	for _, token := range tokens {
		if _, _, ok := keys.ParseToken(token); !ok {
			return errInvalidGrantToken("The grant token is not valid.")
		}
	}
	return nil
}

// locate returns the target of a hypothetical request: a key with its policy and the
// grants that allow the action. It has no encryption context.
func locate(c *operation.Call, action, arn string) (authz.Target, error) {
	found, err := c.FindKey(arn)
	if err != nil {
		return authz.Target{}, err
	}
	return c.KeyTarget(found, operation.KeyUse{Operation: strings.TrimPrefix(action, api.Name+":")})
}

// ownTarget is keyTarget for operations that do not accept keys of other accounts.
func ownTarget(c *operation.Call, name, op string) (authz.Target, error) {
	target, _, err := keyTarget(c, name, op, nil)
	if err == nil && !c.Caller.OwnsARN(target.ARN) {
		err = notOwner()
	}
	return target, err
}

// ownKey returns the target function for a member that names a key of the caller's account.
func ownKey[In, Out any](api wire.API[In, Out], member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) { return ownTarget(c, member(in), api.Name) }
}

// find returns the key in a handler's input, or a NotFoundException if it does not exist.
func find(c *operation.Call, name string) (*keys.Key, error) {
	found, err := c.FindKey(name)
	if err != nil {
		return nil, err
	}
	return found.Existing()
}

// findActive is find for operations that reject keys pending deletion.
func findActive(c *operation.Call, name string) (*keys.Key, error) {
	k, err := find(c, name)
	if err != nil {
		return nil, err
	}
	return k, k.CheckNotPendingDeletion(c.Now)
}

// findEnabled is find for operations that require an enabled key.
func findEnabled(c *operation.Call, name string) (*keys.Key, error) {
	k, err := find(c, name)
	if err != nil {
		return nil, err
	}
	return k, k.CheckUsable(c.Now)
}
