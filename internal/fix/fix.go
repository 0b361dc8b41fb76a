package fix

import (
	"fmt"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/decision"
)

// Read makes a call and decodes its output.
type Read func(c Call, into any) error

// Denied returns the decision of a record that denied the request: the record itself
// or one of its children; nil if none did.
func Denied(r *decision.Record) *decision.Record {
	if r.Verdict != "allow" {
		return r
	}
	for i := range r.Children {
		if child := Denied(&r.Children[i]); child != nil {
			return child
		}
	}
	return nil
}

// For returns the calls that make the smallest change of a denied record, one for each policy that changes.
// The error gives the reason why no call can make the change.
func For(r *decision.Record, read Read) ([]Call, error) {
	if r.Change == nil || len(r.Change.Edits) == 0 {
		return nil, fmt.Errorf("there is no change to make")
	}
	var calls []Call
	made := map[string]bool{} // several edits of one policy have the same document
	for _, e := range r.Change.Edits {
		key := e.Kind + " " + e.Policy
		if made[key] {
			continue
		}
		made[key] = true
		call, err := edit{Edit: e, record: r, read: read}.call()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Text, err)
		}
		call.Account = e.Account
		calls = append(calls, call)
	}
	return calls, nil
}

// edit is the edit of one policy.
type edit struct {
	decision.Edit
	record *decision.Record
	read   Read
}

func (e edit) call() (Call, error) {
	switch e.Kind {
	case "identity":
		return e.identityPolicy()
	case "boundary":
		return e.managedPolicy(e.Policy)
	case "trust":
		return e.trustPolicy()
	case "resource":
		return e.resourcePolicy()
	}
	return Call{}, fmt.Errorf("no call changes a policy of the kind %q", e.Kind)
}

// iamRegion is the region in which calls of IAM, a global service, are signed.
const iamRegion = "us-east-1"

// iamCall returns a call of IAM.
func iamCall(operation string, params ...Param) Call {
	return Call{Region: iamRegion, Service: "iam", Operation: operation, Params: params}
}

// identityPolicy edits a managed policy, or an inline policy. The name of an inline policy is the ARN of its
// user, group or role, "/policy/" and its own name. A policy without a name is a new inline policy of the
// caller.
func (e edit) identityPolicy() (Call, error) {
	owner, name := e.record.Caller.ARN, "allow-"+strings.ReplaceAll(e.record.Action, ":", "-")
	if e.record.Caller.Issuer != "" {
		owner = e.record.Caller.Issuer
	}
	if e.Policy != "" {
		a, err := arn.Parse(e.Policy)
		if err == nil && strings.HasPrefix(a.Resource, "policy/") {
			return e.managedPolicy(e.Policy)
		}
		var inline bool
		if owner, name, inline = strings.Cut(e.Policy, "/policy/"); !inline {
			return Call{}, fmt.Errorf("no call changes the policy %s", e.Policy)
		}
	}
	a, err := arn.Parse(owner)
	if err != nil {
		return Call{}, err
	}
	kind, path, _ := strings.Cut(a.Resource, "/")
	noun, known := map[string]string{"user": "User", "group": "Group", "role": "Role"}[kind]
	if a.Service != "iam" || !known {
		return Call{}, fmt.Errorf("%s has no inline policies", owner)
	}
	params := []Param{
		{Name: noun + "Name", Value: path[strings.LastIndexByte(path, '/')+1:]},
		{Name: "PolicyName", Value: name},
	}
	if e.Document == "" {
		return iamCall("Delete"+noun+"Policy", params...), nil
	}
	return iamCall("Put"+noun+"Policy", append(params, Param{Name: "PolicyDocument", Value: e.Document})...), nil
}

// managedPolicy edits a customer managed policy by creating a new default version.
func (e edit) managedPolicy(policy string) (Call, error) {
	if e.Document == "" {
		return Call{}, fmt.Errorf("no statement of %s would be left; detach it instead", policy)
	}
	return iamCall("CreatePolicyVersion", Param{Name: "PolicyArn", Value: policy},
		Param{Name: "PolicyDocument", Value: e.Document}, Param{Name: "SetAsDefault", Flag: true}), nil
}

func (e edit) trustPolicy() (Call, error) {
	role := e.record.Resource
	if e.Document == "" {
		return Call{}, fmt.Errorf("no statement of the trust policy of %s would be left", role)
	}
	return iamCall("UpdateAssumeRolePolicy", Param{Name: "RoleName", Value: role[strings.LastIndexByte(role, '/')+1:]},
		Param{Name: "PolicyDocument", Value: e.Document}), nil
}
