package policy

import "slices"

// Rules are what one service asks of the documents attached to its resources,
// beyond what the kind of policy asks. The zero value asks nothing.
type Rules struct {
	// Tolerates lists the codes of findings that the service does not make: IAM,
	// for one, stores a trust policy for everybody.
	Tolerates []string

	// ForbidEmpty makes errors of lists of actions, resources and principals that name
	// nothing; as such they are harmless, and only suggestions.
	ForbidEmpty bool

	ActionPrefixes  []string // every action must have one of these service prefixes: "imagebuilder"
	Actions         []string // every action must match one of these patterns: "ssm:GetParameter*"
	ForbidNotAction bool

	Resource          string   // every Resource must be this ARN
	Resources         []string // every Resource must match one of these patterns
	RequireResource   bool
	ForbidResource    bool // neither Resource nor NotResource may stand
	ForbidNotResource bool

	PrincipalTypes     []string // the types that may be named: "AWS", "Service"; empty means all
	ForbidEveryone     bool     // "*" may not stand as a principal
	ForbidNotPrincipal bool

	ForbidDeny      bool
	ForbidCondition bool
	RequireSid      bool
	Versions        []string // the versions accepted; empty means any, and none
	MaxStatements   int

	MaxCharacters    int  // of the text, in code points
	IgnoreWhiteSpace bool // MaxCharacters does not count white space
}

// emptyCodes are the codes of findings that ForbidEmpty makes errors of.
var emptyCodes = [...]string{"EMPTY_ARRAY_ACTION", "EMPTY_ARRAY_RESOURCE", "EMPTY_ARRAY_PRINCIPAL", "EMPTY_OBJECT_PRINCIPAL"}

// document checks what the rules say of the whole document.
func (r *Rules) document(v *validator) {
	doc := v.doc
	if len(r.Versions) > 0 && !slices.Contains(r.Versions, doc.Version.Text) {
		v.add("UNSUPPORTED_VERSION", v.orWhole(doc.Version.Node), "Version must be %s here", quoted(r.Versions))
	}
	if r.MaxStatements > 0 && len(doc.Statements) > r.MaxStatements {
		v.add("TOO_MANY_STATEMENTS", v.whole(), "the document has %d statements; %d are allowed here", len(doc.Statements), r.MaxStatements)
	}
	if n := characters(doc.source, r.IgnoreWhiteSpace); r.MaxCharacters > 0 && n > r.MaxCharacters {
		v.add("POLICY_SIZE_EXCEEDS_SERVICE_QUOTA", v.whole(), "the document has %d characters; %d are allowed here", n, r.MaxCharacters)
	}
}

// statement checks what the rules say of one statement.
func (r *Rules) statement(v *validator, s *Statement) {
	forbid := func(forbidden bool, n Node, name string) {
		if forbidden && n.Present() {
			v.add("UNSUPPORTED_ELEMENT", n, "%s may not stand in this policy", name)
		}
	}
	forbid(r.ForbidNotAction, s.NotAction.Key, "NotAction")
	forbid(r.ForbidResource, s.Resource.Key, "Resource")
	forbid(r.ForbidResource || r.ForbidNotResource, s.NotResource.Key, "NotResource")
	forbid(r.ForbidNotPrincipal, s.NotPrincipal.Key, "NotPrincipal")
	forbid(r.ForbidCondition, s.Condition.Key, "Condition")
	if r.ForbidDeny && s.Effect.Text == "Deny" {
		v.add("UNSUPPORTED_EFFECT", s.Effect.Node, "only Allow may stand in this policy")
	}
	if r.RequireSid && s.Sid.Text == "" {
		v.add("MISSING_SID", s.Node, "a statement needs a Sid here")
	}
	if r.RequireResource && !s.Resource.Present() && !s.NotResource.Present() && !v.needsResource() {
		v.add("MISSING_RESOURCE", s.Node, "a statement needs a Resource here")
	}
	r.actions(v, s)
	r.resources(v, s)
	r.principals(v, &s.Principal)
	r.principals(v, &s.NotPrincipal)
}

func (r *Rules) actions(v *validator, s *Statement) {
	for _, a := range slices.Concat(s.Action.Values, s.NotAction.Values) {
		if len(r.ActionPrefixes) > 0 && !slices.ContainsFunc(r.ActionPrefixes, func(p string) bool { return hasPrefixFold(a.Text, p+":") }) {
			v.add("UNSUPPORTED_ACTION_IN_POLICY", a.Node, "%q is not an action of %s", a.Text, quoted(r.ActionPrefixes))
		} else if len(r.Actions) > 0 && !matchesAnyPattern(r.Actions, a.Text, dialect{wildcards: true}, true) {
			v.add("UNSUPPORTED_ACTION_IN_POLICY", a.Node, "%q is not an action that this policy can allow", a.Text)
		}
	}
}

func (r *Rules) resources(v *validator, s *Statement) {
	for _, n := range slices.Concat(s.Resource.Values, s.NotResource.Values) {
		if r.Resource != "" && n.Text != r.Resource {
			v.add("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", n.Node, "Resource must be %q here", r.Resource)
		} else if len(r.Resources) > 0 && !matchesAnyPattern(r.Resources, n.Text, dialect{wildcards: true, arn: true}, false) {
			v.add("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", n.Node, "%q is not a resource that this policy can speak of", n.Text)
		}
	}
}

func (r *Rules) principals(v *validator, p *Principals) {
	if r.ForbidEveryone && p.Any.Text == "*" {
		v.add("UNSUPPORTED_PRINCIPAL", p.Node, "%q may not stand as a principal here", "*")
	}
	for _, e := range p.Entries {
		if len(r.PrincipalTypes) > 0 && !slices.Contains(r.PrincipalTypes, e.Type) {
			v.add("UNSUPPORTED_PRINCIPAL", e.Values.Key, "a principal must be of type %s here", quoted(r.PrincipalTypes))
		}
		for _, p := range e.Values.Values {
			if r.ForbidEveryone && e.Type == "AWS" && p.Text == "*" {
				v.add("UNSUPPORTED_PRINCIPAL", p.Node, "%q may not stand as a principal here", "*")
			}
		}
	}
}

func matchesAnyPattern(patterns []string, text string, d dialect, fold bool) bool {
	m := matcher{fold: fold}
	return slices.ContainsFunc(patterns, func(p string) bool {
		g := compileGlob(p, d)
		return m.match(&g, text)
	})
}
