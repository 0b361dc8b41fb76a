// Package kms is KMS: keys of every kind that AWS has outside China, their policies,
// grants and aliases, and all cryptographic operations.
//
// It really encrypts and signs, under keys that are stored encrypted; it is not a
// hardware module, and it cannot decrypt what AWS's KMS encrypted under a symmetric key.
// Key pairs and HMAC keys interoperate with any other library. Custom key stores are
// records only (keystore.go).
//
// The keys themselves and their lookup are in package keys, because other services
// encrypt with them, too. operation.Call.KeyTarget determines who may use a key. Start
// reading at New in service.go, the table of operations, then at crypto.go, pair.go and
// grant.go; import.go imports key material, multiregion.go has related keys.
// docs/divergences.md lists known and suspected differences from AWS.
//
// Operations and shapes: https://docs.aws.amazon.com/kms/latest/APIReference/
package kms
