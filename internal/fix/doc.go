// Package fix converts the smallest change of a decision record into API calls: the operation, the account
// that makes it, and the complete new policy.
//
// It reads and writes nothing itself: the present state that a call depends on, such as the hash of the
// policy that it replaces, is read through the function passed to For. Start reading at For.
package fix
