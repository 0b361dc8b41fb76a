package sharing

import (
	"slices"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// alike reports whether two documents say the same in the same words, but for
// what no share depends on: Sids, ids, layout. It spares most puts of a policy
// the way to its share. Documents with conditions are never alike: what those
// mean to a share depends on the owner's organization.
func alike(c *operation.Call, before, after string) (bool, error) {
	if before == "" || after == "" {
		return before == after, nil
	}
	a, err := c.Gate.Parse(before)
	if err != nil {
		return false, err
	}
	b, err := c.Gate.Parse(after)
	if err != nil {
		return false, err
	}
	return a.Version.Text == b.Version.Text && slices.EqualFunc(a.Statements, b.Statements, alikeStatements), nil
}

func alikeStatements(a, b policy.Statement) bool {
	return !a.Condition.Present() && !b.Condition.Present() && a.Effect.Text == b.Effect.Text &&
		alikePrincipals(a.Principal, b.Principal) && alikePrincipals(a.NotPrincipal, b.NotPrincipal) &&
		alikeLists(a.Action, b.Action) && alikeLists(a.NotAction, b.NotAction) &&
		alikeLists(a.Resource, b.Resource) && alikeLists(a.NotResource, b.NotResource)
}

func alikePrincipals(a, b policy.Principals) bool {
	return a.Present() == b.Present() && a.Any.Present() == b.Any.Present() && a.Any.Text == b.Any.Text &&
		slices.EqualFunc(a.Entries, b.Entries, func(a, b policy.PrincipalEntry) bool {
			return a.Type == b.Type && alikeLists(a.Values, b.Values)
		})
}

func alikeLists(a, b policy.List) bool {
	return a.Present() == b.Present() &&
		slices.EqualFunc(a.Values, b.Values, func(a, b policy.Value) bool { return a.Text == b.Text })
}
