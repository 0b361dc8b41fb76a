package imagebuilder

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// The targets of the rows: what the gate judges. A target that cannot be found
// is judged by the ARN as it was given, so that no caller learns what another
// account has; the handler then says what is wrong. What Amazon publishes needs
// no policy: to the engine, resources of the account "aws" are everybody's own.

// onNewest is the target that a member names, which may be a version ARN.
func onNewest[In any](member func(In) string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) { return target(c, member(in)) }
}

// onBuilds is the target of listing the builds of a version: all of them. A
// list without a version is of the caller's own.
func onBuilds[In any](typ string, member func(In) *string) func(*operation.Call, In) (authz.Target, error) {
	return func(c *operation.Call, in In) (authz.Target, error) {
		if arn := member(in); arn != nil {
			return authz.Target{ARN: *arn + "/*"}, nil
		}
		return authz.Target{ARN: newName(c, typ, "*", "*").String() + "/*"}, nil
	}
}

// target is what an ARN stands for now, as the gate judges it.
func target(c *operation.Call, arn string) (authz.Target, error) {
	n, err := parseName(arn)
	if err != nil {
		return authz.Target{ARN: arn}, nil
	}
	n, err = newest(c, n)
	if err != nil {
		return authz.Target{ARN: arn}, dropAWSError(err)
	}
	return authz.Target{ARN: n.String()}, nil
}

// createTarget is the target of a call that creates a resource with tags. An err says
// that the call will fail, which is for the handler to tell.
func createTarget(n name, err error, tags map[string]string) (authz.Target, error) {
	return authz.Target{ARN: n.String(), RequestTags: tags}, dropAWSError(err)
}

// dropAWSError drops the errors that a handler would answer with.
func dropAWSError(err error) error {
	if _, ok := errors.AsType[*awserr.Error](err); ok {
		return nil
	}
	return err
}
