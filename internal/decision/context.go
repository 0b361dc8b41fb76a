package decision

import (
	"slices"
	"strings"

	"github.com/writdev/writ/policy"
)

// contextKeys lists every condition key that a policy uses in a condition or a policy
// variable, with its values in the request.
func contextKeys(req *policy.Request, p *policy.Policies) []ContextKey {
	asked := keySet{}
	for _, layer := range [][]policy.Attached{p.Identity, p.Boundary, p.Session, p.Resource, p.Endpoint} {
		asked.addPolicies(layer)
	}
	for _, levels := range [][][]policy.Attached{p.ServiceControl, p.ResourceControl} {
		for _, level := range levels {
			asked.addPolicies(level)
		}
	}
	keys := make([]ContextKey, 0, len(asked))
	for _, name := range asked {
		values := req.Context.Get(name)
		keys = append(keys, ContextKey{Key: name, Values: slices.Clone(values), Absent: len(values) == 0})
	}
	return keys
}

// keySet is a sorted list of condition keys. It ignores case and keeps the first spelling.
type keySet []string

func (s *keySet) add(name string) {
	i, found := slices.BinarySearchFunc(*s, name, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	if !found {
		*s = slices.Insert(*s, i, name)
	}
}

func (s *keySet) addPolicies(policies []policy.Attached) {
	for _, a := range policies {
		if a.Document == nil || !a.Document.ReadsContext() {
			continue
		}
		variables := a.Document.Version().Text == "2012-10-17"
		for i := range a.Document.Statements() {
			s.addStatement(&a.Document.Statements()[i], variables)
		}
	}
}

func (s *keySet) addStatement(st *policy.Statement, variables bool) {
	lists := []policy.List{st.Resource, st.NotResource}
	for _, op := range st.Condition.Operators {
		for _, k := range op.Keys {
			s.add(k.Name)
			lists = append(lists, k.Values)
		}
	}
	if !variables {
		return
	}
	for _, l := range lists {
		for _, v := range l.Values {
			s.addVariables(v.Text)
		}
	}
}

// addVariables adds the keys of the policy variables in a text:
// "${aws:username}", "${aws:PrincipalTag/team, 'none'}".
func (s *keySet) addVariables(text string) {
	for {
		_, rest, ok := strings.Cut(text, "${")
		if !ok {
			return
		}
		inside, after, ok := strings.Cut(rest, "}")
		if !ok {
			return
		}
		name, _, _ := strings.Cut(inside, ",")
		if name = strings.TrimSpace(name); strings.Contains(name, ":") {
			s.add(name)
		}
		text = after
	}
}
