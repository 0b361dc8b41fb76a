// Package castest tests compare-and-swap over HTTP: clients replace policies by hash (SSM) and revision (Rekognition) on one
// or more servers, and a history of their requests is linearizable if one order of all of them, which agrees with
// the clock, explains every response.
package castest

import (
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// input is a read of a policy, or its replacement by a client that has read it.
type input struct {
	object int
	write  bool
	saw    string // the document that the hash belongs to
	put    string // the new document; no two are equal
}

type output struct {
	document string // of a read
	refused  bool   // the hash was not the present one
	unknown  bool   // the write may have taken place or not
}

// model is the behavior of one policy. Its state is the document.
var model = (&porcupine.NondeterministicModel{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byObject := map[int][]porcupine.Operation{}
		for _, op := range history {
			object := op.Input.(input).object
			byObject[object] = append(byObject[object], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range byObject {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() []any { return []any{""} },
	Step: func(state, request, response any) []any {
		in, out, now := request.(input), response.(output), state.(string)
		switch {
		case !in.write && out.document == now:
			return []any{now}
		case !in.write:
			return nil
		case out.unknown && in.saw == now:
			return []any{now, in.put}
		case out.unknown, out.refused && in.saw != now:
			return []any{now}
		case !out.refused && in.saw == now:
			return []any{in.put}
		}
		return nil
	},
	Equal: func(a, b any) bool { return a == b },
}).ToModel()

// Check fails the test unless the history of the objects is linearizable.
func (h *History) Check(t *testing.T) {
	t.Helper()
	switch h.check() {
	case porcupine.Illegal:
		t.Fatalf("no order of the %d requests explains their responses", h.Requests())
	case porcupine.Unknown:
		t.Fatalf("%d requests, %d of unknown outcome: too many to decide", h.Requests(), h.Unknown)
	}
}

// Linearizable reports whether the history of the objects is linearizable.
func (h *History) Linearizable() bool { return h.check() == porcupine.Ok }

func (h *History) check() porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(model, append(h.first, h.operations...), time.Minute)
}
