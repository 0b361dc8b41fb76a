// Package reference is a slow and simple model of the policy engine. It implements
// the rules in docs/policy-rules.md independently of package policy and shares no
// code with it, so that tests can compare the two.
//
// It is for tests only: it takes decoded JSON, assumes that types are correct, and
// recompiles every pattern at every use. Start with [Decide].
package reference
