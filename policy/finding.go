package policy

import "fmt"

// Severity ranks a finding.
type Severity uint8

const (
	Suggestion Severity = iota
	Warning
	SecurityWarning
	Error
)

// String returns Access Analyzer's term: "ERROR", "SECURITY_WARNING", "WARNING" or "SUGGESTION".
func (s Severity) String() string {
	switch s {
	case Error:
		return "ERROR"
	case SecurityWarning:
		return "SECURITY_WARNING"
	case Warning:
		return "WARNING"
	}
	return "SUGGESTION"
}

// Finding is a problem or suggestion about a document. Code is stable; Message is for
// readers.
type Finding struct {
	Code     string
	Severity Severity
	Location Location
	Message  string
}

// Location is the location of a finding: a span of the source and its path.
type Location struct {
	Span Span
	Path Path
}

// Refused reports whether AWS rejects a document with this finding: the finding is an error, or it reports a
// number that cannot be parsed, for which Access Analyzer returns only a warning.
func (f Finding) Refused() bool { return f.Severity == Error || f.Code == "TYPE_MISMATCH_NUMBER" }

// FirstRefused returns the first finding for which AWS rejects the document.
func FirstRefused(findings []Finding) (Finding, bool) {
	for _, f := range findings {
		if f.Refused() {
			return f, true
		}
	}
	return Finding{}, false
}

// String returns a text such as "line 3, column 12: INVALID_EFFECT: ...".
func (f Finding) String() string {
	at := f.Location.Span.Start
	return fmt.Sprintf("line %d, column %d: %s: %s", at.Line, at.Column, f.Code, f.Message)
}
