package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Edit is one change to one policy.
type Edit struct {
	Kind      Kind   // of the policy, which says the side: the caller's, the resource's, the organization's
	Level     int    // of service and resource control policies
	Account   string // whose administrator can make the edit; empty for an endpoint policy
	Policy    string // the policy's name; empty if there is none yet, or it has no name
	Remove    bool   // remove statement Statement; otherwise add the statement Add
	Statement int
	Add       string // JSON
}

// String says the edit in a sentence.
func (e Edit) String() string {
	what := policyNoun(e.Kind.layer(), e.Kind == Trust)
	if e.Kind.ofOrganization() {
		what = fmt.Sprintf("%s of level %d", what, e.Level)
	}
	if e.Policy != "" {
		what = fmt.Sprintf("the %s %s", what, e.Policy)
	} else {
		what = article(what) + " " + what
	}
	if e.Account != "" {
		what += " in account " + e.Account
	}
	if e.Remove {
		return fmt.Sprintf("remove statement %d of %s", e.Statement, what)
	}
	return fmt.Sprintf("add to %s: %s", what, e.Add)
}

// smallestChange looks for the fewest edits after which the request is allowed.
// Every denying statement must go, and every ceiling of the organization or the
// endpoint must allow; of the four layers that are left, it tries each subset,
// small ones first, the caller's own before the resource's. What it offers has
// been decided anew.
func smallestChange(req *Request, p *Policies, b *binding) []Edit {
	c := change{req: req, binding: b, policies: *p}
	c.removeDenials()
	c.addToEndpoint()
	c.addToLevels()
	free := [...]Kind{Identity, Boundary, Session, b.resourceKind()}
	// Subsets as bits, ordered by size: the identity policy alone comes first, the
	// resource policy alone last of the single ones.
	for _, subset := range [...]int{0, 1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15} {
		try := c.clone()
		for i, kind := range free {
			if subset>>i&1 != 0 {
				try.add(kind)
			}
		}
		if Decide(req, &try.policies).Allowed() {
			return try.edits
		}
	}
	return nil
}

// change is a set of edits and the policies after them.
type change struct {
	req      *Request
	binding  *binding
	policies Policies
	edits    []Edit
}

func (c *change) clone() *change {
	d := *c
	d.edits = slices.Clone(c.edits)
	return &d
}

// removeDenials removes every statement that denies the request.
func (c *change) removeDenials() {
	e := newEvaluator(c.req, &c.policies)
	p, b := &c.policies, c.binding
	p.ResourceControl, p.ServiceControl = slices.Clone(p.ResourceControl), slices.Clone(p.ServiceControl)
	for i := range p.ResourceControl {
		if b.rcp {
			c.removeFrom(&e, &p.ResourceControl[i], ResourceControl, i)
		}
	}
	for i := range p.ServiceControl {
		if b.scp {
			c.removeFrom(&e, &p.ServiceControl[i], ServiceControl, i)
		}
	}
	c.removeFrom(&e, &p.Endpoint, Endpoint, 0)
	if b.resource {
		c.removeFrom(&e, &p.Resource, b.resourceKind(), 0)
	}
	if b.identity {
		c.removeFrom(&e, &p.Identity, Identity, 0)
		c.removeFrom(&e, &p.Boundary, Boundary, 0)
	}
	if b.session {
		c.removeFrom(&e, &p.Session, Session, 0)
	}
}

func (c *change) removeFrom(e *evaluator, policies *[]Attached, kind Kind, level int) {
	*policies = slices.Clone(*policies)
	for i, a := range *policies {
		if a.Document == nil {
			continue
		}
		var gone []int
		for j := range a.Document.rules {
			if r := &a.Document.rules[j]; r.deny && e.judge(r, kind).applies {
				gone = append(gone, j)
				c.edits = append(c.edits, Edit{Kind: kind, Level: level, Account: c.account(kind), Policy: a.Name, Remove: true, Statement: j})
			}
		}
		if gone != nil {
			(*policies)[i].Document = a.Document.without(gone)
		}
	}
}

