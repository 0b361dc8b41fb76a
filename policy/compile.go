package policy

import "strings"

// rule is a compiled statement.
//
// A statement that is not well formed must not let anyone through: where an
// element is missing, stands beside its opposite or cannot be understood, an
// Allow applies to nothing and a Deny to everything. What is not exactly
// "Allow" denies.
type rule struct {
	deny       bool
	principal  principalTest
	action     actionTest
	resource   resourceTest
	conditions []condition
}

// test is how an element of a statement is judged.
type test uint8

const (
	testAbsent   test = iota // the element does not stand in the statement
	testListed               // Action, Resource, Principal: one of the list must match
	testUnlisted             // NotAction, ...: none may match
	testUnclear              // both the element and its opposite
)

type principalTest struct {
	test
	entries []principalEntry
}

type actionTest struct {
	test
	patterns []glob
	texts    []string
}

type resourceTest struct {
	test
	patterns []resourcePattern
}

type resourcePattern struct {
	glob   glob
	padded *glob // a pattern of fewer than six fields, the missing ones as "*"
	wild   bool  // it has a wildcard
}

// compile makes the rules and the index.
func (d *Document) compile() {
	variables := d.Version.Text == "2012-10-17"
	d.rules = make([]rule, len(d.Statements))
	for i := range d.Statements {
		d.rules[i] = compileStatement(&d.Statements[i], variables)
	}
	d.index = newIndex(d.rules)
}

func compileStatement(s *Statement, variables bool) rule {
	r := rule{deny: s.Effect.Text != "Allow"}

	r.principal.test = chooseTest(s.Principal.Present(), s.NotPrincipal.Present())
	switch r.principal.test {
	case testListed:
		r.principal.entries = compilePrincipals(s.Principal)
		if s.Principal.Any.Present() && s.Principal.Any.Text != "*" {
			r.principal.test = testUnclear
		}
	case testUnlisted:
		r.principal.entries = compilePrincipals(s.NotPrincipal)
		if !r.deny {
			r.principal.test = testUnclear // NotPrincipal grants nothing
		}
	}

	r.action.test = chooseTest(s.Action.Present(), s.NotAction.Present())
	list := s.Action
	if r.action.test == testUnlisted {
		list = s.NotAction
	}
	r.action.patterns = make([]glob, 0, len(list.Values))
	for _, v := range list.Values {
		if pattern := lowerString(v.Text); strings.Contains(pattern, ":") || strings.Trim(pattern, "*") == "" && pattern != "" {
			r.action.patterns = append(r.action.patterns, compileGlob(pattern, dialect{wildcards: true}))
			r.action.texts = append(r.action.texts, pattern)
		}
	}

	r.resource.test = chooseTest(s.Resource.Present(), s.NotResource.Present())
	list = s.Resource
	if r.resource.test == testUnlisted {
		list = s.NotResource
	}
	r.resource.patterns = make([]resourcePattern, len(list.Values))
	for i, v := range list.Values {
		r.resource.patterns[i] = compileResource(v.Text, variables)
	}

	r.conditions = compileConditions(s.Condition, variables, r.deny)
	return r
}

func chooseTest(listed, unlisted bool) test {
	switch {
	case listed && unlisted:
		return testUnclear
	case listed:
		return testListed
	case unlisted:
		return testUnlisted
	}
	return testAbsent
}

// compileResource compiles a pattern of whole ARNs.
func compileResource(pattern string, variables bool) resourcePattern {
	d := dialect{wildcards: true, variables: variables, arn: true}
	p := resourcePattern{glob: compileGlob(pattern, d), wild: strings.ContainsAny(pattern, "*?")}
	if missing := 5 - strings.Count(pattern, ":"); missing > 0 && !p.glob.anything() {
		padded := compileGlob(pattern+strings.Repeat(":*", missing), d)
		p.padded = &padded
	}
	return p
}

// index finds the rules that can match an action without looking at the others.
// A rule stands in one list for any action: of those that name the action, of
// those with a wildcard behind its service, or of those open to any service.
type index struct {
	all       []int32 // every rule, when they are too few to be worth an index
	open      []int32
	byService map[uint64][]int32 // foldHash of the service prefix
	byAction  map[uint64][]int32 // foldHash of the action
}

// fewRules is the number of rules up to which the index is the plain list.
const fewRules = 4

func newIndex(rules []rule) index {
	var x index
	if len(rules) <= fewRules {
		for i := range rules {
			x.all = append(x.all, int32(i))
		}
		return x
	}
	x.byService, x.byAction = make(map[uint64][]int32), make(map[uint64][]int32)
	for i := range rules {
		x.add(int32(i), &rules[i])
	}
	return x
}

func (x *index) add(i int32, r *rule) {
	services, open := r.action.wildServices()
	if open || r.deny && r.action.test == testUnclear {
		x.open = append(x.open, i)
		return
	}
	for service := range services {
		x.byService[service] = append(x.byService[service], i)
	}
	for _, pattern := range r.action.texts {
		service, _, _ := strings.Cut(pattern, ":")
		if _, ok := services[foldHash(service)]; ok {
			continue
		}
		h := foldHash(pattern)
		if list := x.byAction[h]; len(list) == 0 || list[len(list)-1] != i {
			x.byAction[h] = append(list, i)
		}
	}
}

// wildServices are the services behind which the test has a wildcard; open means
// that it may match an action of any service.
func (t *actionTest) wildServices() (services map[uint64]struct{}, open bool) {
	if t.test != testListed {
		return nil, true
	}
	for _, pattern := range t.texts {
		service, name, _ := strings.Cut(pattern, ":")
		if strings.ContainsAny(service, "*?") {
			return nil, true
		}
		if strings.ContainsAny(name, "*?") {
			if services == nil {
				services = make(map[uint64]struct{})
			}
			services[foldHash(service)] = struct{}{}
		}
	}
	return services, false
}
