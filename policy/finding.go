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

// String is the word Access Analyzer uses: "ERROR", "SECURITY_WARNING",
// "WARNING" or "SUGGESTION".
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

// Finding is something to say about a document. Code is stable; Message is for
// people.
type Finding struct {
	Code     string
	Severity Severity
	Location Location
	Message  string
}

// Location is where a finding points: a span of the source and the path to it.
type Location struct {
	Span Span
	Path Path
}

// Refused reports whether AWS refuses to store a document for which the finding
// is made: it is an error, or a number that cannot be read, which Access Analyzer
// only warns of.
func (f Finding) Refused() bool { return f.Severity == Error || f.Code == "TYPE_MISMATCH_NUMBER" }

// FirstRefused returns the first finding for which AWS refuses to store the
// document.
func FirstRefused(findings []Finding) (Finding, bool) {
	for _, f := range findings {
		if f.Refused() {
			return f, true
		}
	}
	return Finding{}, false
}

// String is "line 3, column 12: INVALID_EFFECT: ...".
func (f Finding) String() string {
	at := f.Location.Span.Start
	return fmt.Sprintf("line %d, column %d: %s: %s", at.Line, at.Column, f.Code, f.Message)
}
