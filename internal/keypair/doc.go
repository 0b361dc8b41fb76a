// Package keypair has the key pairs of KMS, under the names that KMS gives their
// specs and algorithms: "RSA_2048", "RSASSA_PSS_SHA_256".
//
// A Private key signs, decrypts and agrees on secrets; a Public key verifies and
// encrypts. Both travel as DER: PKCS #8 and SubjectPublicKeyInfo, which every crypto
// library reads. It knows nothing of policies, states or stores, and gives no
// KMS error: package keys does.
//
// Most of it is the standard library. secp256k1 (secp256k1.go) and ML-DSA are not in
// it: they come from libraries that do nothing else.
//
// Start reading at Private and Public.
package keypair
