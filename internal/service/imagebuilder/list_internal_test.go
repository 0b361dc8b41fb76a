package imagebuilder

import (
	"iter"
	"slices"
	"testing"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

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
