package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Validate checks a document for its kind and, if rules is not nil, for the service that stores it. The
// findings are in the order of the text. A document is valid if no finding has severity [Error];
// [Finding.Refused] reports for which findings AWS rejects the document.
//
// It has no catalog of services: package policy/lint checks whether an action or a condition key exists.
//
// Elements by kind: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
func Validate(doc *Document, kind Kind, rules *Rules) []Finding {
	if rules == nil {
		rules = new(Rules)
	}
	v := validator{doc: doc, kind: kind, rules: rules}
	v.document()
	rules.document(&v)
	for i := range doc.Statements() {
		v.statement(&doc.Statements()[i])
		rules.statement(&v, &doc.Statements()[i])
	}
	slices.SortStableFunc(v.findings, func(a, b Finding) int {
		return a.Location.Span.Start.Offset - b.Location.Span.Start.Offset
	})
	return v.findings
}

type validator struct {
	doc      *Document
	kind     Kind
	rules    *Rules
	findings []Finding
}

func (v *validator) tolerates(code string) bool { return slices.Contains(v.rules.Tolerates, code) }

func (v *validator) add(code string, at Node, format string, args ...any) {
	if v.tolerates(code) {
		return
	}
	severity := severities[code]
	if v.rules.ForbidEmpty && slices.Contains(emptyCodes[:], code) {
		severity = Error
	}
	v.findings = append(v.findings, Finding{
		Code: code, Severity: severity,
		Location: Location{at.Span, at.Path()},
		Message:  fmt.Sprintf(format, args...),
	})
}

// documentNode returns the location of findings about the whole document.
func (v *validator) documentNode() Node {
	s := scanner{src: v.doc.source, line: 1}
	s.skipSpace()
	n := Node{Span: Span{Start: s.position()}}
	for end := len(strings.TrimRight(s.src, " \t\r\n")); s.offset < end; {
		s.advance(s.src[s.offset])
		s.skipSpace()
	}
	n.Span.End = s.position()
	return n
}

// orDocument returns n, or the whole document if the element is absent.
func (v *validator) orDocument(n Node) Node {
	if n.Present() {
		return n
	}
	return v.documentNode()
}

func (v *validator) document() {
	doc := v.doc
	v.version()
	if doc.ID().Present() && v.kind.ofCaller() {
		v.add("INVALID_POLICY_ELEMENT", doc.ID().Node, "Id is not supported in this kind of policy")
	}
	if len(doc.Statements()) == 0 {
		v.add("MISSING_STATEMENT", v.documentNode(), "a policy needs a statement")
	}
	v.sids()
	v.redundantStatements()
	v.size()
}

// ofCaller reports whether policies of the kind are attached to the caller.
func (k Kind) ofCaller() bool { return k == Identity || k == Boundary || k == Session }

// ofOrganization reports whether policies of the kind belong to an organization.
func (k Kind) ofOrganization() bool { return k == ServiceControl || k == ResourceControl }

func (v *validator) version() {
	version := v.doc.Version()
	switch {
	case v.kind.ofOrganization() && version.Text != "2012-10-17":
		v.add("INVALID_VERSION", v.orDocument(version.Node), "Version must be \"2012-10-17\" in a policy of an organization")
	case !version.Present():
		v.add("MISSING_VERSION", v.documentNode(), "without Version the policy has version 2008-10-17, which has no variables; add \"Version\": \"2012-10-17\"")
	case version.Text != "2012-10-17" && version.Text != "2008-10-17":
		v.add("INVALID_VERSION", version.Node, "Version is \"2012-10-17\" or \"2008-10-17\"")
	}
}

func (v *validator) sids() {
	code, word := "UNIQUE_SIDS_REQUIRED", "must"
	if v.kind == Resource || v.kind == Endpoint {
		code, word = "UNIQUE_SIDS_RECOMMENDED", "should"
	}
	seen := make(map[string]bool)
	for _, s := range v.doc.Statements() {
		switch {
		case !s.Sid.Present():
			continue
		case s.Sid.Text == "":
			v.add("EMPTY_SID_VALUE", s.Sid.Node, "the Sid is empty; remove it")
			continue
		case v.kind != Resource && v.kind != Endpoint && !isAlphanumeric(s.Sid.Text):
			v.add("UNSUPPORTED_SID", s.Sid.Node, "Sid can contain only the letters A-Z and a-z and digits")
		}
		if seen[s.Sid.Text] {
			v.add(code, s.Sid.Node, "duplicate Sid %q; it %s be unique", s.Sid.Text, word)
		}
		seen[s.Sid.Text] = true
	}
}

