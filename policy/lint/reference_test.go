package lint

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

// row is a row of docs/reference/findings.md.
type row struct{ code, severity, kind, triggers, not string }

func referenceRows(t *testing.T) []row {
	text, err := os.ReadFile("../../docs/reference/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for line := range strings.Lines(string(text)) {
		cell := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cell) == 6 && cell[0] != "code" {
			rows = append(rows, row{cell[0], cell[1], cell[2], cell[4], cell[5]})
		}
	}
	return rows
}

// statements holds the default elements, which an example's elements replace.
var statements = map[string][][2]string{
	"identity": {{"Effect", `"Allow"`}, {"Action", `"s3:GetObject"`}, {"Resource", `"arn:aws:s3:::reports/*"`}},
	"resource": {{"Effect", `"Allow"`}, {"Principal", `{"AWS": "111122223333"}`}, {"Action", `"s3:GetObject"`}, {"Resource", `"arn:aws:s3:::reports/*"`}},
	"trust":    {{"Effect", `"Allow"`}, {"Principal", `{"AWS": "111122223333"}`}, {"Action", `"sts:AssumeRole"`}},
	"scp":      {{"Effect", `"Deny"`}, {"Action", `"s3:GetObject"`}, {"Resource", `"*"`}},
	"rcp":      {{"Effect", `"Deny"`}, {"Principal", `"*"`}, {"Action", `"s3:GetObject"`}, {"Resource", `"*"`}},
}

// document expands an example to a document.
func document(kind, example string) string {
	if number, ok := strings.CutSuffix(example, " actions"); ok {
		n, _ := strconv.Atoi(number)
		var actions []string
		for i := range n {
			actions = append(actions, fmt.Sprintf(`"s3:GetObject%020d"`, i))
		}
		return document(kind, "`\"Action\": ["+strings.Join(actions, ",")+"]`")
	}
	example = strings.Trim(example, "`")
	if strings.HasPrefix(example, "{") || strings.HasPrefix(example, "⟦{") {
		return example
	}
	var elements []string
	for _, e := range statements[kind] {
		if strings.Contains(example, `"`+e[0]+`"`) || strings.Contains(example, `"Not`+e[0]+`"`) || strings.Contains(example, "-"+e[0]) {
			continue
		}
		elements = append(elements, fmt.Sprintf("%q: %s", e[0], e[1]))
	}
	if !strings.HasPrefix(example, "-") {
		elements = append(elements, example)
	}
	return `{"Version": "2012-10-17", "Statement": [{` + strings.Join(elements, ", ") + `}]}`
}

// config parses the page's notation for the purpose of a document.
func config(t *testing.T, name string) (Config, string) {
	switch name {
	case "bucket":
		return Config{Kind: policy.Resource, Resource: "AWS::S3::Bucket"}, "resource"
	case "proofs":
		return Config{Proofs: true}, "identity"
	}
	kind, ok := policy.ParseKind(name)
	if !ok {
		t.Fatalf("no kind %q", name)
	}
	return Config{Kind: kind}, name
}

// findings checks a text; a text that does not parse has one finding.
func findings(text string, c Config) []Finding {
	doc, err := policy.Parse([]byte(text))
	if e, ok := errors.AsType[*policy.SyntaxError](err); ok {
		f := policy.Finding{Code: e.Code, Severity: policy.Error}
		f.Location.Span = policy.Span{Start: e.Position, End: e.Position}
		return []Finding{{Finding: f}}
	}
	return Check(doc, c)
}

// TestReference checks the examples of the page: each code is triggered, exactly at the location that the
// example marks, and not triggered by the counterexample.
func TestReference(t *testing.T) {
	rows := referenceRows(t)
	for _, r := range rows {
		c, kind := config(t, r.kind)
		marked := document(kind, r.triggers)
		start := strings.Index(marked, "⟦")
		text := strings.NewReplacer("⟦", "", "⟧", "").Replace(marked)
		var found []string
		hit := false
		for _, f := range findings(text, c) {
			at := f.Location.Span
			found = append(found, fmt.Sprintf("%s at %s", f.Code, text[at.Start.Offset:at.End.Offset]))
			if f.Code != r.code {
				continue
			}
			hit = true
			if f.Severity.String() != r.severity {
				t.Errorf("%s is a %v, and a %s on the page", r.code, f.Severity, r.severity)
			}
			if end := strings.Index(marked, "⟧") - len("⟦"); start >= 0 && (at.Start.Offset != start || at.End.Offset != end) {
				t.Errorf("%s: at %q, not at %q", r.code, text[at.Start.Offset:at.End.Offset], text[start:end])
			}
			break
		}
		if !hit {
			t.Errorf("%s is not triggered by %s, but %q", r.code, text, found)
		}
		text = document(kind, r.not)
		for _, f := range findings(text, c) {
			if f.Code == r.code {
				t.Errorf("%s is triggered by %s", r.code, text)
			}
		}
	}
}

// serviceRules lists the codes of [policy.Rules], which apply only in services that store policies.
var serviceRules = []string{
	"UNSUPPORTED_ELEMENT", "UNSUPPORTED_EFFECT", "UNSUPPORTED_VERSION", "MISSING_SID", "TOO_MANY_STATEMENTS", "POLICY_SIZE_EXCEEDS_SERVICE_QUOTA",
}

// TestEveryCodeHasARow checks that the page is complete.
func TestEveryCodeHasARow(t *testing.T) {
	var onPage []string
	for _, r := range referenceRows(t) {
		if slices.Contains(onPage, r.code) {
			t.Errorf("%s has two rows", r.code)
		}
		onPage = append(onPage, r.code)
	}
	for _, code := range slices.Concat(policy.Codes(), Codes()) {
		if !slices.Contains(onPage, code) && !slices.Contains(serviceRules, code) {
			t.Errorf("docs/reference/findings.md has no row for %s", code)
		}
	}
	if len(onPage) < 130 {
		t.Errorf("%d rows", len(onPage))
	}
}
