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
	// PolicyARN is the ARN that the policies lie on which bind the target, where
	// that is not ARN itself; "*" if none bind it.
	PolicyARN string
	// RequestTags are the tags that the request carries: aws:RequestTag, aws:TagKeys.
	RequestTags map[string]string
	// TagKeys are tag names that come without values, as in UntagResource.
	TagKeys []string
	// Keys are condition keys of the service itself.
	Keys map[string][]string
	// MustGrant says that the policy of the resource must allow, even its own
	// account's callers.
	MustGrant bool
	// Granted are documents that the service itself puts on the target, beside
	// those in the store: to whom it published or delegated what.
	Granted []identity.Text
	// Lent are documents that count as the caller's own for this target: where
	// the word of its owner is enough, as a grant of a KMS key is.
	Lent []identity.Text
	// AWSManaged marks what AWS keeps for the account: an AWS managed KMS key.
	AWSManaged bool
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
type Denial struct {
	// Sentence is what AWS would print. It names no policy: who asks need not know
	// whose it is that denies.
	Sentence    string
	Explanation policy.Explanation
	Question    Question
	Owner       string // the account of the target
}

func (d *Denial) Error() string { return d.Sentence }

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
	req := g.request()
	defer g.requests.Put(req)
	policies, err := g.gather(tx, req, q)
	if err != nil {
		return fmt.Errorf("authorize %s on %s: %w", q.Action, q.Target.ARN, err)
	}
	decision := policy.Decide(req, &policies)
	if decision.Allowed() {
		return nil
	}
	denial := &Denial{decision.Sentence(req), policy.Explain(req, &policies), q, req.ResourceAccount}
	if g.Mode == Audit {
		g.Log.Warn("would be denied", "sentence", denial.Error())
		return nil
	}
	return denial
}

// May reports whether Check would let q pass. It explains and logs nothing: it is
// for lists that leave out what the caller may not see.
func (g *Gate) May(tx *store.Tx, q Question) (bool, error) {
	if g.Mode != Enforce {
		return true, nil
	}
	req := g.request()
	defer g.requests.Put(req)
	policies, err := g.gather(tx, req, q)
	if err != nil {
		return false, fmt.Errorf("authorize %s on %s: %w", q.Action, q.Target.ARN, err)
	}
	return policy.Decide(req, &policies).Allowed(), nil
}

// request lends a request to fill; give it back to g.requests.
func (g *Gate) request() *policy.Request {
	if req, ok := g.requests.Get().(*policy.Request); ok {
		return req
	}
	return new(policy.Request)
}

// Parse parses a document through the gate's memory of compiled documents: what
// is about to be put need not be compiled again by the first request it binds.
func (g *Gate) Parse(text string) (*policy.Document, error) {
	d, err := g.documents.compile(text)
	return d.Document, err
}

// gather sets req to what q asks, and compiles every document that binds it.
func (g *Gate) gather(tx *store.Tx, req *policy.Request, q Question) (policy.Policies, error) {
	bonds, err := identity.BondsOf(tx, q.Caller)
	if err != nil {
		return policy.Policies{}, err
	}
	caller, owner := q.Caller.Account(), ownerOf(q)
	callers, err := identity.MembershipOf(tx, caller)
	if err != nil {
		return policy.Policies{}, err
	}
	owners := callers
	if owner != caller {
		if owners, err = identity.MembershipOf(tx, owner); err != nil {
			return policy.Policies{}, err
		}
	}
	l := layers{documents: &g.documents}
	if err := l.own(bonds, q.Target.Lent); err != nil {
		return policy.Policies{}, err
	}
	if err := l.organizations(caller, callers, owner, owners); err != nil {
		return policy.Policies{}, err
	}
	if err := l.resource(tx, q.Target); err != nil {
		return policy.Policies{}, err
	}

	context := req.Context
	context.Reset()
	*req = policy.Request{
		Principal: q.Caller.Principal, Action: q.Action,
		Resource: q.Target.ARN, ResourceAccount: owner, Context: context,
		NeedsResourceGrant: q.Target.MustGrant, AWSManaged: q.Target.AWSManaged,
	}
	if !l.keys { // as most documents: they have no condition and no variable
		return l.policies, nil
	}
	c := &req.Context
	callerKeys(c, q.Caller)
	organizationKeys(c, callers, owners)
	c.Set("aws:ResourceAccount", owner)
	if q.Keys != nil {
		q.Keys(c)
	}
	targetKeys(c, q.Target)
	if l.resourceTags && q.Target.ARN != "*" {
		tags, err := tx.Tags(q.Target.ARN)
		if err != nil {
			return policy.Policies{}, err
		}
		resourceTagKeys(c, q.Target.ARN, tags)
	}
	if l.principalTags {
		tags, err := bonds.Tags(tx)
		if err != nil {
			return policy.Policies{}, err
		}
		tagKeys(c, "aws:PrincipalTag/", tags)
	}
	return l.policies, nil
}

// ownerOf is the account that owns what q is about; a target without one is
// the caller's own.
func ownerOf(q Question) string {
	if a, err := arn.Parse(q.Target.ARN); err == nil {
		return a.Account
	}
	return q.Caller.Account()
}
