// Package analyze answers exact questions about policies: which requests a new document allows that an old
// one does not, and the reverse. Each difference is proved by a concrete request that package policy has
// evaluated against both documents; the absence of a difference is proved by an exhaustive search over all
// requests. A question that cannot be decided this way gets the answer Unknown with a reason, never a guess.
//
// The package has no evaluator of its own. It takes the meaning of statements from [policy.Document.Clauses],
// the form that the evaluator uses.
//
// A request is a tuple of fields: action, resource, caller and one field per condition key. Each statement is
// a conjunction of literals about single fields. Whether a value of a field satisfies a conjunction of
// literals is a question about automata (language.go, product.go), about sets of values (key.go) or about a
// few candidates (values.go). The remaining work is a case analysis over disjunctions of literals (split.go).
// Condition keys that the caller or the resource determines are encoded in their texts (caller.go). Start
// with [Compare].
//
// Like package policy it is a pure function: it needs no clock, network or file.
package analyze
