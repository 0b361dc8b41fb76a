package policy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/writdev/writ/policy"
)

// TestValidate checks the findings of testdata/findings. With -update it fills in path and text; the codes
// must already be present, in this order.
func TestValidate(t *testing.T) {
	seen := findSizes(t)
	files, err := filepath.Glob("testdata/findings/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no findings", err)
	}
	for _, path := range files {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var name string
		var doc *policy.Document
		var kind policy.Kind
		var rules *policy.Rules
		for i, f := range archive.Files {
			dir, section, _ := strings.Cut(f.Name, "/")
			if dir != name {
				name, rules = dir, nil
			}
			switch {
			case section == "rules":
				rules = new(policy.Rules)
				if err := json.Unmarshal(f.Data, rules); err != nil {
					t.Fatalf("%s: %s: %v", path, f.Name, err)
				}
			case section != "want":
				var ok bool
				if kind, ok = policy.ParseKind(strings.TrimSuffix(section, ".json")); !ok {
					t.Fatalf("%s: %s: unknown kind", path, section)
				}
				if doc, err = policy.Parse(f.Data); err != nil {
					t.Fatalf("%s: %s: %v", path, f.Name, err)
				}
			default:
				t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
					got, codes := "", ""
					for _, finding := range policy.Validate(doc, kind, rules) {
						seen[finding.Code] = true
						got += findingLine(doc, finding)
						codes += finding.Code + "\n"
					}
					if *update {
						if was := firstWords(string(f.Data)); was != codes {
							t.Errorf("codes (-want +got):\n%s", cmp.Diff(was, codes))
						}
						archive.Files[i].Data = []byte(got)
						return
					}
					if diff := cmp.Diff(string(f.Data), got); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			}
		}
		if *update {
			if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, code := range policy.Codes() {
		if !seen[code] {
			t.Errorf("no case for %s", code)
		}
	}
}

// findingLine returns the code, the path and the beginning of the text.
func findingLine(doc *policy.Document, f policy.Finding) string {
	text := string(doc.Source()[f.Location.Span.Start.Offset:f.Location.Span.End.Offset])
	if len(text) > 40 {
		text = text[:40] + "..."
	}
	return fmt.Sprintf("%s %v %s\n", f.Code, f.Location.Path, strings.ReplaceAll(text, "\n", " "))
}

func firstWords(lines string) string {
	var words string
	for line := range strings.Lines(lines) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		words += word + "\n"
	}
	return words
}

// findSizes checks the limits of size, at and beyond each, and returns the codes found.
func findSizes(t *testing.T) map[string]bool {
	seen := make(map[string]bool)
	for _, c := range []struct {
		kind  policy.Kind
		limit int
		code  string
	}{
		{policy.Identity, 10240, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"},
		{policy.Trust, 2048, "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA"},
		{policy.Resource, 20480, "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"},
		{policy.ServiceControl, 5120, "POLICY_SIZE_EXCEEDS_SCP_QUOTA"},
		{policy.ResourceControl, 5120, "POLICY_SIZE_EXCEEDS_RCP_QUOTA"},
	} {
		for _, size := range []int{c.limit, c.limit + 1} {
			const head, tail = `{"Version":"2012-10-17","Id":"`, `","Statement":[]}`
			doc, err := policy.Parse([]byte(head + strings.Repeat("x", size-len(head)-len(tail)) + tail))
			if err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(policy.Validate(doc, c.kind, nil), func(f policy.Finding) bool { return f.Code == c.code })
			if found != (size > c.limit) {
				t.Errorf("%v policy of %d characters: %s found: %v", c.kind, size, c.code, found)
			}
			seen[c.code] = seen[c.code] || found
		}
	}
	return seen
}
