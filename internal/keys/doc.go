// Package keys guards what must not be stored in plaintext, and keeps
// the keys of KMS, of every kind.
//
// A Sealer (seal.go) encrypts small secrets with AES-256-GCM under a key that
// lives beside the store, never in it. A Key (key.go) is a key of KMS: its state
// is a function of stored times. Of a symmetric key the backing keys (rotation.go,
// material.go) come of a sealed seed or were imported (imported.go), and what it
// encrypts is a self-describing blob (envelope.go); the others are key pairs and HMAC keys
// (pair.go), whose cryptography is package keypair's. A key may have relatives in other
// regions (multiregion.go). Find (name.go) resolves what requests call a key.
//
// It decides nothing: whether a caller may use a key asks service.Call, which
// every service does that encrypts. Start reading at Key, then at Encrypt.
package keys
