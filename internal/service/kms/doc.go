// Package kms is KMS: symmetric keys, their policies, grants and aliases, and
// what is encrypted under them.
//
// It encrypts for real, with AES-256-GCM under keys that are stored encrypted in the
// store; it is no hardware module, and what AWS's KMS encrypted does not open
// here. Asymmetric keys, HMAC keys, imported material, custom key stores and
// keys of several regions are not served.
//
// The keys themselves, and the way from a name to a key, are package keys: other
// services encrypt with them too. Who may use one is asked in the way that
// service.Call.KeyTarget says. Start reading at New in service.go, the table of
// operations, then at crypto.go and grant.go. Differences from AWS that are known
// or suspected are listed in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/kms/latest/APIReference/
package kms
