// Package keys holds the keys of KMS, of every kind, and encrypts all secrets that are
// stored.
//
// A Sealer (seal.go) encrypts small secrets with AES-256-GCM under a key that is stored
// beside the database, never in it. A Key (key.go) is a key of KMS; its state is a
// function of stored times. A symmetric key has backing keys (rotation.go, material.go),
// which are derived from a sealed seed or imported (imported.go), and encrypts into a
// self-describing ciphertext blob (envelope.go). The others are key pairs and HMAC keys
// (pair.go), whose cryptography is in package keypair. Multi-Region keys have related keys
// in other regions (multiregion.go). Find (name.go) resolves a key identifier of a
// request.
//
// The package authorizes nothing: every service that encrypts asks operation.Call whether
// the caller may use a key. Start reading at Key, then at Encrypt.
package keys
