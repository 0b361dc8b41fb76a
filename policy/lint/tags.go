package lint

import (
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
)

// tagCodes lists the checks of tag conditions against the services that support tags.
var tagCodes = []code{
	{"ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", policy.Suggestion},
	{"ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", policy.Suggestion},
	{"DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", policy.SecurityWarning},
	{"DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", policy.SecurityWarning},
}

func (l *linter) checkTags(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		if !c.isOn("aws:resourcetag/", "aws:requesttag/", "aws:tagkeys") || !c.needsKey() {
			continue
		}
		if s.notAction {
			l.addTag(s, c, map[bool]string{true: "ALLOW_NOTACTION", false: "DENY_NOTACTION"}[s.allow], "NotAction includes services that")
			continue
		}
		if without := servicesWithout(s, c.key.Name); len(without) > 0 {
			l.addTag(s, c, map[bool]string{true: "ALLOW", false: "DENY"}[s.allow], strings.Join(without, ", ")+" never")
		}
	}
}

func (l *linter) addTag(s *statement, c *condition, form, who string) {
	effect := "the statement allows nothing there"
	if s.deny {
		effect = "the statement does not deny there"
	}
	var nodes []policy.Node
	for _, a := range s.actions {
		nodes = append(nodes, a.Node)
	}
	if strings.HasSuffix(who, "that") {
		who += " never"
	}
	l.add(form+"_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", c.node(), "%s set %s: %s", who, c.key.Name, effect).and(nodes...)
}

// servicesWithout returns the services of the statement's actions of which no action supports the key.
func servicesWithout(s *statement, key string) []string {
	var names []string
	seen := map[*catalog.Service]bool{}
	for i := range s.actions {
		service := s.actions[i].service
		if service == nil || seen[service] {
			continue
		}
		seen[service] = true
		if _, ok := service.ConditionKey(key); !ok {
			names = append(names, service.Prefix)
		}
	}
	return names
}
