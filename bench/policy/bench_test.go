package bench

import (
	"context"
	"net/netip"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/writdev/writ/policy"
)

// BenchmarkDecide measures the decision of each engine on each question. Policies are
// compiled and the request is built before the measurement.
func BenchmarkDecide(b *testing.B) {
	for _, w := range worlds() {
		b.Run(w.name+"/writ", func(b *testing.B) { decideWrit(b, w) })
		b.Run(w.name+"/cedar", func(b *testing.B) { decideCedar(b, w) })
		b.Run(w.name+"/opa", func(b *testing.B) { decideOPA(b, w) })
	}
}

func decideWrit(b *testing.B, w world) {
	p, err := w.compile()
	if err != nil {
		b.Fatal(err)
	}
	var req policy.Request
	if err := ask(&req); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if d := policy.Decide(&req, p); !d.Allowed() {
			b.Fatalf("%v\n%v", d, policy.Explain(&req, p))
		}
	}
}

func decideCedar(b *testing.B, w world) {
	policies, err := cedar.NewPolicySetFromBytes("bench.cedar", []byte(w.cedar))
	if err != nil {
		b.Fatal(err)
	}
	address := types.IPAddr(netip.PrefixFrom(netip.MustParseAddr(sourceIP), 32))
	req := cedar.Request{
		Principal: types.NewEntityUID("User", "bob"),
		Action:    types.NewEntityUID("Action", action),
		Resource:  types.NewEntityUID("Resource", resource),
		Context: types.NewRecord(types.RecordMap{
			"arn": types.String(resource), "action": types.String(action), "ip": address, "team": types.String("build"),
			"secure": types.Boolean(true), "region": types.String("eu-west-1"), "account": types.String("111122223333"), "delegates": types.Boolean(false),
		}),
	}
	entities := types.EntityMap{}
	b.ReportAllocs()
	for b.Loop() {
		decision, diagnostic := cedar.Authorize(policies, entities, req)
		if decision != cedar.Allow || len(diagnostic.Errors) > 0 {
			b.Fatalf("%v, %v", decision, diagnostic)
		}
	}
}

func decideOPA(b *testing.B, w world) {
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.bench.allow"), rego.Module("bench.rego", w.rego)).PrepareForEval(ctx)
	if err != nil {
		b.Fatal(err)
	}
	input := map[string]any{"action": action, "resource": resource, "ip": sourceIP, "team": "build", "secure": true, "region": "eu-west-1"}
	b.ReportAllocs()
	for b.Loop() {
		results, err := query.Eval(ctx, rego.EvalInput(input))
		if err != nil || !results.Allowed() {
			b.Fatalf("%v, %v", results, err)
		}
	}
}

// BenchmarkDecideWithRequest measures Writ alone, including the construction of the
// request.
func BenchmarkDecideWithRequest(b *testing.B) {
	w := realistic()
	p, err := w.compile()
	if err != nil {
		b.Fatal(err)
	}
	var req policy.Request
	b.ReportAllocs()
	for b.Loop() {
		if err := ask(&req); err != nil {
			b.Fatal(err)
		}
		if !policy.Decide(&req, p).Allowed() {
			b.Fatal("denied")
		}
	}
}

// TestWorlds checks the decisions of Writ; the benchmarks check those of the other
// engines.
func TestWorlds(t *testing.T) {
	for _, w := range worlds() {
		p, err := w.compile()
		if err != nil {
			t.Fatal(err)
		}
		var req policy.Request
		if err := ask(&req); err != nil {
			t.Fatal(err)
		}
		if d := policy.Decide(&req, p); !d.Allowed() {
			t.Errorf("%s: %v\n%v", w.name, d, policy.Explain(&req, p))
		}
	}
}
