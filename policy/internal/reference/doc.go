// Package reference decides requests slowly and plainly. It is a second reading
// of the rules in docs/policy-rules.md, written without a look at package policy
// and sharing no code with it, so that tests can hold one against the other.
//
// It is no engine: it takes decoded JSON, trusts it to be well typed, recompiles
// every pattern at every use, and explains nothing. Start with [Decide].
package reference
