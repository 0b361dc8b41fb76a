package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
)

// Change is what turns a denial into an allow.
type Change struct {
	// Edits are to be made together; none can be left out. They have been tried
	// on the request.
	Edits []Edit
	// Obstacles are the policies that must change and that may not be edited. If
	// there is one, there are no Edits.
	Obstacles []Obstacle
}

// Obstacle is a policy that blocks the request and may not be edited.
type Obstacle struct {
	Kind      Kind
	Level     int    // of service and resource control policies, from the root down
	Policy    string // its name; empty if no policy of the layer allows the request
	Statement int    // the index of the statement that denies; -1 if no statement allows
}

// String says in a sentence what blocks the request.
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

// EditableByName is the rule for policies of unknown ownership: every policy may
// be edited but those that AWS manages.
func EditableByName(_ Kind, name string) bool {
	a, err := arn.Parse(name)
	return err != nil || a.Account != "aws"
}

// SmallestChange looks for the fewest edits after which the request is allowed.
// Only policies that editable reports may change; it is asked with an empty name
// whether a policy may be added to a layer.
//
// Every statement that denies must spare the request, and every level of service
// control policies and the endpoint policy must allow: each of these edits is
// needed. Of the four layers that
// are left, each subset is tried, small ones first, the caller's own before the
// resource's. In a layer that must allow, an Allow statement that lacks one
// element is widened by that element where possible; otherwise a statement is
// added. A Deny statement is narrowed where possible, otherwise removed. No edit
// holds a wildcard that the request does not have.
//
// The result is zero if the request is allowed, or if no edits of policies can
// help.
func SmallestChange(req *Request, p *Policies, editable func(kind Kind, name string) bool) Change {
	if Decide(req, p).Allowed() {
		return Change{}
	}
	b := bind(req, p)
	c := &search{req: req, policies: p, binding: &b, evaluator: newEvaluator(req, p), editable: editable}
	c.evaluator.trace = nil
	c.spareFromDenials()
	c.allowAtCeilings()
	if c.obstacles != nil {
		return Change{Obstacles: c.obstacles}
	}
	return Change{Edits: c.tryLayers()}
}

// search is the search for the smallest change.
type search struct {
	req       *Request
	policies  *Policies
	binding   *binding
	evaluator evaluator
	editable  func(Kind, string) bool

	steps     []editStep // that every change needs
	obstacles []Obstacle
}

// editStep is an edit and the splices that make it.
type editStep struct {
	Edit
	layerRef
	index   int // of the policy in its layer; newPolicy for none
	splices []splice
}

const newPolicy = -1

// spareFromDenials finds a step for every statement that denies the request.
func (c *search) spareFromDenials() {
	for _, ref := range c.policies.binding(c.binding) {
		for i, a := range *c.policies.layer(ref.kind, ref.level) {
			if a.Document == nil {
				continue
			}
			for j := range a.Document.rules {
				if r := &a.Document.rules[j]; !r.deny || !c.evaluator.judge(r, ref.kind).applies {
					continue
				}
				if !c.editable(ref.kind, a.Name) {
					c.obstacles = append(c.obstacles, Obstacle{ref.kind, ref.level, a.Name, j})
					continue
				}
				c.steps = append(c.steps, c.spare(ref, i, j))
			}
		}
	}
}

// spare makes one Deny statement spare the request: by the first of its
// narrowings after which it does not apply, else by removing it.
func (c *search) spare(ref layerRef, policy, statement int) editStep {
	a := (*c.policies.layer(ref.kind, ref.level))[policy]
	for _, s := range c.narrowings(a.Document, &a.Document.Statements[statement], ref.kind) {
		s.layerRef, s.index, s.Statement, s.Policy = ref, policy, statement, a.Name
		after, err := Parse([]byte(apply(a.Document.source, slices.Clone(s.splices))))
		if err == nil && !c.evaluator.judge(&after.rules[statement], ref.kind).applies {
			return c.filled(s)
		}
	}
	return c.filled(editStep{Edit: Edit{Op: RemoveStatement, Policy: a.Name, Statement: statement}, layerRef: ref, index: policy})
}

// allowAtCeilings finds a step for every level of service control policies, and
// for the endpoint policy, that does not allow the request.
func (c *search) allowAtCeilings() {
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

// firstThatAllows is the first grant of a layer after which the layer allows.
func (c *search) firstThatAllows(ref layerRef) (editStep, bool) {
	for _, s := range c.grants(ref) {
		after, _, ok := c.applied([]editStep{s})
		if ok && c.allows(&after, ref) {
			return s, true
		}
	}
	return editStep{}, false
}

// allows reports whether a statement of a layer allows the request, whatever its
// Deny statements do: those have steps of their own.
func (c *search) allows(p *Policies, ref layerRef) bool {
	for _, a := range *p.layer(ref.kind, ref.level) {
		if a.Document == nil {
			continue
		}
		for i := range a.Document.rules {
			if r := &a.Document.rules[i]; !r.deny && c.evaluator.judge(r, ref.kind).applies {
				return true
			}
		}
	}
	return false
}

// subsets are the sets of layers to change, as bits over the four layers of
// tryLayers, ordered by size: the identity policies alone come first, the
// resource policy alone last of the single ones.
var subsets = [...]int{0, 1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15}

// tryLayers looks for the smallest set of layers whose change, with the steps
// that are needed anyway, allows the request.
func (c *search) tryLayers() []Edit {
	layers := [...]layerRef{{Identity, 0}, {Boundary, 0}, {Session, 0}, {c.binding.resourceKind(), 0}}
	var grants [len(layers)][]editStep
	for i, ref := range layers {
		if c.mayLack(ref) {
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

// mayLack reports whether a layer can be the reason of a denial: an absent
// boundary or session policy limits nothing, but for a federated user.
func (c *search) mayLack(ref layerRef) bool {
	switch ref.kind {
	case Boundary:
		return c.policies.Boundary != nil
	case Session:
		return c.policies.Session != nil || c.binding.caller == FederatedUser
	}
	return true
}

// tryGrants tries one grant of each layer with the steps, the preferred first.
func (c *search) tryGrants(steps []editStep, layers [][]editStep) []Edit {
	if len(layers) == 0 {
		return c.allowed(steps)
	}
	for _, grant := range layers[0] {
		if edits := c.tryGrants(append(slices.Clip(steps), grant), layers[1:]); edits != nil {
			return edits
		}
	}
	return nil
}

// allowed is the edits of the steps, if they allow the request.
func (c *search) allowed(steps []editStep) []Edit {
	after, edits, ok := c.applied(steps)
	if !ok || !Decide(c.req, &after).Allowed() {
		return nil
	}
	return edits
}

// applied is the policies after the steps, and the edits with the documents that
// they lead to; false if a document cannot be read after them.
func (c *search) applied(steps []editStep) (Policies, []Edit, bool) {
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

// filled completes the edit of a step.
func (c *search) filled(s editStep) editStep {
	s.Kind, s.Level, s.Account = s.kind, s.level, c.account(s.kind)
	return s
}

// account is the account in which policies of the kind are edited.
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

// escapes makes text of what would be wildcards and variables.
var escapes = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")
