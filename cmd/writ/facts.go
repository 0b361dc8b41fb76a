package main

import (
	"iter"
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy/analyze"
)

// options are those of all questions about policies.
func options() analyze.Options { return analyze.Options{Facts: catalogFacts{}} }

// catalogFacts tells from the catalog which requests services know.
type catalogFacts struct{}

// Source names the catalog.
func (catalogFacts) Source() string {
	return "AWS's service authorization reference of " + catalog.AsOf()
}

// Actions are the actions that a pattern matches.
func (catalogFacts) Actions(pattern string) iter.Seq[analyze.Action] {
	return func(yield func(analyze.Action) bool) {
		for a := range catalog.Match(pattern) {
			if !yield(catalogAction{a}) {
				return
			}
		}
	}
}

// catalogAction is an action of the catalog.
type catalogAction struct{ *catalog.Action }

// Forms are the forms of the resources of the action.
func (a catalogAction) Forms() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range a.Resources {
			if !yield(r.Type.ARN) {
				return
			}
		}
	}
}

// HasKey reports whether requests of the action can have a condition key: one that
// the reference lists for it, or a global one, other than those of tags of requests
// and resources, which it lists too.
func (a catalogAction) HasKey(key string) bool {
	folded := strings.ToLower(key)
	if !strings.HasPrefix(folded, "aws:") {
		return a.Accepts(key)
	}
	listed := strings.HasPrefix(folded, "aws:requesttag/") || strings.HasPrefix(folded, "aws:resourcetag/") || folded == "aws:tagkeys"
	return !listed || a.Accepts(key)
}
