// Package kms implements AWS KMS: keys of every kind that AWS supports outside China, their policies, grants
// and aliases, and all cryptographic operations.
//
// It performs real encryption and signing, with keys that are stored encrypted. It is not a hardware security
// module, and it cannot decrypt ciphertexts of AWS KMS under symmetric keys. Key pairs and HMAC keys
// interoperate with any other library. Custom key stores are records only (keystore.go).
//
// The keys and their lookup are in package keys, because other services also encrypt with them.
// operation.Call.KeyTarget determines who may use a key. Start reading at New in service.go, the table of
// operations, then at crypto.go, pair.go and grant.go; import.go imports key material, multiregion.go
// implements related keys. docs/divergences.md lists known and suspected differences from AWS.
//
// Operations and shapes: https://docs.aws.amazon.com/kms/latest/APIReference/
package kms
