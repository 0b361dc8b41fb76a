// Package operation holds the types that every AWS service of Writ uses: the Call that a
// handler receives, the Row that makes an operation from a typed handler, and what all
// services share: client tokens, paging, records.
//
// It has no rule of a single service; the services are in internal/service. Start
// reading at Row, then at one service's service.go.
package operation

import (
	"context"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
)

// Call is one authenticated request in its transaction, and everything that a handler may
// use. If the transaction runs again, it has a new Call.
type Call struct {
	Context   context.Context
	Tx        *store.Tx // nil before the transaction
	Now       time.Time
	RequestID string
	Partition string // "aws"
	Region    string // "us-east-1"
	Caller    identity.Caller
	Directory *identity.Directory // creates credentials
	KeyUsage  *identity.KeyUsage  // last use of access keys
	// AccessUsage is when principals were last allowed each action.
	AccessUsage *identity.AccessUsage

	// Prepared is the result of the operation's Prepare; nil if it has none.
	Prepared any

	// Verified is what authenticated the caller of an operation that needs no signature,
	// set by its target; nil for the others.
	Verified any
	// Issuers are the keys of token issuers.
	Issuers *federation.Issuers

	// NewID returns a fresh random UUID.
	NewID func() string
	// NewOrderedID returns a fresh UUID that is greater than those of earlier times. Rows
	// with such ids are appended to indexes; those with random ids are scattered over them,
	// so that a commit writes more pages. nil is NewID.
	NewOrderedID func(now time.Time) string
	// NewARN is the ARN of the resource that the call makes, where the operation chooses a
	// part of it, such as the suffix of a secret; "" leaves the choice to the operation. Only
	// an Operator sets it.
	NewARN string
	// Gate decides; Keys are the condition keys of this request.
	Gate *authz.Gate
	Keys *authz.RequestKeys
	// Decisions are those that the gate made for this call, in order: the one about the
	// operation's target, then those that its handler asked for.
	Decisions []*authz.Decision
}

// NewShareID returns a fresh id for a resource share or an invitation to one.
func (c *Call) NewShareID() string {
	if c.NewOrderedID == nil {
		return c.NewID()
	}
	return c.NewOrderedID(c.Now)
}

// Account is the caller's account id.
func (c *Call) Account() string { return c.Caller.Account() }

// Authorize asks the gate whether the caller may do action on the target. Handlers
// use it for what an operation acts on in addition to its own target.
func (c *Call) Authorize(action string, target authz.Target) error {
	decision, err := c.Gate.Check(c.Tx, authz.Question{Caller: c.Caller, Action: action, Target: target, Keys: c.Keys})
	if decision != nil {
		c.Decisions = append(c.Decisions, decision)
	}
	return err
}

// May reports whether the caller may do action on the target, for lists that omit what
// the caller may not see.
func (c *Call) May(action string, target authz.Target) (bool, error) {
	return c.Gate.May(c.Tx, authz.Question{Caller: c.Caller, Action: action, Target: target, Keys: c.Keys})
}
