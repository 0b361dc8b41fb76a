// Package prove decides invariants of a whole world of accounts: who may do what, directly and by chains of
// role assumption, over all principals and all layers of policies together. An invariant is proved, or
// refuted by a shortest chain of concrete requests that the engine allows, or unknown with the reason.
//
// The package has no evaluator of its own. Whether one principal may perform an action under some condition
// keys is a question to [analyze.Permits]; this package asks it for every relevant pair and searches the
// graph of the answers.
//
// It is a pure function of the world: files are read through a function that the caller passes. Start with
// [Read], which reads a [World]; then [Compile], which checks it; then [Model.Prove] and [Model.Reach].
package prove
