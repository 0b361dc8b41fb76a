// Package analyze answers exact questions about policies: which requests a new
// document allows that an old one does not, and the reverse. Each difference is
// proved by a concrete request that package policy has decided both ways; that
// there is none is proved by a finished search through all requests. A question
// that cannot be answered so is answered with Unknown and the reason, never with
// a guess.
//
// It evaluates nothing itself. What a statement means it takes from
// [policy.Document.Clauses], the form that the evaluator evaluates.
//
// A request is a tuple of fields: action, resource, caller and one field per
// condition key. Each statement is a conjunction of literals about single fields.
// Whether some value of a field satisfies a conjunction of literals is a question
// about automata (language.go, product.go), about sets of values (key.go) or
// about a few candidates (values.go); what remains is a search by cases over
// disjunctions of literals (split.go). Condition keys that follow from the caller
// or the resource are parts of their text (caller.go). Start with [Compare].
//
// Like package policy it is a pure function: it needs no clock, network or file.
package analyze
