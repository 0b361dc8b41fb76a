package imagebuilder

import (
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

func TestStatus(t *testing.T) {
	created := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	var states []ImageStatus
	for age := time.Duration(0); age < 10*time.Minute; age += time.Second {
		if s := imageStatus(operation.Realistic, created, time.Time{}, created.Add(age)); len(states) == 0 || s != states[len(states)-1] {
			states = append(states, s)
		}
		if s := imageStatus(operation.Instant, created, time.Time{}, created.Add(age)); s != ImageStatusAvailable {
			t.Fatalf("instant: %s after %v", s, age)
		}
		if s := imageStatus(operation.Realistic, created, created.Add(time.Minute), created.Add(age)); s != ImageStatusCancelled {
			t.Fatalf("cancelled: %s after %v", s, age)
		}
	}
	if diff := cmp.Diff([]ImageStatus{"PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"}, states); diff != "" {
		t.Error(diff)
	}
	if s := imageStatus(operation.Realistic, created, time.Time{}, created.Add(-time.Hour)); s != ImageStatusPending {
		t.Errorf("before it was created: %s", s)
	}
}

// TestListReadsLittle lists a page out of endlessly many rows.
func TestListReadsLittle(t *testing.T) {
	inCall(t, func(c *operation.Call) {
		n := newName(c, componentType, "web", "1.0.0")
		n.Build = 1
		r, err := record(c, n, "web", Component{State: &ComponentState{}})
		if err != nil {
			t.Fatal(err)
		}
		read := 0
		endless := func(string) iter.Seq2[store.Resource, error] {
			return func(yield func(store.Resource, error) bool) {
				for ; ; read++ {
					r.ARN = n.prefix() + string(rune('a'+read/10%26)) + string(rune('a'+read/260%26)) + "/1.0.0/" + string(rune('1'+read%9))
					if !yield(r, nil) {
						return
					}
				}
			}
		}
		limit := 5
		for _, group := range []func(name) string{nil, versionOrName(nil), versionOrName(new(true))} {
			read = 0
			page, err := list(c, listing[Component, string]{
				op: "List", rows: endless, group: group, maxResults: &limit,
				view: func(r store.Resource, _ *Component) (string, error) { return r.ARN, nil },
			})
			if err != nil || len(page.Items) != limit || page.Next == nil {
				t.Fatalf("%v, %v", page, err)
			}
			if most := (limit + 2) * 10; read > most {
				t.Errorf("a page of %d read %d rows, want at most %d", limit, read, most)
			}
			if !slices.IsSorted(page.Items) {
				t.Errorf("not in order: %v", page.Items)
			}
		}
	})
}
