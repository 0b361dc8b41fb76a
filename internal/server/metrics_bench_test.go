package server

import (
	"testing"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// BenchmarkObserve is what the metrics of one request cost.
func BenchmarkObserve(b *testing.B) {
	m := newMetrics(&Config{})
	x := &exchange{start: time.Now(), op: servedOperation{row: &operation.Operation{Action: "ssm:GetParameter"}}}
	x.call = &operation.Call{Decisions: []*authz.Decision{{Result: policy.Decision{Layer: policy.LayerResource}}}}
	b.ReportAllocs()
	for b.Loop() {
		m.observe(x, "")
	}
}
