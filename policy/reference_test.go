package policy_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/internal/reference"
)

// TestReference compares decisions with those of the reference model on random
// worlds. WRIT_COMPARISONS sets how many; the seed is fixed unless WRIT_SEED is
// set. docs/policy-engine.md records a long run.
func TestReference(t *testing.T) {
	comparisons, seed := 20_000, uint64(1)
	if s := os.Getenv("WRIT_COMPARISONS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		comparisons = n
	}
	if s := os.Getenv("WRIT_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	random := rand.New(rand.NewPCG(seed, 0))
	g := generator{random.IntN}
	verdicts := make(map[policy.Decision]int)
	const requests = 200 // per set of policies
	for n := 0; n < comparisons; n += requests {
		w := g.policySet()
		for range requests {
			g.ask(w)
			decision := compare(t, w)
			verdicts[decision]++
			if n%(10*requests) == 0 {
				checkExplanation(t, w, decision)
			}
		}
		if t.Failed() {
			return
		}
	}
	if comparisons < 10_000 {
		return
	}
	for _, layer := range []policy.Layer{policy.LayerIdentity, policy.LayerResource, policy.LayerBoundary, policy.LayerSession, policy.LayerServiceControl, policy.LayerResourceControl, policy.LayerEndpoint} {
		if verdicts[policy.Decision{Verdict: policy.ExplicitDeny, Layer: layer}] == 0 {
			t.Errorf("no world was denied explicitly by %v: the generator is too narrow", layer)
		}
	}
	t.Logf("%d comparisons: %v", comparisons, verdicts)
}

func compare(t interface{ Errorf(string, ...any) }, w *world) policy.Decision {
	got := policy.Decide(&w.request, &w.policies)
	verdict, layer := reference.Decide(&w.reference)
	if got.Verdict.String() != verdict || got.Layer.String() != layer {
		t.Errorf("decided %v by %v, the reference model %s by %s\n%v", got.Verdict, got.Layer, verdict, layer, w)
	}
	return got
}

// checkExplanation checks that an explanation gives the same decision, and that
// its sentence and change are there when they must be.
func checkExplanation(t *testing.T, w *world, decision policy.Decision) {
	t.Helper()
	x := policy.Explain(&w.request, &w.policies)
	switch {
	case x.Decision != decision:
		t.Errorf("explained %v, decided %v\n%v", x.Decision, decision, w)
	case x.Decision.Allowed() && (x.Change.Edits != nil || x.Change.Obstacles != nil || x.Nearest != nil):
		t.Errorf("an allow with a change: %v\n%v", x.Change, w)
	case strings.Contains(x.Sentence, " not authorized ") == x.Decision.Allowed():
		t.Errorf("%v, but the sentence is %s", x.Decision, x.Sentence)
	}
}

// TestReferenceRapid is TestReference with worlds that shrink on failure.
func TestReferenceRapid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := draw(t)
		w := g.policySet()
		g.ask(w)
		compare(t, w)
	})
}

func draw(t *rapid.T) generator {
	return generator{func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "") }}
}
