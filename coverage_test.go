package writ

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/server"
)

var update = flag.Bool("update", false, "write the generated parts of the documents")

// TestCoverage keeps the README's coverage table, and docs/coverage.md, equal to
// the operation tables.
func TestCoverage(t *testing.T) {
	const begin, end = "-update` -->\n", "<!-- /coverage -->"
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("README.md has no coverage markers")
	}
	services := server.Services(operation.Instant)
	for path, want := range map[string]string{
		"README.md":        head + begin + coverageTable(services) + end + tail,
		"docs/coverage.md": coverageList(services),
	} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what the operation tables say (%v); run: go test . -run Coverage -update", path, err)
		}
	}
}

// coverageTable has one row per service.
func coverageTable(services []*operation.Service) string {
	var b strings.Builder
	b.WriteString("| service | API version | operations |\n|---|---|---|\n")
	for _, svc := range services {
		fmt.Fprintf(&b, "| %s (`%s`) | %s | [%d of %d](docs/coverage.md#%s) |\n", svc.API.Title, svc.API.Name, svc.API.Version,
			len(svc.Operations), len(svc.Operations)+len(svc.API.Unserved), svc.API.Name)
	}
	return b.String()
}

// coverageList names every operation, in the order of the tables, with what it
// does to the store and for whom.
func coverageList(services []*operation.Service) string {
	access := map[operation.Access]string{
		operation.Read: "reads", operation.Write: "writes", operation.OwnerWrite: "writes, for the owner of the resource only",
	}
	var b strings.Builder
	b.WriteString("# What Writ serves\n\nWritten by `go test . -run Coverage -update` from the operation tables.\n")
	for _, svc := range services {
		fmt.Fprintf(&b, "\n## %s\n\n%s, API version %s\n\n| operation | IAM action | |\n|---|---|---|\n", svc.API.Name, svc.API.Title, svc.API.Version)
		for _, op := range svc.Operations {
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", op.Wire.Name, op.Action, access[op.Access])
		}
	}
	return b.String()
}
