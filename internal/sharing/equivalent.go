package sharing

import (
	"slices"

	"github.com/writdev/writ/policy"
)

// equivalent reports whether two documents grant the same in the same words, but
// for what no share depends on: Sids, ids, layout. It spares most puts of a
// policy the work on its share. Documents with conditions are never equivalent:
// what those mean to a share depends on the owner's organization. nil is no
// document.
func equivalent(a, b *policy.Document) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Version.Text == b.Version.Text && slices.EqualFunc(a.Statements, b.Statements, equivalentStatements)
}

func equivalentStatements(a, b policy.Statement) bool {
	return !a.Condition.Present() && !b.Condition.Present() && a.Effect.Text == b.Effect.Text &&
		equivalentPrincipals(a.Principal, b.Principal) && equivalentPrincipals(a.NotPrincipal, b.NotPrincipal) &&
		equivalentLists(a.Action, b.Action) && equivalentLists(a.NotAction, b.NotAction) &&
		equivalentLists(a.Resource, b.Resource) && equivalentLists(a.NotResource, b.NotResource)
}

func equivalentPrincipals(a, b policy.Principals) bool {
	return a.Present() == b.Present() && a.Any.Present() == b.Any.Present() && a.Any.Text == b.Any.Text &&
		slices.EqualFunc(a.Entries, b.Entries, func(a, b policy.PrincipalEntry) bool {
			return a.Type == b.Type && equivalentLists(a.Values, b.Values)
		})
}

func equivalentLists(a, b policy.List) bool {
	return a.Present() == b.Present() &&
		slices.EqualFunc(a.Values, b.Values, func(a, b policy.Value) bool { return a.Text == b.Text })
}
