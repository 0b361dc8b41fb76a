package analyze

import (
	"os"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

// TestRealistic compares the documents of testdata/realistic.txt.
func TestRealistic(t *testing.T) {
	src, err := os.ReadFile("testdata/realistic.txt")
	if err != nil {
		t.Fatal(err)
	}
	var kind policy.Kind
	var base string
	compared, undecided := 0, 0
	for n, line := range strings.Split(string(src), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "", "#":
			continue
		case "base":
			name, text, _ := strings.Cut(rest, " ")
			kind, _ = policy.ParseKind(name)
			base = text
			continue
		}
		from, to, ok := strings.Cut(rest+" ", " => ")
		edited := strings.Replace(base, from, strings.TrimSuffix(to, " "), 1)
		if !ok || edited == base {
			t.Errorf("line %d: changes nothing", n+1)
			continue
		}
		old, new := mustDocument(t, base), mustDocument(t, edited)
		c := Compare(old, new, kind, Budget{})
		compared++
		if c.Verdict == Unknown {
			undecided++
		}
		if c.Verdict.String() != word {
			t.Errorf("line %d: %v (%s), want %s", n+1, c.Verdict, c.Reason, word)
		}
	}
	if compared < 100 || undecided*50 > compared {
		t.Errorf("%d pairs, %d unknown", compared, undecided)
	}
	t.Logf("%d pairs, %d unknown", compared, undecided)
}
