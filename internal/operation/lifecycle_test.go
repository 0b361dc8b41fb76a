package operation_test

import (
	"testing"
	"time"

	"github.com/writdev/writ/internal/operation"
)

func TestStatusAt(t *testing.T) {
	stages := []operation.Stage[string]{{After: 0, Status: "begun"}, {After: time.Minute, Status: "half done"}, {After: time.Hour, Status: "done"}}
	began := time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		age  time.Duration
		want string
	}{
		{-time.Hour, "begun"}, {0, "begun"}, {time.Minute - 1, "begun"}, {time.Minute, "half done"},
		{time.Hour - 1, "half done"}, {time.Hour, "done"}, {24 * time.Hour, "done"},
	} {
		if got := operation.StatusAt(operation.Realistic, stages, began, began.Add(test.age)); got != test.want {
			t.Errorf("after %v %q, want %q", test.age, got, test.want)
		}
		if got := operation.StatusAt(operation.Instant, stages, began, began.Add(test.age)); got != "done" {
			t.Errorf("instant, after %v %q", test.age, got)
		}
	}
}
