package lint

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/writdev/writ/policy"
)

// Finding is a finding about a document. Its Location is the first of its locations.
type Finding struct {
	policy.Finding
	Others []policy.Location // further locations, such as the Resource that belongs to an Action
	Fix    *Fix              // nil if there is none
}

// Config describes the purpose of a document. The zero value is an identity-based policy.
type Config struct {
	Kind policy.Kind
	// Resource is the type of the resource to which a resource-based policy is attached, in CloudFormation's
	// notation: "AWS::S3::Bucket". Empty means any type.
	Resource string
	// Proofs enables the checks that search all requests (prove.go). They take milliseconds, not
	// microseconds.
	Proofs bool
}

// Check returns the findings about a document in the order of the text.
func Check(doc *policy.Document, c Config) []Finding {
	l := &linter{Config: c, doc: doc}
	for _, f := range policy.Validate(doc, c.Kind, nil) {
		l.findings = append(l.findings, Finding{Finding: f, Fix: validationFix(doc, f)})
	}
	l.read()
	for _, f := range families {
		for i := range l.statements {
			if f.statement != nil {
				f.statement(l, &l.statements[i])
			}
		}
		if f.document != nil {
			f.document(l)
		}
	}
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return a.Location.Span.Start.Offset - b.Location.Span.Start.Offset
	})
	return l.findings
}

// family is a family of checks.
type family struct {
	statement func(*linter, *statement)
	document  func(*linter)
}

// code is the code of a finding with its severity.
type code struct {
	name     string
	severity policy.Severity
}

var families = []family{
	{statement: (*linter).checkActions},
	{statement: (*linter).checkResources},
	{statement: (*linter).checkKeys},
	{statement: (*linter).checkTypes},
	{statement: (*linter).checkValues},
	{statement: (*linter).checkWildcards},
	{statement: (*linter).checkRoles},
	{statement: (*linter).checkTags},
	{statement: (*linter).checkServices},
	{statement: (*linter).checkServicePrincipals},
	{statement: (*linter).checkTrust},
	{statement: (*linter).checkResourceControl},
	{statement: (*linter).checkOwn},
	{document: (*linter).checkProofs},
}

// codeTables holds the codes of the families.
var codeTables = [][]code{
	actionCodes, arnCodes, keyCodes, typeCodes, valueCodes, wildcardCodes, roleCodes, tagCodes,
	serviceCodes, principalCodes, trustCodes, organizationCodes, ownCodes, proofCodes,
}

// Codes returns the sorted codes of all findings that [Check] adds to those of [policy.Validate]. A few codes
// are in both.
func Codes() []string {
	var names []string
	for name := range severities() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var severities = sync.OnceValue(func() map[string]policy.Severity {
	all := map[string]policy.Severity{}
	for _, f := range codeTables {
		for _, c := range f {
			all[c.name] = c.severity
		}
	}
	return all
})

// linter collects the findings about one document.
type linter struct {
	Config
	doc        *policy.Document
	statements []statement
	findings   []Finding
}

// add adds a finding. The caller may add locations and a fix to the result.
func (l *linter) add(code string, at policy.Node, format string, args ...any) *Finding {
	severity, ok := severities()[code]
	if !ok {
		panic("lint: no table has the code " + code)
	}
	l.findings = append(l.findings, Finding{Finding: policy.Finding{
		Code: code, Severity: severity, Location: locate(at), Message: fmt.Sprintf(format, args...),
	}})
	return &l.findings[len(l.findings)-1]
}

func locate(n policy.Node) policy.Location { return policy.Location{Span: n.Span, Path: n.Path()} }

// and adds locations.
func (f *Finding) and(nodes ...policy.Node) *Finding {
	for _, n := range nodes {
		f.Others = append(f.Others, locate(n))
	}
	return f
}

// ofCaller reports whether the document is a policy of the caller: identity-based, a permissions boundary or
// a session policy.
func (l *linter) ofCaller() bool {
	return l.Kind == policy.Identity || l.Kind == policy.Boundary || l.Kind == policy.Session
}

// isS3 reports whether the document is a policy of a bucket or an access point.
func (l *linter) isS3() bool {
	return l.Kind == policy.Resource && strings.HasPrefix(l.Resource, "AWS::S3")
}