func isAlphanumeric(s string) bool {
	for i := range len(s) {
		if c := lower(s[i]); !isDigit(c) && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func (v *validator) redundantStatements() {
	if len(v.doc.Statements()) < 2 || v.tolerates("REDUNDANT_STATEMENT") {
		return
	}
	seen := make(map[string]bool, len(v.doc.Statements()))
	var text []byte
	for i := range v.doc.Statements() {
		s := &v.doc.Statements()[i]
		text = s.appendCanonical(text[:0], false)
		if seen[string(text)] {
			v.add("REDUNDANT_STATEMENT", s.Node, "the statement repeats an earlier one")
		}
		seen[string(text)] = true
	}
}

// Quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
// and https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
func (v *validator) size() {
	limit := func(code string, n, max int) {
		if n > max {
			v.add(code, v.documentNode(), "the document has %d characters; the limit is %d", n, max)
		}
	}
	source := v.doc.source
	switch v.kind {
	case Identity, Boundary:
		limit("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", characters(source, true), 10240)
	case Session:
		limit("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", characters(source, false), 2048)
	case Trust:
		limit("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", characters(source, true), 2048)
	case Resource:
		limit("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", len(source), 20*1024)
	case ServiceControl:
		limit("POLICY_SIZE_EXCEEDS_SCP_QUOTA", characters(source, false), 5120)
	case ResourceControl:
		limit("POLICY_SIZE_EXCEEDS_RCP_QUOTA", characters(source, false), 5120)
	}
}

// characters counts code points, optionally without white space.
func characters(s string, ignoreSpace bool) int {
	n := utf8.RuneCountInString(s)
	if ignoreSpace {
		for i := range len(s) {
			if strings.IndexByte(" \t\r\n", s[i]) >= 0 {
				n--
			}
		}
	}
	return n
}

func (v *validator) statement(s *Statement) {
	switch {
	case !s.Effect.Present():
		v.add("MISSING_EFFECT", s.Node, "a statement needs an Effect")
	case s.Effect.Text != "Allow" && s.Effect.Text != "Deny":
		v.add("INVALID_EFFECT", s.Effect.Node, "Effect is \"Allow\" or \"Deny\"")
	}
	v.actions(s)
	v.resources(s)
	v.principals(s)
	switch v.kind {
	case Trust:
		v.trust(s)
	case ResourceControl:
		v.resourceControl(s)
	}
	v.condition(s)
}

func (v *validator) exclude(a, b Node, name string) {
	if a.Present() && b.Present() {
		v.add("UNSUPPORTED_ELEMENT_COMBINATION", b, "%s and Not%s are mutually exclusive", name, name)
	}
}

func (v *validator) actions(s *Statement) {
	v.exclude(s.Action.Key, s.NotAction.Key, "Action")
	if !s.Action.Present() && !s.NotAction.Present() {
		v.add("MISSING_ACTION", s.Node, "a statement needs an Action or a NotAction")
	}
	for _, list := range []*List{&s.Action, &s.NotAction} {
		if list.Present() && len(list.Values) == 0 {
			v.add("EMPTY_ARRAY_ACTION", list.Node, "a statement with an empty list matches no action")
		}
		for _, a := range list.Values {
			v.unsupportedVariable(a, "Action")
			if a.Text != "*" && !isActionPattern(a.Text) {
				v.add("INVALID_ACTION", a.Node, "an action is \"service:Name\" or \"*\"")
			}
		}
		v.redundant(list, "REDUNDANT_ACTION", dialect{wildcards: true}, true)
	}
}

// isActionPattern reports whether s is "prefix:name". It does not check the name,
// which depends on the service.
func isActionPattern(s string) bool {
	prefix, name, ok := strings.Cut(s, ":")
	if prefix == "*" {
		return ok && name != ""
	}
	for i := range len(prefix) {
		if c := lower(prefix[i]); !isDigit(c) && (c < 'a' || c > 'z') && c != '-' && c != '.' {
			return false
		}
	}
	return ok && prefix != "" && name != "" && !strings.Contains(name, ":")
}

// redundant reports each value that another value of the list covers.
func (v *validator) redundant(list *List, code string, d dialect, fold bool) {
	if len(list.Values) < 2 || v.tolerates(code) {
		return
	}
	patterns, first := v.patterns(list, d, fold)
	m := matcher{fold: fold}
	covers := func(i, j int) bool { return patterns[i] != nil && m.match(patterns[i], list.Values[j].Text) }
	for j, b := range list.Values {
		if strings.Contains(b.Text, "?") || strings.Contains(b.Text, "${") {
			continue // "?" is not a fixed character, and the value of a variable is unknown
		}
		text := b.Text
		if fold {
			text = lowerString(text)
		}
		by := first[text]
		for i := range list.Values {
			if by == j && i != j && covers(i, j) && (j > i || !covers(j, i)) {
				by = i
				break
			}
		}
		if by != j {
			v.add(code, b.Node, "%q is covered by %q", b.Text, list.Values[by].Text)
		}
	}
}

// patterns compiles the values that have wildcards and no variable, and returns the index of each text's
// first occurrence.
func (v *validator) patterns(list *List, d dialect, fold bool) (patterns []*glob, first map[string]int) {
	patterns, first = make([]*glob, len(list.Values)), make(map[string]int, len(list.Values))
	for i, value := range list.Values {
		text := value.Text
		if fold {
			text = lowerString(text)
		}
		if _, ok := first[text]; !ok {
			first[text] = i
		}
		if strings.ContainsAny(text, "*?") && !strings.Contains(text, "${") {
			g := compileGlob(value.Text, d)
			patterns[i] = &g
		}
	}
	return patterns, first
}

// needsResource reports whether the kind requires a Resource.
func (v *validator) needsResource() bool {
	return v.kind.ofCaller() || v.kind.ofOrganization() || v.kind == Endpoint
}

func (v *validator) resources(s *Statement) {
	if v.kind != Trust {
		v.exclude(s.Resource.Key, s.NotResource.Key, "Resource")
	}
	if v.needsResource() && !s.Resource.Present() && !s.NotResource.Present() {
		v.add("MISSING_RESOURCE", s.Node, "a statement needs a Resource or a NotResource in this kind of policy")
	}
	for _, list := range []*List{&s.Resource, &s.NotResource} {
		if list.Present() && len(list.Values) == 0 {
			v.add("EMPTY_ARRAY_RESOURCE", list.Node, "a statement with an empty list matches no resource")
		}
		for _, r := range list.Values {
			v.arnPattern(r)
			v.variables(r, "")
		}
		v.redundant(list, "REDUNDANT_RESOURCE", dialect{wildcards: true, arn: true}, false)
	}
}

// arnPattern checks the form of an ARN or a pattern of ARNs.
func (v *validator) arnPattern(r Value) {
	if r.Text == "*" || strings.HasPrefix(r.Text, "${") {
		return
	}
	field := strings.SplitN(r.Text, ":", 6)
	if field[0] != "arn" && !strings.ContainsAny(field[0], "*?") {
		v.add("INVALID_ARN_PREFIX", r.Node, "a resource is \"*\" or begins with \"arn:\"")
		return
	}
	if len(field) < 6 {
		v.add("MISSING_ARN_FIELD", r.Node, "an ARN has six fields, arn:partition:service:region:account:resource; this has %d", len(field))
		return
	}
	switch service := field[2]; {
	case strings.ContainsAny(service, "*?") && service != "*":
		v.add("WILDCARD_IN_SERVICE_NAME", r.Node, "a wildcard in the service can match unintended services")
	case lowerString(service) != service:
		v.add("INVALID_ARN_SERVICE_CASE", r.Node, "the service of an ARN must be in lower case")
	}
	if account := field[4]; account != "" && account != "aws" && !isAccount(account) && !strings.ContainsAny(account, "*?$") {
		v.add("INVALID_ARN_ACCOUNT", r.Node, "an account id has twelve digits")
	}
}
