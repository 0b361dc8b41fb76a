package operation

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/wire"
)

// Service is one AWS service: its wire identity and its table of operations.
type Service struct {
	API        *wire.Service
	Operations []Operation

	// Global says that the service has one endpoint for all regions of a partition:
	// policies see the region of that endpoint in its requests.
	Global bool

	// Authorization is the service's page of the service authorization reference: see
	// ResourceTypes.
	Authorization []byte

	// Locate returns the target of a hypothetical request on a resource, for a service
	// whose authorization depends on more than the policies on the resource; nil for
	// others.
	Locate func(c *Call, action, arn string) (authz.Target, error)

	// Due does what is due for a resource that has a timer (store.Timer), which is gone by
	// then: if more will be due, Due sets it again. The call is of the account's root user at
	// the time that the timer is due. Its first decision tells what was done. nil for
	// services that set no timers.
	Due func(c *Call, arn string) error

	// NotOwner is the error for an OwnerWrite on another account's resource.
	NotOwner error
}

// Access is the access of an operation to the store.
type Access uint8

const (
	Read       Access = iota + 1 // reads
	Write                        // writes
	OwnerWrite                   // writes, only for the account that owns the target
)

// Operation is one row of a service's table; Row hides the types of its handler.
type Operation struct {
	Wire   *wire.Operation
	Action string // the IAM action: "imagebuilder:PutImagePolicy"
	Access Access

	// WritesIf, if not nil, reports whether an operation with Read access writes for an
	// input.
	WritesIf func(in any) bool

	// Prepare, if not nil, computes before the transaction what needs no stored state, so
	// that it does not delay other writers. It runs before the authorization. Its result
	// is Call.Prepared.
	Prepare func(c *Call, in any) any
	// Target returns what a decoded input acts on.
	Target func(c *Call, in any) (authz.Target, error)
	// Handle handles the call; it runs only after the gate allowed it.
	Handle func(c *Call, in any) (out any, err error)
}

// Writes reports whether the operation needs a writing transaction for an input.
func (o *Operation) Writes(in any) bool {
	return o.Access != Read || o.WritesIf != nil && o.WritesIf(in)
}

// Row returns one operation: its wire format, its access, its target and its handler.
// The IAM action is the operation's name.
func Row[In, Out any](s *wire.Service, api wire.API[In, Out], access Access,
	target func(*Call, In) (authz.Target, error), handle func(*Call, In) (Out, error)) Operation {
	return Operation{
		Wire:   wire.NewOperation(s, api),
		Action: s.Name + ":" + api.Name,
		Access: access,
		Target: func(c *Call, in any) (authz.Target, error) { return target(c, in.(In)) },
		Handle: func(c *Call, in any) (any, error) { return handle(c, in.(In)) },
	}
}

// Prepared returns the operation with a function for its Prepare.
func Prepared[In any](o Operation, prepare func(*Call, In) any) Operation {
	o.Prepare = func(c *Call, in any) any { return prepare(c, in.(In)) }
	return o
}

// WritingIf returns the operation with a function for its WritesIf.
func WritingIf[In any](o Operation, writes func(In) bool) Operation {
	o.WritesIf = func(in any) bool { return writes(in.(In)) }
	return o
}

// On returns a target function that reads the resource's ARN from a member of the input.
func On[In any](member func(In) string) func(*Call, In) (authz.Target, error) {
	return func(_ *Call, in In) (authz.Target, error) { return authz.Target{ARN: member(in)}, nil }
}

// OnAll is the target of operations without resource-level permissions.
func OnAll[In any](*Call, In) (authz.Target, error) { return authz.Target{ARN: "*"}, nil }

// Complete checks that the table has exactly one row for each served operation.
func (s *Service) Complete(served []string) error {
	rows := map[string]int{}
	for _, op := range s.Operations {
		rows[op.Wire.Name]++
	}
	for _, name := range served {
		if rows[name] != 1 {
			return fmt.Errorf("%s: %d rows for operation %s, want 1", s.API.Name, rows[name], name)
		}
		delete(rows, name)
	}
	for name := range rows {
		return fmt.Errorf("%s: a row for %s, which is not served", s.API.Name, name)
	}
	return nil
}

// ResourceTypes maps the service's IAM actions to the types of resources that they
// act on, as FoldType returns them; an action without resource-level permissions has
// none.
func (s *Service) ResourceTypes() (map[string][]string, error) {
	if s.Authorization == nil {
		return nil, nil
	}
	var reference struct {
		Actions map[string]struct{ Resources []string }
	}
	if err := json.Unmarshal(s.Authorization, &reference); err != nil {
		return nil, fmt.Errorf("authorization reference of %s: %w", s.API.Name, err)
	}
	types := map[string][]string{}
	for name, action := range reference.Actions {
		list := make([]string, len(action.Resources))
		for i, r := range action.Resources {
			list[i] = FoldType(r)
		}
		types[s.API.Name+":"+name] = list
	}
	return types, nil
}

// FoldType returns the name of a resource type without hyphens and in lower case: the
// reference spells "imageRecipe" what ARNs spell "image-recipe".
func FoldType(name string) string { return strings.ToLower(strings.ReplaceAll(name, "-", "")) }
