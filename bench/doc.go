// Command bench measures a built writ binary from outside, over TCP, and compares it with
// reference points: a bare net/http server that returns the same bytes, the rate of fsync
// on the same disk, and moto where it is installed.
//
// It does not profile the policy engine (see bench/policy) and is not a capacity plan:
// client and server share one machine, so the ratios matter more than the rates.
// README.md explains each figure; start reading at run in main.go.
package main
