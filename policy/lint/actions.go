package lint

import (
	"slices"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
)

// actionCodes lists the checks that actions exist.
var actionCodes = []code{
	{"INVALID_SERVICE_IN_ACTION", policy.Error},
	{"INVALID_ACTION", policy.Error},
	{"UNLISTED_NAME", policy.Suggestion},
}

func (l *linter) checkActions(s *statement) {
	for i := range s.actions {
		a := &s.actions[i]
		switch {
		case a.name == "" || a.prefix == "" || isWild(a.prefix) || !isFixed(a.prefix):
		case a.service == nil:
			l.unknownService(a)
		default:
			l.checkAction(a)
		}
	}
}

func (l *linter) unknownService(a *action) {
	if catalog.Unlisted(a.prefix) {
		l.add("UNLISTED_NAME", a.Node, "AWS no longer lists the service %s", a.prefix)
		return
	}
	near := nearest(a.prefix, slices.Values(catalog.Prefixes()))
	f := l.add("INVALID_SERVICE_IN_ACTION", a.Node, "there is no service with the prefix %s%s", a.prefix, didYouMean(near))
	if near != "" {
		f.Fix = replaceText("Change the prefix to "+near, a.Value, near+":"+a.name)
	}
}

func (l *linter) checkAction(a *action) {
	for range a.service.Match(a.name) {
		return
	}
	if catalog.Unlisted(a.Text) || allUnlisted(a) {
		l.add("UNLISTED_NAME", a.Node, "AWS no longer lists an action %s of %s", a.name, a.service.Name)
		return
	}
	if a.wild {
		l.add("INVALID_ACTION", a.Node, "no action of %s matches %s", a.service.Name, a.name)
		return
	}
	near := nearest(a.name, func(yield func(string) bool) {
		for i := range a.service.Actions {
			if !yield(a.service.Actions[i].Name) {
				return
			}
		}
	})
	f := l.add("INVALID_ACTION", a.Node, "%s has no action %s%s", a.service.Name, a.name, didYouMean(near))
	if near != "" {
		f.Fix = replaceText("Change the action to "+near, a.Value, a.prefix+":"+near)
	}
}

// allUnlisted reports whether all actions of the service are missing from the reference.
func allUnlisted(a *action) bool { return catalog.Unlisted(a.prefix + ":*") }
