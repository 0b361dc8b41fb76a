package rekognition

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/awserr"
)

// TestNames checks that names and ARNs correspond, and that a prefix covers exactly the ARNs of the name.
func TestNames(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "ab", "version", "dataset", "train", "v.1", "1"})
	draw := rapid.Custom(func(t *rapid.T) name {
		n := name{Partition: "aws", Region: "us-east-1", Account: "111122223333", Type: projectType, Project: word.Draw(t, "project"), Stamp: "1656557051929"}
		if n.Type = rapid.SampledFrom([]string{projectType, versionType, datasetType}).Draw(t, "type"); n.Type != projectType {
			n.Part = word.Draw(t, "part")
		}
		return n
	})
	rapid.Check(t, func(t *rapid.T) {
		n, m := draw.Draw(t, "n"), draw.Draw(t, "m")
		back, err := parseName(n.String())
		if err != nil || back != n {
			t.Fatalf("%s is %+v, %v", n, back, err)
		}
		same := n.Type == m.Type && n.Project == m.Project && n.Part == m.Part
		if covers := n.Type == m.Type && strings.HasPrefix(m.String(), n.prefix()); covers != same {
			t.Fatalf("%s covers %s: %v", n.prefix(), m, covers)
		}
		if n.project() != m.project() && strings.HasPrefix(m.String(), n.project().partsPrefix(versionType)) {
			t.Fatalf("%s is a version of %s", m, n.project())
		}
	})
	const collection = "arn:aws:rekognition:us-east-1:111122223333:collection/guests"
	if n, err := parseName(collection); err != nil || n.Type != collectionType || n.String() != collection {
		t.Errorf("%s is %+v, %v", collection, n, err)
	}
	for _, text := range []string{
		"", "arn:aws:rekognition:us-east-1:111122223333:collection/x/1", "arn:aws:s3:us-east-1:111122223333:project/a/1",
		"arn:aws:rekognition:us-east-1:111122223333:project/a", "arn:aws:rekognition:us-east-1:111122223333:project/a/model/b/1",
		"arn:aws:rekognition:us-east-1:111122223333:project/a/version/b",
	} {
		if n, err := parseName(text); err == nil {
			t.Errorf("%q is %+v", text, n)
		}
	}
}

// TestFaults tests the two exceptions that are server faults.
func TestFaults(t *testing.T) {
	for e, want := range map[*awserr.Error]int{
		errThrottling("x"): 500, errInternalServer("x"): 500, errProvisionedThroughputExceeded("x"): 400,
	} {
		if e.Status != want {
			t.Errorf("%v: status %d, want %d", e, e.Status, want)
		}
	}
}
