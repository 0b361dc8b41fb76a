package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
)

// Change describes how to turn a denial into an allow.
type Change struct {
	// Edits must all be made; none of them is redundant. They have been verified for the request.
	Edits []Edit
	// Obstacles lists the policies that would have to change but are not editable. If there is one, Edits is
	// empty.
	Obstacles []Obstacle
}

// Obstacle is a policy that blocks the request and is not editable.
type Obstacle struct {
	Kind      Kind
	Level     int    // of service and resource control policies, counted from the root
	Policy    string // its name; empty if no policy of the layer allows the request
	Statement int    // the index of the statement that denies; -1 if no statement allows
}

// String describes in a sentence what blocks the request.
func (o Obstacle) String() string {
	noun := policyNoun(o.Kind.layer(), o.Kind == Trust)
	level := ""
	if o.Kind.ofOrganization() {
		level = fmt.Sprintf(" of level %d", o.Level)
	}
	if o.Statement < 0 {
		return fmt.Sprintf("no %s%s allows the request", noun, level)
	}
	return fmt.Sprintf("statement %d of the %s %s%s denies the request", o.Statement, noun, o.Policy, level)
}

// EditableByName returns the rule for policies of unknown ownership: every policy is editable except those that
// AWS manages.
func EditableByName(_ Kind, name string) bool {
	a, err := arn.Parse(name)
	return err != nil || a.Account != "aws"
}

// SmallestChange searches for the smallest number of edits after which the request is allowed. Only policies
// for which editable returns true may change; an empty name asks whether a policy may be added to a layer.
//
// Every statement that denies must exempt the request, and every level of service control policies and the
// endpoint policy must allow it: each of these edits is required. For the remaining four layers every subset
// is tried, small ones first, the caller's layers before the resource's. In a layer that must allow, an Allow
// statement with one element that does not match is widened if possible; otherwise a statement is added. A
// Deny statement is narrowed if possible, otherwise removed. No edit contains a wildcard that the request
// does not have.
//
// The result is zero if the request is allowed, or if no edits of policies can change the decision.
func SmallestChange(req *Request, p *Policies, editable func(kind Kind, name string) bool) Change {
	if Decide(req, p).Allowed() {
		return Change{}
	}
	b := bind(req, p)
	c := &search{req: req, policies: p, binding: &b, evaluator: newEvaluator(req, p), editable: editable}
	c.evaluator.trace = nil
	c.exemptFromDenials()
	c.allowAtLimits()
	if c.obstacles != nil {
		return Change{Obstacles: c.obstacles}
	}
	return Change{Edits: c.tryLayers()}
}

// search holds the state of SmallestChange.
type search struct {
	req       *Request
	policies  *Policies
	binding   *binding
	evaluator evaluator
	editable  func(Kind, string) bool

	steps     []editStep // required by every change
	obstacles []Obstacle
}

// editStep is an edit and the splices that perform it.
type editStep struct {
	Edit
	layerRef
	index   int // of the policy in its layer; newPolicy for a new one
	splices []splice
}

const newPolicy = -1

// exemptFromDenials adds a step for every statement that denies the request.
func (c *search) exemptFromDenials() {
	for _, ref := range c.policies.binding(c.binding) {
		for i, a := range *c.policies.layer(ref.kind, ref.level) {
			if a.Document == nil {
				continue
			}
			for j := range a.Document.rules {
				if r := &a.Document.rules[j]; !r.deny || !c.evaluator.evaluateStatement(r, ref.kind).applies {
					continue
				}
				if !c.editable(ref.kind, a.Name) {
					c.obstacles = append(c.obstacles, Obstacle{ref.kind, ref.level, a.Name, j})
					continue
				}
				c.steps = append(c.steps, c.exempt(ref, i, j))
			}
		}
	}
}

// exempt returns the step that exempts the request from one Deny statement: the first narrowing after which
// the statement does not apply, else its removal.
func (c *search) exempt(ref layerRef, policy, statement int) editStep {
	a := (*c.policies.layer(ref.kind, ref.level))[policy]
	for _, s := range c.narrowings(a.Document, &a.Document.Statements()[statement], ref.kind) {
		s.layerRef, s.index, s.Statement, s.Policy = ref, policy, statement, a.Name
		after, err := Parse([]byte(apply(a.Document.source, slices.Clone(s.splices))))
		if err == nil && !c.evaluator.evaluateStatement(&after.rules[statement], ref.kind).applies {
			return c.completeEdit(s)
		}
	}
	return c.completeEdit(editStep{Edit: Edit{Op: RemoveStatement, Policy: a.Name, Statement: statement}, layerRef: ref, index: policy})
}

// allowAtLimits adds a step for every level of service control policies, and for the endpoint policy, that
// does not allow the request.
func (c *search) allowAtLimits() {
	for _, ref := range c.policies.binding(c.binding) {
		if ref.kind != ServiceControl && ref.kind != Endpoint {
			continue
		}
		if c.allows(c.policies, ref) {
			continue
		}
		if s, ok := c.firstThatAllows(ref); ok {
			c.steps = append(c.steps, s)
		} else {
			c.obstacles = append(c.obstacles, Obstacle{Kind: ref.kind, Level: ref.level, Statement: -1})
		}
	}
}

