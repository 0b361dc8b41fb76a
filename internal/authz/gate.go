// Package authz is the one gate in front of every handler: it gathers the
// inputs of a decision inside the request's transaction and asks the policy
// engine.
//
// It holds no rule of its own and remembers no decision; what it does remember
// is compiled documents, keyed by their text. Start reading at Gate.Check.
package authz

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Mode says what the gate does with a denial.
type Mode uint8

const (
	Enforce Mode = iota // refuse
	Audit               // log and let pass
	Off                 // do not even ask
)

// String is the word of the --enforce flag.
func (m Mode) String() string {
	switch m {
	case Audit:
		return "audit"
	case Off:
		return "off"
	}
	return "on"
}

// Target is what a request acts on, as its authorization sees it.
type Target struct {
	// ARN of the resource, or "*" where the action has none.
	ARN string
	// RequestTags are the tags that the request carries: aws:RequestTag, aws:TagKeys.
	RequestTags map[string]string
	// TagKeys are tag names that come without values, as in UntagResource.
	TagKeys []string
	// Keys are condition keys of the service itself.
	Keys map[string][]string
	// Public is the policy of a resource that AWS publishes to all accounts.
	Public *policy.Document
}

// Question is one decision to make.
type Question struct {
	Caller identity.Caller
	Action string // "imagebuilder:GetImage"
	Target Target
	// Keys sets the condition keys of the request itself.
	Keys func(*policy.Context)
}

// Denial is the error of a request that the policies do not allow.
type Denial struct{ Explanation policy.Explanation }

// Error is the sentence that AWS would print.
func (d *Denial) Error() string { return d.Explanation.Sentence }

// Gate decides.
type Gate struct {
	Mode Mode
	Log  *slog.Logger

	documents documents
	requests  sync.Pool
}

// Check returns nil if the policies in the store allow what q asks, a *Denial
// if they do not, and another error if they cannot be read (which denies, too).
func (g *Gate) Check(tx *store.Tx, q Question) error {
	if g.Mode == Off {
		return nil
	}
	req, _ := g.requests.Get().(*policy.Request)
	if req == nil {
		req = new(policy.Request)
	}
	defer g.requests.Put(req)
	policies, err := g.gather(tx, req, q)
	if err != nil {
		return fmt.Errorf("authorize %s on %s: %w", q.Action, q.Target.ARN, err)
	}
	if policy.Decide(req, &policies).Allowed() {
		return nil
	}
	denial := &Denial{policy.Explain(req, &policies)}
	if g.Mode == Audit {
		g.Log.Warn("would be denied", "sentence", denial.Error())
		return nil
	}
	return denial
}

// gather sets req to what q asks, and compiles every document that binds it.
func (g *Gate) gather(tx *store.Tx, req *policy.Request, q Question) (p policy.Policies, err error) {
	bonds, err := identity.BondsOf(tx, q.Caller)
	if err != nil {
		return p, err
	}
	context := req.Context
	context.Reset()
	*req = policy.Request{Principal: q.Caller.Principal, Action: q.Action, Resource: q.Target.ARN, Context: context}
	if req.Resource == "*" {
		req.ResourceAccount = q.Caller.Account()
	} else if a, err := arn.Parse(req.Resource); err == nil {
		req.ResourceAccount = a.Account
	}
	callers, err := identity.MembershipOf(tx, q.Caller.Account())
	if err != nil {
		return p, err
	}
	resources := callers
	if req.ResourceAccount != q.Caller.Account() {
		if resources, err = identity.MembershipOf(tx, req.ResourceAccount); err != nil {
			return p, err
		}
	}
	c := &req.Context
	callerKeys(c, q.Caller, bonds.Tags)
	c.Set("aws:ResourceAccount", req.ResourceAccount)
	organizationKeys(c, callers, resources)
	if q.Keys != nil {
		q.Keys(c)
	}
	if err := targetKeys(tx, c, q.Target); err != nil {
		return p, err
	}

	for _, layer := range []struct {
		texts []identity.Text
		into  *[]policy.Attached
	}{{bonds.Identity, &p.Identity}, {bonds.Boundary, &p.Boundary}, {bonds.Session, &p.Session}} {
		if *layer.into, err = g.documents.compileAll(layer.texts); err != nil {
			return p, err
		}
	}
	// Neither an SCP nor an RCP binds the management account.
	if callers.ManagementAccount != q.Caller.Account() {
		if p.ServiceControl, err = g.documents.compileLevels(callers.ServiceControl); err != nil {
			return p, err
		}
	}
	if resources.ManagementAccount != req.ResourceAccount {
		if p.ResourceControl, err = g.documents.compileLevels(resources.ResourceControl); err != nil {
			return p, err
		}
	}
	p.Resource, err = g.resourcePolicies(tx, q.Target)
	return p, err
}

// resourcePolicies compiles the documents on a target, whoever wrote them.
func (g *Gate) resourcePolicies(tx *store.Tx, t Target) ([]policy.Attached, error) {
	var list []policy.Attached
	if t.Public != nil {
		list = []policy.Attached{{Name: "public", Document: t.Public}}
	}
	if t.ARN == "*" {
		return list, nil
	}
	attached, err := tx.Policies(t.ARN)
	if err != nil {
		return nil, err
	}
	for _, a := range attached {
		d, err := g.documents.compile(a.Document)
		if err != nil {
			return nil, fmt.Errorf("policy of %s: %w", a.ARN, err)
		}
		list = append(list, policy.Attached{Name: a.ARN, Document: d})
	}
	return list, nil
}
