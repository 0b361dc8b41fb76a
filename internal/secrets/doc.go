// Package secrets stores the secrets of Secrets Manager: a secret's record, its versions with their staging
// labels, and its values, encrypted with KMS keys. Secrets Manager and Systems Manager, whose parameters can
// refer to secrets, both use it.
//
// It has no operations and makes no access decisions: a caller that reads a value first asks the gate about
// [Target]. The package itself calls KMS for values, through the call. Start reading at [Secret] and [Find];
// version.go has the rules of staging labels, value.go encrypts and decrypts values.
package secrets
