// Package overview tells what a world holds and who shares what with whom: the accounts and
// their organizations, resources and principals, and each share across accounts with what
// it still lacks.
//
// It reads rows and policies and decides nothing: whether a principal may do something is
// asked of the gate, by whoever shows an overview. It holds no value, secret or ciphertext
// of a resource. Start reading at Read.
package overview