// firstThatAllows returns the first step of a layer after which the layer allows the request.
func (c *search) firstThatAllows(ref layerRef) (editStep, bool) {
	for _, s := range c.grants(ref) {
		after, _, ok := c.applySteps([]editStep{s})
		if ok && c.allows(&after, ref) {
			return s, true
		}
	}
	return editStep{}, false
}

// allows reports whether a statement of a layer allows the request. It ignores Deny statements, which have
// steps of their own.
func (c *search) allows(p *Policies, ref layerRef) bool {
	for _, a := range *p.layer(ref.kind, ref.level) {
		if a.Document == nil {
			continue
		}
		for i := range a.Document.rules {
			if r := &a.Document.rules[i]; !r.deny && c.evaluator.evaluateStatement(r, ref.kind).applies {
				return true
			}
		}
	}
	return false
}

// subsets lists the sets of layers to change, as bits over the four layers of tryLayers, ordered by size: the
// identity policies alone come first, the resource policy alone last of the single ones.
var subsets = [...]int{0, 1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15}

// tryLayers searches for the smallest set of layers whose change, together with the required steps, allows
// the request.
func (c *search) tryLayers() []Edit {
	layers := [...]layerRef{{Identity, 0}, {Boundary, 0}, {Session, 0}, {c.binding.resourceKind(), 0}}
	var grants [len(layers)][]editStep
	for i, ref := range layers {
		if c.canDeny(ref) {
			grants[i] = c.grants(ref)
		}
	}
	for _, subset := range subsets {
		var chosen [][]editStep
		for i := range layers {
			if subset>>i&1 != 0 {
				chosen = append(chosen, grants[i])
			}
		}
		if edits := c.tryGrants(slices.Clip(c.steps), chosen); edits != nil {
			return edits
		}
	}
	return nil
}

// canDeny reports whether a layer can be the reason of a denial: an absent boundary or session policy limits
// nothing, except for a federated user.
func (c *search) canDeny(ref layerRef) bool {
	switch ref.kind {
	case Boundary:
		return c.policies.Boundary != nil
	case Session:
		return c.policies.Session != nil || c.binding.caller == FederatedUser
	}
	return true
}

// tryGrants tries one grant of each layer together with the steps, in order of preference.
func (c *search) tryGrants(steps []editStep, layers [][]editStep) []Edit {
	if len(layers) == 0 {
		return c.verifiedEdits(steps)
	}
	for _, grant := range layers[0] {
		if edits := c.tryGrants(append(slices.Clip(steps), grant), layers[1:]); edits != nil {
			return edits
		}
	}
	return nil
}

// verifiedEdits returns the edits of the steps if they allow the request.
func (c *search) verifiedEdits(steps []editStep) []Edit {
	after, edits, ok := c.applySteps(steps)
	if !ok || !Decide(c.req, &after).Allowed() {
		return nil
	}
	return edits
}

// applySteps returns the policies after the steps, and the edits with the resulting documents. It returns false
// if a resulting document does not parse.
func (c *search) applySteps(steps []editStep) (Policies, []Edit, bool) {
	p := *c.policies
	p.ServiceControl, p.ResourceControl = slices.Clone(p.ServiceControl), slices.Clone(p.ResourceControl)
	edits := make([]Edit, 0, len(steps))
	type place struct {
		layerRef
		index int
	}
	revisions := map[place]*revision{}
	for _, s := range steps {
		at := place{s.layerRef, s.index}
		r := revisions[at]
		if r == nil {
			r = new(revision)
			if s.index != newPolicy {
				r.doc = (*p.layer(s.kind, s.level))[s.index].Document
			}
			revisions[at] = r
		}
		switch s.Op {
		case RemoveStatement:
			r.removed = append(r.removed, s.Statement)
		case AddStatement:
			r.added = append(r.added, s.Add)
		default:
			r.splices = append(r.splices, s.splices...)
		}
	}
	for at, r := range revisions {
		text := r.text()
		layer := p.layer(at.kind, at.level)
		a := Attached{}
		if at.index != newPolicy {
			*layer = slices.Clone(*layer)
			a.Name = (*layer)[at.index].Name
		}
		if text != "" {
			doc, err := Parse([]byte(text))
			if err != nil {
				return Policies{}, nil, false
			}
			a.Document = doc
		}
		if at.index == newPolicy {
			*layer = append(slices.Clip(*layer), a)
		} else {
			(*layer)[at.index] = a
		}
	}
	for _, s := range steps {
		s.Edit.Document = revisions[place{s.layerRef, s.index}].text()
		edits = append(edits, s.Edit)
	}
	return p, edits, true
}

// completeEdit completes the edit of a step.
func (c *search) completeEdit(s editStep) editStep {
	s.Kind, s.Level, s.Account = s.kind, s.level, c.account(s.kind)
	return s
}

// account returns the account in which policies of the kind are edited.
func (c *search) account(kind Kind) string {
	switch kind {
	case Endpoint:
		return ""
	case ServiceControl, ResourceControl:
		return c.req.ManagementAccount
	case Resource, Trust:
		return c.binding.owner
	}
	return c.req.Principal.Account
}

func textJSON(s string) string { return string(appendText(nil, s)) }

// escapes replaces wildcards and the start of variables by their escapes.
var escapes = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")
