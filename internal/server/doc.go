// Package server handles a request of the AWS APIs from the first byte to the last.
//
// The stages of a request, in order:
//
//	limit → route → verify signature → decode and check constraints → do
//	what is due → begin transaction → authorize → handle → commit → encode → record
//
// Each stage has its own file; a test compares this list with the code. Writ's own paths
// under /_writ/ are in control.go.
//
// The package contains no rule of a service and makes no decision. Start reading at
// Server.serve in pipeline.go; services.go lists the services.
package server
