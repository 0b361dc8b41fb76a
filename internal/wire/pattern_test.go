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
		"member": API[inner, struct{}]{Name: "A", Method: "POST", Path: "/"}.Operation(&jsonService),
		"element": API[struct {
			Names []string `wire:"names" elempattern:"(?=x)"`
		}, struct{}]{Name: "A", Method: "POST", Path: "/"}.Operation(&jsonService),
		"key": API[struct {
			Names map[string]string `wire:"names" keypattern:"(?=x)"`
		}, struct{}]{Name: "A", Method: "POST", Path: "/"}.Operation(&jsonService),
		"structure": API[struct {
			Inner *inner `wire:"inner"`
		}, struct{}]{Name: "A", Method: "POST", Path: "/"}.Operation(&jsonService),
		"structures in a list": API[struct {
			Inner []inner `wire:"inner"`
		}, struct{}]{Name: "A", Method: "POST", Path: "/"}.Operation(&jsonService),
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
