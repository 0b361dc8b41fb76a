package policy

import "strings"

// rule is a compiled statement.
//
// A malformed statement must not grant anything: where an element is missing, is
// combined with its negation or cannot be parsed, an Allow statement never applies
// and a Deny statement always does. Every Effect other than "Allow" denies.
type rule struct {
	deny       bool
	principal  principalTest
	action     actionTest
	resource   resourceTest
	conditions []condition
}

// test specifies how an element of a statement is evaluated.
type test uint8

const (
	testAbsent   test = iota // the statement does not have the element
	testListed               // Action, Resource, Principal: one of the list must match
	testUnlisted             // NotAction, ...: none may match
	testInvalid              // both the element and its negation
)

type principalTest struct {
	test
	entries []principalEntry
}

type actionTest struct {
	test
	patterns []glob
}

type resourceTest struct {
	test
	patterns []resourcePattern
}

type resourcePattern struct {
	glob        glob
	padded      *glob // the pattern with "*" for the fields it lacks; nil if that is equivalent
	hasWildcard bool
}

// compile builds the rules and the index. They do not refer to the elements.
func (d *Document) compile(e *elements) {
	variables := e.version.Text == "2012-10-17"
	d.rules = make([]rule, len(e.statements))
	for i := range e.statements {
		d.rules[i] = compileStatement(&e.statements[i], variables)
	}
	d.index = newIndex(d.rules)
}

// ReadsContext reports whether the document has a condition or a policy variable, so that decisions can depend
// on condition keys.
func (d *Document) ReadsContext() bool {
	for i := range d.rules {
		if len(d.rules[i].conditions) > 0 || d.rules[i].resource.hasVariables() {
			return true
		}
	}
	return false
}

func (t *resourceTest) hasVariables() bool {
	for i := range t.patterns {
		if t.patterns[i].glob.variable {
			return true
		}
	}
	return false
}

func compileStatement(s *Statement, variables bool) rule {
	r := rule{deny: s.Effect.Text != "Allow"}

	r.principal.test = chooseTest(s.Principal.Present(), s.NotPrincipal.Present())
	switch r.principal.test {
	case testListed:
		r.principal.entries = compilePrincipals(s.Principal)
		if s.Principal.Any.Present() && s.Principal.Any.Text != "*" {
			r.principal.test = testInvalid
		}
	case testUnlisted:
		r.principal.entries = compilePrincipals(s.NotPrincipal)
		if !r.deny {
			r.principal.test = testInvalid // NotPrincipal grants nothing
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
		return testInvalid
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
	p := resourcePattern{glob: compileGlob(pattern, d), hasWildcard: strings.ContainsAny(pattern, "*?")}
	if missing := 5 - strings.Count(pattern, ":"); missing > 0 && !strings.HasSuffix(pattern, "*") {
		padded := compileGlob(pattern+strings.Repeat(":*", missing), d)
		p.padded = &padded
	}
	return p
}
