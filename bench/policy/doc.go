// Package bench compares Writ's policy engine with other engines in Go on the same
// questions. It is a separate module, so that Writ depends on none of them. README.md
// says how to run it and lists the questions.
package bench
