package imagebuilder

import (
	"testing"

	"github.com/writdev/writ/internal/operation"
)

// TestBuildNumbers: the next number is found without reading the builds before it, and none
// is given twice.
func TestBuildNumbers(t *testing.T) {
	inCall(t, func(c *operation.Call) {
		n := newName(c, componentType, "web", "1.0.0")
		add := func() name {
			t.Helper()
			next, err := nextBuild(c, n)
			if err == nil {
				err = insert(c, next, "web", Component{State: &ComponentState{}}, nil, nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			return next
		}
		cost := func() float64 {
			return testing.AllocsPerRun(10, func() {
				if _, err := nextBuild(c, n); err != nil {
					t.Fatal(err)
				}
				if _, err := newest(c, n); err != nil {
					t.Fatal(err)
				}
			})
		}
		for range 10 {
			add()
		}
		few := cost()
		for range 1000 {
			add()
		}
		if many := cost(); many > few+10 {
			t.Errorf("the number after 1010 builds takes %v allocations, after 10 it took %v", many, few)
		}
		last := add()
		if found, err := newest(c, n); err != nil || last.Build != 1011 || found != last {
			t.Errorf("the last build is %v, found %v, %v", last, found, err)
		}
		if err := remove(c, last.String()); err != nil {
			t.Fatal(err)
		}
		if found, err := newest(c, n); err != nil || found.Build != 1010 {
			t.Errorf("after the last is gone the newest is %v, %v", found, err)
		}
		if next := add(); next.Build != 1012 {
			t.Errorf("after the last is gone the next is %v", next)
		}
		// A state of before builds were counted.
		if err := c.Tx.DeleteResource(counterARN(n)); err != nil {
			t.Fatal(err)
		}
		if next := add(); next.Build != 1013 {
			t.Errorf("without a count the next is %v", next)
		}
	})
}
