package lint

import (
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
)

// keyCodes lists the checks that condition keys exist.
var keyCodes = []code{
	{"INVALID_GLOBAL_CONDITION_KEY", policy.Error},
	{"UNSUPPORTED_GLOBAL_CONDITION_KEY", policy.Error},
	{"DEPRECATED_GLOBAL_CONDITION_KEY", policy.Warning},
	{"INVALID_SERVICE_CONDITION_KEY", policy.Error},
	{"INVALID_SERVICE", policy.Error},
	{"MISSING_TAG_KEY_IN_CONDITION", policy.Error},
}

// renamedKeys holds keys that others have replaced. Access Analyzer distinguishes those that are no longer
// set from those that still are.
var renamedKeys = map[string]string{"aws:arn": "aws:PrincipalArn"}

// oldKeys holds keys that still work but have a newer equivalent.
var oldKeys = map[string]string{"aws:sourceowner": "aws:SourceAccount"}

func (l *linter) checkKeys(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		prefix, rest, ok := strings.Cut(c.name, ":")
		switch near := oldKeys[c.name]; {
		case near != "":
			l.add("DEPRECATED_GLOBAL_CONDITION_KEY", c.node(), "%s is an old key; use %s", c.key.Name, near)
		case c.known != nil || !ok || rest == "":
		case renamedKeys[c.name] != "":
			l.add("UNSUPPORTED_GLOBAL_CONDITION_KEY", c.node(), "%s is no longer set; use %s", c.key.Name, renamedKeys[c.name]).
				Fix = replaceKey(c, renamedKeys[c.name])
		case l.lacksTagKey(c):
		case prefix == "aws":
			near := nearest(c.key.Name, globalNames)
			l.add("INVALID_GLOBAL_CONDITION_KEY", c.node(), "there is no condition key %s%s", c.key.Name, didYouMean(near)).Fix = replaceKey(c, near)
		default:
			l.unknownKey(c, prefix)
		}
	}
}

// lacksTagKey reports a tag condition key without the tag's key.
func (l *linter) lacksTagKey(c *condition) bool {
	name := strings.TrimSuffix(c.key.Name, "/")
	if k, ok := catalog.FindKey(name + "/x"); !ok || !strings.HasSuffix(strings.ToLower(k.Stem()), "tag/") {
		return false
	}
	l.add("MISSING_TAG_KEY_IN_CONDITION", c.node(), "%s requires a tag key: %s/team", name, name)
	return true
}

// unknownKey reports a service's condition key that does not exist, or a key with an unknown prefix. The keys
// of identity providers have the provider's domain before the colon, or are those of SAML.
func (l *linter) unknownKey(c *condition, prefix string) {
	s, ok := catalog.Lookup(prefix)
	switch {
	case catalog.Unlisted(c.key.Name):
		l.add("UNLISTED_NAME", c.node(), "AWS does not list the condition key %s", c.key.Name)
	case !ok && (strings.ContainsAny(prefix, "./") || prefix == "saml"):
	case !ok:
		near := nearest(prefix, prefixNames)
		l.add("INVALID_SERVICE", c.node(), "no service has condition keys with the prefix %s%s", prefix, didYouMean(near))
	default:
		near := nearest(c.key.Name, func(yield func(string) bool) {
			for i := range s.ConditionKeys {
				if !yield(s.ConditionKeys[i].Name) {
					return
				}
			}
		})
		f := l.add("INVALID_SERVICE_CONDITION_KEY", c.node(), "%s has no condition key %s%s", s.Name, c.key.Name, didYouMean(near))
		if !strings.Contains(near, "${") {
			f.Fix = replaceKey(c, near)
		}
	}
}

func globalNames(yield func(string) bool) {
	for _, k := range catalog.GlobalKeys() {
		if !strings.Contains(k.Name, "${") && !yield(k.Name) {
			return
		}
	}
}

func prefixNames(yield func(string) bool) {
	for _, p := range catalog.Prefixes() {
		if !yield(p) {
			return
		}
	}
}
