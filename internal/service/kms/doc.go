// Package kms is KMS: keys of every kind that AWS has outside of China, their policies,
// grants and aliases, and what is encrypted, signed and agreed on with them.
//
// It encrypts and signs for real, under keys that are stored encrypted; it is no
// hardware module, and what AWS's KMS encrypted under a symmetric key does not open here.
// Key pairs and HMAC keys work with those of any other library. Custom key stores are
// records only (keystore.go).
//
// The keys themselves, and the way from a name to a key, are package keys: other
// services encrypt with them too. Who may use one is asked in the way that
// service.Call.KeyTarget says. Start reading at New in service.go, the table of
// operations, then at crypto.go, pair.go and grant.go; material is imported in import.go,
// and related in multiregion.go. Differences from AWS that are known
// or suspected are listed in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/kms/latest/APIReference/
package kms
