package server

import (
	"os"
	"strings"
	"testing"
)

// TestStages compares the list of stages in the package comment and in the document with
// the code.
func TestStages(t *testing.T) {
	names := []string{}
	add := func(stages []stage) {
		for _, s := range stages {
			names = append(names, s.name)
		}
	}
	add(beforeTransaction)
	names = append(names, "begin transaction")
	add(inTransaction)
	names = append(names, "commit")
	add(afterTransaction)
	want := strings.Join(append(names, "record"), " → ")
	for _, file := range []string{"doc.go", "../../docs/architecture.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(strings.ReplaceAll(string(text), "//", " "))
		if !strings.Contains(strings.Join(words, " "), want) {
			t.Errorf("%s does not have the stages %s", file, want)
		}
	}
}
