package lint

import (
	"strings"

	"github.com/writdev/writ/policy"
)

// serviceCodes lists the checks of condition keys against the statement's actions and resources.
var serviceCodes = []code{
	{"UNSUPPORTED_ACTION_FOR_CONDITION_KEY", policy.Error},
	{"MISSING_ACTION_FOR_CONDITION_KEY", policy.Error},
	{"USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", policy.Warning},
	{"UNTRUSTWORTHY_CONDITION_KEY", policy.SecurityWarning},
	{"MISSING_PAIRED_CONDITION_KEYS", policy.SecurityWarning},
	{"IRRELEVANT_CONDITION_KEY_IN_POLICY", policy.Suggestion},
	{"DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", policy.SecurityWarning},
	{"S3_PREFIX_IN_NEGATIVE_CONTEXT", policy.SecurityWarning},
	{"UNSUPPORTED_ACTION_IN_POLICY", policy.Error},
	{"UNSUPPORTED_RESOURCE_ARN_IN_POLICY", policy.Error},
}

func (l *linter) checkServices(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		l.checkKeyAgainstActions(s, c)
		switch {
		case c.isOn("aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths") && (s.notAction || s.all()):
			l.add("USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", c.node(), "not every service sets %s; name the services in Action", c.key.Name)
		case c.isOn("aws:referer", "aws:useragent") && s.allow && c.needsKey() && !l.limitsAccess(s):
			l.add("UNTRUSTWORTHY_CONDITION_KEY", c.node(), "the caller chooses the value of %s; the condition excludes no one", c.key.Name)
		case c.name == "aws:vpcsourceip" && !s.has("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"):
			l.add("MISSING_PAIRED_CONDITION_KEYS", c.node(), "every VPC can have these addresses; add aws:SourceVpc")
		case c.name == "s3:resourceaccount" && l.isS3():
			l.add("IRRELEVANT_CONDITION_KEY_IN_POLICY", c.node(), "in a bucket policy the resource's account is always the bucket's account; use the key in identity-based policies")
		case c.name == "dynamodb:attributes" && s.allow && !s.has("dynamodb:select"):
			l.add("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", c.node(), "a request that names no attributes returns all of them; require dynamodb:Select to be SPECIFIC_ATTRIBUTES")
		case c.name == "s3:prefix" && !c.isPresence && (s.deny != c.negated):
			l.add("S3_PREFIX_IN_NEGATIVE_CONTEXT", c.node(), "a request with a shorter prefix is not denied; use Allow with StringLike or Deny with StringNotLike")
		}
	}
	l.checkBucketPolicy(s)
	l.checkSessionActions(s)
}

// all reports whether the statement names the action "*".
func (s *statement) all() bool {
	for i := range s.actions {
		if s.actions[i].prefix == "*" {
			return true
		}
	}
	return false
}

// limitsAccess reports whether a statement names its principals, or has a condition other than those whose value
// the caller chooses.
func (l *linter) limitsAccess(s *statement) bool {
	for i := range s.conditions {
		if c := &s.conditions[i]; !c.isOn("aws:referer", "aws:useragent", "aws:securetransport") {
			return true
		}
	}
	return l.Kind == policy.Resource && !allowsEveryone(s)
}

// scopedKeys lists keys for which AWS documents exactly which actions set them. For other keys the reference
// may be incomplete.
var scopedKeys = []string{
	"iam:passedtoservice", "iam:associatedresourcearn", "iam:awsservicename", "iam:permissionsboundary", "iam:policyarn",
	"s3:prefix", "s3:delimiter", "s3:max-keys", "sts:externalid",
}

// checkKeyAgainstActions reports actions, named in full, of a key's own service whose requests never have the
// key, if the condition then never holds.
func (l *linter) checkKeyAgainstActions(s *statement, c *condition) {
	prefix, _, _ := strings.Cut(c.name, ":")
	if c.known == nil || prefix == "aws" || s.notAction || !c.needsKey() || inheritedKey(c) {
		return
	}
	code := "KEY_NEVER_PRESENT"
	if c.isOn(scopedKeys...) {
		code = "UNSUPPORTED_ACTION_FOR_CONDITION_KEY"
	}
	for i := range s.actions {
		a := &s.actions[i]
		if a.service == nil || a.wild || !strings.EqualFold(a.prefix, prefix) {
			continue
		}
		if known, ok := a.service.Action(a.name); ok && !known.Accepts(c.key.Name) {
			l.add(code, a.Node, "requests for %s never have the key %s, so the condition never holds for it", a.Text, c.key.Name).and(c.node())
		}
	}
}

// inheritedKey reports whether a key is set for actions for which the reference does not list it.
func inheritedKey(c *condition) bool {
	return strings.Contains(c.name, "resourcetag/") || c.isOn("kms:viaservice", "kms:calleraccount", "kms:encryptioncontextkeys") || strings.HasPrefix(c.name, "kms:encryptioncontext:")
}

// checkBucketPolicy reports actions and resources of other services in a bucket policy.
func (l *linter) checkBucketPolicy(s *statement) {
	if !l.isS3() {
		return
	}
	for i := range s.actions {
		if a := &s.actions[i]; a.service != nil && !strings.HasPrefix(strings.ToLower(a.prefix), "s3") {
			l.add("UNSUPPORTED_ACTION_IN_POLICY", a.Node, "%s is not an action of S3", a.Text)
		}
	}
	for _, v := range s.resources.Values {
		if f := strings.SplitN(v.Text, ":", 6); len(f) == 6 && isFixed(f[2]) && !strings.HasPrefix(f[2], "s3") {
			l.add("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", v.Node, "%s is not a resource of S3", v.Text)
		}
	}
}

// sessionActions lists the actions that setting a session's condition key requires in addition to the action
// that assumes the role.
var sessionActions = []struct{ key, action string }{
	{"sts:transitivetagkeys", "sts:TagSession"},
	{"aws:requesttag/", "sts:TagSession"},
	{"sts:sourceidentity", "sts:SetSourceIdentity"},
}

func (l *linter) checkSessionActions(s *statement) {
	if l.Kind != policy.Trust || !s.allow || s.notAction {
		return
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		for _, need := range sessionActions {
			if !c.isOn(need.key) || !c.needsKey() || l.allowsElsewhere(need.action) {
				continue
			}
			l.add("MISSING_ACTION_FOR_CONDITION_KEY", c.node(), "a session has %s only if %s is also allowed", c.key.Name, need.action)
		}
	}
}

// allowsElsewhere reports whether some Allow statement contains an action.
func (l *linter) allowsElsewhere(name string) bool {
	for i := range l.statements {
		if s := &l.statements[i]; s.allow {
			if _, _, ok := s.grants(name); ok {
				return true
			}
		}
	}
	return false
}