// without is the document without some of its statements.
func (d *Document) without(gone []int) *Document {
	rest := &Document{Version: d.Version, ID: d.ID}
	for i, s := range d.Statements {
		if !slices.Contains(gone, i) {
			rest.Statements = append(rest.Statements, s)
		}
	}
	rest.compile()
	return rest
}

// addToLevels adds to every level of service control policies that does not allow.
func (c *change) addToLevels() {
	if !c.binding.scp {
		return
	}
	e := newEvaluator(c.req, &c.policies)
	for i := range c.policies.ServiceControl {
		if !e.tally(c.policies.ServiceControl[i], ServiceControl, i).allowed {
			c.addStatement(&c.policies.ServiceControl[i], ServiceControl, i)
		}
	}
}

// add adds to a layer that may or may not exist.
func (c *change) add(kind Kind) {
	switch kind {
	case Identity:
		c.addStatement(&c.policies.Identity, kind, 0)
	case Boundary:
		c.addStatement(&c.policies.Boundary, kind, 0)
	case Session:
		c.addStatement(&c.policies.Session, kind, 0)
	case Resource, Trust:
		c.addStatement(&c.policies.Resource, kind, 0)
	}
}

// addToEndpoint adds to the endpoint's policy, if it exists and does not allow.
func (c *change) addToEndpoint() {
	e := newEvaluator(c.req, &c.policies)
	if c.policies.Endpoint != nil && !e.tally(c.policies.Endpoint, Endpoint, 0).allowed {
		c.addStatement(&c.policies.Endpoint, Endpoint, 0)
	}
}

// addStatement adds a statement that allows just this request: to the first
// policy of the layer, or a new one. That it is tried as a policy of its own
// makes no difference, since the policies of a layer are alternatives.
func (c *change) addStatement(policies *[]Attached, kind Kind, level int) {
	text := c.statement(kind)
	doc, err := Parse([]byte(`{"Version":"2012-10-17","Statement":` + text + `}`))
	if err != nil {
		return // a request whose names cannot stand in JSON text
	}
	name := ""
	if len(*policies) > 0 {
		name = (*policies)[0].Name
	}
	*policies = append(slices.Clip(*policies), Attached{Document: doc})
	c.edits = append(c.edits, Edit{Kind: kind, Level: level, Account: c.account(kind), Policy: name, Add: text})
}

// escapes makes text of what would be wildcards and variables.
var escapes = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")

// statement writes the statement that allows this request in a policy of the
// kind. Names from the request are text in it: a wildcard among them is escaped.
func (c *change) statement(kind Kind) string {
	parts := []string{`"Effect":"Allow"`}
	switch kind {
	case Resource, Trust:
		parts = append(parts, `"Principal":`+c.principal())
	case Endpoint:
		parts = append(parts, `"Principal":"*"`)
	}
	parts = append(parts, `"Action":`+textJSON(c.req.Action))
	if kind != Trust {
		resource := c.req.Resource
		if resource != "*" {
			resource = escapes.Replace(resource)
		}
		parts = append(parts, `"Resource":`+textJSON(resource))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// principal is the Principal that names the caller: a session by its role.
func (c *change) principal() string {
	who := &c.req.Principal
	switch who.Kind {
	case Anonymous:
		return `"*"`
	case Service:
		return `{"Service":` + textJSON(who.ARN) + `}`
	case WebIdentity:
		return `{"Federated":` + textJSON(who.ARN) + `}`
	case RoleSession, FederatedUser:
		if who.Issuer != "" {
			return `{"AWS":` + textJSON(who.Issuer) + `}`
		}
	}
	return `{"AWS":` + textJSON(who.ARN) + `}`
}

// account is the account in which policies of the kind are edited.
func (c *change) account(kind Kind) string {
	switch kind {
	case Endpoint:
		return ""
	case Resource, Trust, ResourceControl:
		return c.binding.owner
	}
	return c.req.Principal.Account
}

func textJSON(s string) string { return string(appendText(nil, s)) }
