// Package overview describes the contents of a world and who shares what with whom: the accounts and their
// organizations, resources and principals, and each share across accounts with the steps that are missing.
//
// It reads rows and policies and decides nothing: callers ask the gate whether a principal has access. It
// contains no value, secret or ciphertext of a resource. Start reading at Read.
package overview
