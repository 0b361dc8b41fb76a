// Package keypair implements the key pairs of KMS, with KMS's names of specs and
// algorithms: "RSA_2048", "RSASSA_PSS_SHA_256".
//
// A Private key signs, decrypts and derives shared secrets; a Public key verifies and
// encrypts. Both are encoded as DER: PKCS #8 and SubjectPublicKeyInfo, which every crypto
// library reads. The package has no policies, key states or storage, and returns no
// errors of KMS: package keys does.
//
// Most of it uses the standard library. secp256k1 (secp256k1.go) and ML-DSA come from
// other libraries that contain nothing else.
//
// Start reading at Private and Public.
package keypair
