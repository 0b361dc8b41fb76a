// Package trail keeps what the gate decided: recent requests in memory, explained
// when asked, and an audit file with one line per request.
//
// Recording a request keeps its inputs by reference and costs little; explaining
// it decides again, by the same evaluation. Start reading at Entry, then at Ring
// and File.
package trail
