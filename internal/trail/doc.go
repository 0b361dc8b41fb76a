// Package trail records the decisions of the gate: recent requests in memory, explained
// on demand, and an audit file with one line per request.
//
// Recording a request keeps references to its inputs and is cheap; explaining it
// evaluates it again with the same evaluator. Start reading at Entry, then at Ring and
// File.
package trail
