// Package bench holds Writ's policy engine against other engines in Go on the
// same questions. It is a module of its own, so that Writ depends on none of
// them. README.md says how to run it and what the questions are.
package bench
