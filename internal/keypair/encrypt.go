package keypair

import (
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // RSAES_OAEP_SHA_1 is one of KMS's algorithms
	"errors"
	"fmt"
)

// ErrCiphertext is the error for a ciphertext that a key does not decrypt.
var ErrCiphertext = errors.New("not a ciphertext of this key")

// MaxPlaintext is the maximum number of bytes that an algorithm encrypts with the key; 0
// if it does not encrypt.
func (p Public) MaxPlaintext(algorithm string) int {
	key, ok := p.key.(*rsa.PublicKey)
	if !ok || !families[p.spec].has(algorithm) {
		return 0
	}
	return key.Size() - 2*hashOf(algorithm).Size() - 2
}

// Encrypt encrypts a plaintext of at most MaxPlaintext bytes.
func (p Public) Encrypt(algorithm string, plaintext []byte) ([]byte, error) {
	key, ok := p.key.(*rsa.PublicKey)
	if !ok || !families[p.spec].has(algorithm) {
		return nil, fmt.Errorf("encrypt %s with %s: %w", algorithm, p.spec, ErrSpec)
	}
	return rsa.EncryptOAEP(hashOf(algorithm).New(), rand.Reader, key, plaintext, nil)
}

// Decrypt is the inverse of Encrypt. The error for a text that was not encrypted with the
// key is ErrCiphertext.
func (p Private) Decrypt(algorithm string, ciphertext []byte) ([]byte, error) {
	key, ok := p.key.(*rsa.PrivateKey)
	if !ok || !families[p.spec].has(algorithm) {
		return nil, fmt.Errorf("decrypt %s with %s: %w", algorithm, p.spec, ErrSpec)
	}
	plaintext, err := rsa.DecryptOAEP(hashOf(algorithm).New(), nil, key, ciphertext, nil)
	if err != nil {
		return nil, ErrCiphertext
	}
	return plaintext, nil
}
