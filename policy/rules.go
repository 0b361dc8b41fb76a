package policy

import "slices"

// Rules holds the requirements of one service for the policies of its resources, in addition to those of the
// kind of policy. The zero value has no requirements.
type Rules struct {
	// Tolerates lists the codes of findings that the service ignores: IAM, for
	// example, stores a trust policy that allows everyone.
	Tolerates []string

	// ForbidEmpty turns findings about empty lists of actions, resources and
	// principals from suggestions into errors.
	ForbidEmpty bool

	ActionPrefixes  []string // every action must have one of these service prefixes: "imagebuilder"
	Actions         []string // every action must match one of these patterns: "ssm:GetParameter*"
	ForbidNotAction bool

	Resource          string   // every Resource must be this ARN
	Resources         []string // every Resource must match one of these patterns
	RequireResource   bool
	ForbidResource    bool // forbids Resource and NotResource
	ForbidNotResource bool

	PrincipalTypes     []string // the allowed types, such as "AWS" and "Service"; empty means all
	ForbidEveryone     bool     // forbids the principal "*"
	ForbidNotPrincipal bool

	ForbidDeny      bool
	ForbidCondition bool
	RequireSid      bool
	Versions        []string // the accepted versions; empty means that Version is optional and can be any
	MaxStatements   int

	MaxCharacters    int  // of the text, in code points
	IgnoreWhiteSpace bool // MaxCharacters does not count white space
}

// emptyCodes lists the codes of findings that ForbidEmpty turns into errors.
var emptyCodes = [...]string{"EMPTY_ARRAY_ACTION", "EMPTY_ARRAY_RESOURCE", "EMPTY_ARRAY_PRINCIPAL", "EMPTY_OBJECT_PRINCIPAL"}

// document checks the requirements for the whole document.
func (r *Rules) document(v *validator) {
	doc := v.doc
	if len(r.Versions) > 0 && !slices.Contains(r.Versions, doc.Version().Text) {
		v.add("UNSUPPORTED_VERSION", v.orDocument(doc.Version().Node), "the Version of this policy must be %s", quoted(r.Versions))
	}
	if r.MaxStatements > 0 && len(doc.Statements()) > r.MaxStatements {
		v.add("TOO_MANY_STATEMENTS", v.documentNode(), "the policy has %d statements; the limit is %d", len(doc.Statements()), r.MaxStatements)
	}
	if n := characters(doc.source, r.IgnoreWhiteSpace); r.MaxCharacters > 0 && n > r.MaxCharacters {
		v.add("POLICY_SIZE_EXCEEDS_SERVICE_QUOTA", v.documentNode(), "the policy has %d characters; the limit is %d", n, r.MaxCharacters)
	}
}

// statement checks the requirements for one statement.
func (r *Rules) statement(v *validator, s *Statement) {
	forbid := func(forbidden bool, n Node, name string) {
		if forbidden && n.Present() {
			v.add("UNSUPPORTED_ELEMENT", n, "%s is not allowed in this policy", name)
		}
	}
	forbid(r.ForbidNotAction, s.NotAction.Key, "NotAction")
	forbid(r.ForbidResource, s.Resource.Key, "Resource")
	forbid(r.ForbidResource || r.ForbidNotResource, s.NotResource.Key, "NotResource")
	forbid(r.ForbidNotPrincipal, s.NotPrincipal.Key, "NotPrincipal")
	forbid(r.ForbidCondition, s.Condition.Key, "Condition")
	if r.ForbidDeny && s.Effect.Text == "Deny" {
		v.add("UNSUPPORTED_EFFECT", s.Effect.Node, "this policy can only have Allow statements")
	}
	if r.RequireSid && s.Sid.Text == "" {
		v.add("MISSING_SID", s.Node, "a statement of this policy needs a Sid")
	}
	if r.RequireResource && !s.Resource.Present() && !s.NotResource.Present() && !v.needsResource() {
		v.add("MISSING_RESOURCE", s.Node, "a statement of this policy needs a Resource")
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
			v.add("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", n.Node, "the Resource of this policy must be %q", r.Resource)
		} else if len(r.Resources) > 0 && !matchesAnyPattern(r.Resources, n.Text, dialect{wildcards: true, arn: true}, false) {
			v.add("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", n.Node, "%q is not a resource that this policy can contain", n.Text)
		}
	}
}

func (r *Rules) principals(v *validator, p *Principals) {
	if r.ForbidEveryone && p.Any.Text == "*" {
		v.add("UNSUPPORTED_PRINCIPAL", p.Node, "the principal %q is not allowed in this policy", "*")
	}
	for _, e := range p.Entries {
		if len(r.PrincipalTypes) > 0 && !slices.Contains(r.PrincipalTypes, e.Type) {
			v.add("UNSUPPORTED_PRINCIPAL", e.Values.Key, "a principal of this policy must be of type %s", quoted(r.PrincipalTypes))
		}
		for _, p := range e.Values.Values {
			if r.ForbidEveryone && e.Type == "AWS" && p.Text == "*" {
				v.add("UNSUPPORTED_PRINCIPAL", p.Node, "the principal %q is not allowed in this policy", "*")
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
