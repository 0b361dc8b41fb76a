package analyze

import (
	"sync"
	"testing"

	"github.com/writdev/writ/policy"
)

// TestConcurrentQuestions runs many comparisons at once. They share the automata of actions, resources and
// callers.
func TestConcurrentQuestions(t *testing.T) {
	d := newShaped(*seed)
	var pairs [40][2]*policy.Document
	var want [40]Verdict
	for i := range pairs {
		pairs[i][0], pairs[i][1] = d.pair(t, 3, policy.Resource)
		want[i] = Compare(pairs[i][0], pairs[i][1], policy.Resource, Options{}).Verdict
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i := range pairs {
				if got := Compare(pairs[i][0], pairs[i][1], policy.Resource, Options{}).Verdict; got != want[i] {
					t.Errorf("pair %d: %v, and %v before", i, got, want[i])
				}
			}
		})
	}
	wait.Wait()
}
