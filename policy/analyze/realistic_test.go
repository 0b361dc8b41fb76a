package analyze

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/writdev/writ/policy"
)

var nearbyRequests = flag.Int("nearby", 2000, "requests drawn near each pair of documents whose verdict was determined by hand")

// TestRealistic compares the documents of testdata, whose verdicts were determined by hand, and checks the
// verdicts against requests drawn near the documents.
func TestRealistic(t *testing.T) {
	for _, name := range []string{"realistic", "services"} {
		t.Run(name, func(t *testing.T) { compareEdits(t, "testdata/"+name+".txt") })
	}
}

func compareEdits(t *testing.T, name string) {
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var kind policy.Kind
	var base string
	compared, undecided, sampled := 0, 0, 0
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
		c := Compare(old, new, kind, Options{})
		compared++
		gained, lost := checkNearby(t, c.Verdict, old, new, kind)
		if want := map[Verdict][2]bool{More: {true, false}, Less: {false, true}, Different: {true, true}}[c.Verdict]; want == [2]bool{gained, lost} {
			sampled++
		}
		if c.Verdict == Unknown {
			undecided++
		}
		if c.Verdict.String() != word {
			t.Errorf("line %d: %v (%s), want %s", n+1, c.Verdict, c.Reason, word)
			if c.Gained != nil {
				t.Logf("gained %+v", c.Gained.Request)
			}
			if c.Lost != nil {
				t.Logf("lost %+v", c.Lost.Request)
			}
		}
	}
	if compared < 100 || undecided*50 > compared {
		t.Errorf("%d pairs, %d unknown", compared, undecided)
	}
	t.Logf("%d pairs, %d unknown; drawn requests alone give the verdict for %d", compared, undecided, sampled)
}
