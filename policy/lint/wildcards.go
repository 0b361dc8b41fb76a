package lint

import (
	"strings"

	"github.com/writdev/writ/policy"
)

// wildcardCodes lists the checks for wildcards and variables in values that make a condition ineffective.
var wildcardCodes = []code{
	{"WILDCARD_USAGE_TOO_PERMISSIVE", policy.Error},
	{"VARIABLE_USAGE_TOO_PERMISSIVE", policy.Error},
}

// sensitiveKeys lists keys whose values must not contain wildcards.
var sensitiveKeys = []string{
	"aws:principalaccount", "aws:principalorgid", "aws:resourceaccount", "aws:resourceorgid", "aws:sourceaccount",
	"aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid",
}

// minFixedPrefix is the smallest number of characters before the first wildcard or variable in the subject of an
// identity provider's token.
const minFixedPrefix = 6

func (l *linter) checkWildcards(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.isPresence || c.negated {
			continue
		}
		for _, v := range c.values() {
			code, at := "WILDCARD_USAGE_TOO_PERMISSIVE", -1
			if !strings.HasSuffix(c.base, "Equals") {
				at = strings.IndexAny(v.Text, "*?")
			}
			if n := strings.Index(v.Text, "${"); n >= 0 && (at < 0 || n < at) {
				code, at = "VARIABLE_USAGE_TOO_PERMISSIVE", n
			}
			if at >= 0 {
				l.checkWildcard(s, c, v, code, at)
			}
		}
	}
}

// checkWildcard checks a value whose first wildcard or variable is at an offset.
func (l *linter) checkWildcard(s *statement, c *condition, v policy.Value, code string, at int) {
	switch {
	case v.Text == "*" && c.needsKey() && !l.isSubject(s, c):
		// A test that the key exists has a finding of its own.
	case c.isOn(sensitiveKeys...) && s.allow && !isVariable(v.Text):
		l.add(code, v.Node, "%s is compared with whole values", c.key.Name)
	case c.name == "aws:userid" && s.allow && !isSessionPattern(v.Text, at):
		l.add(code, v.Node, "in aws:userid a wildcard or variable may only be everything after the colon, or everything before it")
	case l.isSubject(s, c) && at < minFixedPrefix:
		l.add(code, v.Node, "fewer than %d fixed characters precede the wildcard or variable, so it also matches subjects of others", minFixedPrefix)
	}
}

// isSubject reports whether the key is the subject of a web identity in an Allow statement of a trust policy.
func (l *linter) isSubject(s *statement, c *condition) bool {
	return l.Kind == policy.Trust && s.allow && strings.HasSuffix(c.name, ":sub")
}

// isVariable reports whether a text is one variable: "${aws:PrincipalAccount}".
func isVariable(s string) bool {
	return strings.HasPrefix(s, "${") && strings.IndexByte(s, '}') == len(s)-1
}

// isSessionPattern reports whether the wildcard at an offset of a user id is right of the colon, or is
// everything left of it.
func isSessionPattern(text string, at int) bool {
	before, after, ok := strings.Cut(text, ":")
	if strings.HasPrefix(text, "${") {
		return true // the variable is the whole id
	}
	return ok && (at > len(before) || before == "*" && !isWild(after))
}
