package wire

import (
	"strings"
	"testing"
)

// TestPatternWithoutTwin: Compile finds a pattern that Go cannot express wherever
// it stands, and until somebody looks it refuses every value.
func TestPatternWithoutTwin(t *testing.T) {
	type inner struct {
		Name *string `wire:"name" pattern:"(?=x)"`
	}
	for name, op := range map[string]*Operation{
		"member": NewOperation(&jsonService, API[*inner, *struct{}]{Name: "A", Method: "POST", Path: "/"}),
		"element": NewOperation(&jsonService, API[*struct {
			Names []string `wire:"names" elempattern:"(?=x)"`
		}, *struct{}]{Name: "A", Method: "POST", Path: "/"}),
		"key": NewOperation(&jsonService, API[*struct {
			Names map[string]string `wire:"names" keypattern:"(?=x)"`
		}, *struct{}]{Name: "A", Method: "POST", Path: "/"}),
		"structure": NewOperation(&jsonService, API[*struct {
			Inner *inner `wire:"inner"`
		}, *struct{}]{Name: "A", Method: "POST", Path: "/"}),
		"structures in a list": NewOperation(&jsonService, API[*struct {
			Inner []inner `wire:"inner"`
		}, *struct{}]{Name: "A", Method: "POST", Path: "/"}),
	} {
		if err := op.Compile(); err == nil || !strings.Contains(err.Error(), "needs a twin") {
			t.Errorf("%s: Compile says %v", name, err)
		}
	}
	if newPattern("(?=x)").match("x") {
		t.Error("a pattern that cannot be compiled lets a value pass")
	}
	if p := newPattern("[a-c]+"); !p.match("abc") || p.match("abcd") || p != newPattern("[a-c]+") {
		t.Error("a pattern does not match the whole value, or is kept twice")
	}
}
