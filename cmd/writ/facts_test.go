package main

import (
	"os"
	"strings"
	"testing"

	"github.com/writdev/writ/catalog"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// TestWitnessesExist compares the edited documents of package analyze and looks at
// the witnesses: their actions exist, or the answer says that none does. Facts change
// no verdict.
func TestWitnessesExist(t *testing.T) {
	witnesses, invented, odd := 0, 0, 0
	for _, name := range []string{"realistic", "services"} {
		src, err := os.ReadFile("../../policy/analyze/testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		var kind policy.Kind
		var base string
		for line := range strings.SplitSeq(string(src), "\n") {
			word, rest, _ := strings.Cut(line, " ")
			if word == "base" {
				name, text, _ := strings.Cut(rest, " ")
				kind, _ = policy.ParseKind(name)
				base = text
			}
			from, to, ok := strings.Cut(rest+" ", " => ")
			if !ok {
				continue
			}
			old, err := policy.Parse([]byte(base))
			if err != nil {
				t.Fatal(err)
			}
			new, err := policy.Parse([]byte(strings.Replace(base, from, strings.TrimSuffix(to, " "), 1)))
			if err != nil {
				t.Fatal(err)
			}
			c := analyze.Compare(old, new, kind, options())
			if c.Verdict.String() != word {
				t.Errorf("%s: %v", line, c.Verdict)
			}
			for _, w := range []*analyze.Witness{c.Gained, c.Lost} {
				if w == nil {
					continue
				}
				witnesses++
				a, exists := catalog.FindAction(w.Request.Action)
				switch {
				case exists == w.Invented:
					t.Errorf("%s: %s exists: %v, invented: %v", line, w.Request.Action, exists, w.Invented)
				case w.Invented && c.Reason == "":
					t.Errorf("%s: nothing says that no action like %s exists", line, w.Request.Action)
				case w.Invented:
					invented++
				case !actsOn(a, w.Request.Resource):
					odd++
					t.Logf("%s: %s does not act on %s", line, w.Request.Action, w.Request.Resource)
				}
			}
		}
	}
	t.Logf("%d witnesses, %d invented, %d of an action on a resource of another type", witnesses, invented, odd)
	if invented*20 > witnesses || odd*10 > witnesses {
		t.Errorf("of %d witnesses %d are invented, and %d of an action on a resource of another type", witnesses, invented, odd)
	}
}

// actsOn reports whether an action acts on a resource.
func actsOn(a *catalog.Action, resource string) bool {
	if len(a.Resources) == 0 {
		return resource == "*"
	}
	for _, r := range a.Resources {
		if r.Type.CanMatch(resource) && resource != "*" {
			return true
		}
	}
	return false
}
