// Package fix makes API calls of the smallest change of a decision record: which
// operation, as which account, with the whole new policy.
//
// It reads and writes nothing: what a call needs of the present state, such as the
// hash of the policy that it replaces, is read through the function that For is
// given. Start reading at For.
package fix
