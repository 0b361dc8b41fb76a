package writ

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/service/imagebuilder"
)

var update = flag.Bool("update", false, "write the generated parts of the documents")

// TestCoverage keeps the README's coverage table equal to the operation tables.
func TestCoverage(t *testing.T) {
	const begin, end = "-update` -->\n", "<!-- /coverage -->"
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	old, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("README.md has no coverage markers")
	}
	table := coverageTable()
	if *update {
		if err := os.WriteFile("README.md", []byte(head+begin+table+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table {
		t.Errorf("the coverage table in README.md is not that of the operation tables; run: go test . -run Coverage -update")
	}
}

// coverageTable writes one row per service, its operations grouped by the
// resource they are about, in the order of the tables.
func coverageTable() string {
	var b strings.Builder
	b.WriteString("| service | API version | operations |\n|---|---|---|\n")
	for _, svc := range server.Services(imagebuilder.Instant) {
		var names []string
		for _, op := range svc.Operations {
			names = append(names, op.Wire.Name)
		}
		fmt.Fprintf(&b, "| %s (`%s`) | %s | %d: %s |\n", svc.API.Title, svc.API.Name, svc.API.Version, len(names), strings.Join(names, ", "))
	}
	return b.String()
}
