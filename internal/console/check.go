package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/lint"
)

// maxDocument limits a document that a script sends.
const maxDocument = 256 << 10 // bytes

// readQuestion decodes the body of a script's request. It returns false on an error.
func readQuestion(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxDocument)).Decode(into); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]string{"message": text("error.question")})
		return false
	}
	return true
}

// finding is a finding in the editor's format: From and To are offsets in UTF-16 code units.
type finding struct {
	From     int    `json:"from"`
	To       int    `json:"to"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"` // "error", "warning" or "info"
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// check responds to a script with the findings about a document.
func (c *Console) check(w http.ResponseWriter, r *http.Request) {
	var q struct{ Kind, Text string }
	if !readQuestion(w, r, &q) {
		return
	}
	kind, _ := policy.ParseKind(q.Kind)
	found := []finding{}
	doc, err := policy.Parse([]byte(q.Text))
	if syntax, ok := errors.AsType[*policy.SyntaxError](err); ok {
		found = append(found, newFinding(q.Text, policy.Finding{
			Code: syntax.Code, Severity: policy.Error, Message: syntax.Message,
			Location: policy.Location{Span: policy.Span{Start: syntax.Position, End: syntax.Position}},
		}))
	}
	if err == nil {
		for _, f := range lint.Check(doc, lint.Config{Kind: kind}) {
			found = append(found, newFinding(q.Text, f.Finding))
		}
	}
	writeJSON(w, map[string][]finding{"findings": found})
}

func newFinding(text string, f policy.Finding) finding {
	severity := map[policy.Severity]string{policy.Error: "error", policy.SecurityWarning: "warning", policy.Warning: "warning"}[f.Severity]
	if severity == "" {
		severity = "info"
	}
	at := f.Location.Span
	return finding{
		From: utf16Offset(text, at.Start.Offset), To: utf16Offset(text, at.End.Offset), Line: at.Start.Line, Column: at.Start.Column + 1,
		Severity: severity, Code: f.Code, Message: f.Message,
	}
}

// utf16Offset returns the offset in UTF-16 code units, which editors use, of an offset in bytes.
func utf16Offset(text string, offset int) int {
	n := 0
	for _, c := range text[:min(offset, len(text))] {
		if n++; c > 0xFFFF {
			n++
		}
	}
	return n
}

// maxCandidates is the largest number of names that a completion offers.
const maxCandidates = 300

// complete responds to a script with the actions, or the condition keys, that begin with the typed text;
// before a colon, with the prefixes of services.
func (c *Console) complete(w http.ResponseWriter, r *http.Request) {
	typed := r.URL.Query().Get("typed")
	prefix, _, named := strings.Cut(typed, ":")
	var names []string
	switch service, known := catalog.Lookup(prefix); {
	case !named:
		for _, p := range catalog.Prefixes() {
			names = append(names, p+":")
		}
	case r.URL.Query().Get("of") == "key":
		for _, k := range catalog.GlobalKeys() {
			names = append(names, k.Name)
		}
		if known {
			for _, k := range service.ConditionKeys {
				names = append(names, k.Name)
			}
		}
	case known:
		for _, a := range service.Actions {
			names = append(names, service.Prefix+":"+a.Name)
		}
	}
	if r.URL.Query().Get("of") == "key" && !named {
		names = append(names, "aws:")
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(strings.ToLower(n), strings.ToLower(typed)) })
	writeJSON(w, map[string][]string{"names": append([]string{}, names[:min(len(names), maxCandidates)]...)})
}
