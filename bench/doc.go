// Command bench measures a built writ binary from outside, over TCP, beside
// things a reader can place: a bare net/http server answering the same bytes,
// the disk's own fsync, and moto where it is installed.
//
// It is not a profile of the policy engine (that is bench/policy) and not a
// capacity plan: client and server share one machine, so read the ratios first.
// README.md says what each number means; start reading at run in main.go.
package main
