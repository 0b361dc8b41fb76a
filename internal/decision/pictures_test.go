package decision_test

import (
	"bytes"
	"os"
	"testing"
)

// TestPicturesOfDocs compares the pictures of docs/explanation/decisions.md with the golden
// files that they are copies of.
func TestPicturesOfDocs(t *testing.T) {
	for golden, picture := range map[string]string{"across-denied": "denied", "across-allowed": "allowed"} {
		want, err := os.ReadFile("testdata/" + golden + ".svg")
		if err != nil {
			t.Fatal(err)
		}
		file := "../../docs/images/decision-" + picture + ".svg"
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what Writ draws (%v); run go test ./internal/decision -update", file, err)
		}
	}
}
