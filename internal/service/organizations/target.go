package organizations

import (
	"errors"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
)

// The targets of the rows. A resource that does not exist has the ARN that it would have;
// the handler returns the error.

// all is the target of operations without resource-level permissions.
func all[In any](*call, In) (authz.Target, error) { return authz.Target{ARN: "*"}, nil }

// onNode is the root, the unit or the account whose id a member has.
func onNode[In any](member func(In) string) func(*call, In) (authz.Target, error) {
	return func(c *call, in In) (authz.Target, error) {
		return authz.Target{ARN: c.org.NodeARN(member(in))}, nil
	}
}

// onPolicy is the policy whose id a member has.
func onPolicy[In any](member func(In) string) func(*call, In) (authz.Target, error) {
	return func(c *call, in In) (authz.Target, error) { return c.policyTarget(member(in)) }
}

// policyTarget is a policy with the condition key of its type.
func (c *call) policyTarget(id string) (authz.Target, error) {
	p, err := c.policy(id)
	if !known(err) {
		return authz.Target{}, err
	}
	if err != nil {
		p.Type = string(PolicyTypeServiceControlPolicy)
	}
	return authz.Target{ARN: c.org.PolicyARN(p.Type, id), Keys: policyTypeKey(p.Type)}, nil
}

func policyTypeKey(policyType string) map[string][]string {
	return map[string][]string{"organizations:PolicyType": {policyType}}
}

// ofType is the target of operations whose only condition key is a policy type.
func ofType[In any](member func(In) PolicyType) func(*call, In) (authz.Target, error) {
	return func(_ *call, in In) (authz.Target, error) {
		return authz.Target{ARN: "*", Keys: policyTypeKey(string(member(in)))}, nil
	}
}

// onTyped is the node whose id a member has, with a policy type.
func onTyped[In any](id func(In) string, policyType func(In) PolicyType) func(*call, In) (authz.Target, error) {
	return func(c *call, in In) (authz.Target, error) {
		return authz.Target{ARN: c.org.NodeARN(id(in)), Keys: policyTypeKey(string(policyType(in)))}, nil
	}
}

// ofService is the target of operations about a service's trusted access.
func ofService[In any](member func(In) *string) func(*call, In) (authz.Target, error) {
	return func(_ *call, in In) (authz.Target, error) {
		t := authz.Target{ARN: "*"}
		if name := member(in); name != nil {
			t.Keys = servicePrincipalKey(*name)
		}
		return t, nil
	}
}

// onAdministrator is an account with the service that it administers.
func onAdministrator[In any](account, principal func(In) string) func(*call, In) (authz.Target, error) {
	return func(c *call, in In) (authz.Target, error) {
		return authz.Target{ARN: c.org.NodeARN(account(in)), Keys: servicePrincipalKey(principal(in))}, nil
	}
}

func servicePrincipalKey(name string) map[string][]string {
	return map[string][]string{"organizations:ServicePrincipal": {name}}
}

// onHandshake is the handshake whose id a member has.
func onHandshake[In any](member func(In) string) func(*call, In) (authz.Target, error) {
	return func(c *call, in In) (authz.Target, error) { return c.handshakeTarget(member(in)) }
}

// known reports whether an error is nil or an error for clients.
func known(err error) bool {
	_, ok := errors.AsType[*awserr.Error](err)
	return err == nil || ok
}
