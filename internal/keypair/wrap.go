package keypair

import (
	"crypto/aes"
	"crypto/subtle"
	"encoding/binary"
	"strings"
)

// Unwrap decrypts key material that was wrapped with the public key: by RSAES_OAEP alone,
// or by RSA_AES_KEY_WRAP, where RSAES_OAEP encrypts an AES key that wraps the material
// (RFC 5649). The error is ErrCiphertext for material that was wrapped with another key.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
func (p Private) Unwrap(algorithm string, wrapped []byte) ([]byte, error) {
	hash, ok := strings.CutPrefix(algorithm, "RSA_AES_KEY_WRAP")
	if !ok {
		return p.Decrypt(algorithm, wrapped)
	}
	size := families[p.spec].bits / 8
	if len(wrapped) < size {
		return nil, ErrCiphertext
	}
	key, err := p.Decrypt("RSAES_OAEP"+hash, wrapped[:size])
	if err != nil {
		return nil, err
	}
	return unwrapPadded(key, wrapped[size:])
}

// alternativeInitialValue is the prefix of text wrapped with padding: RFC 5649, section 3.
const alternativeInitialValue = 0xA65959A6

// unwrapPadded is the AES key unwrap with padding of RFC 5649.
func unwrapPadded(kek, wrapped []byte) ([]byte, error) {
	block, err := aes.NewCipher(kek)
	if err != nil || len(wrapped) < aes.BlockSize || len(wrapped)%8 != 0 {
		return nil, ErrCiphertext
	}
	var prefix [8]byte
	text := make([]byte, len(wrapped)-8)
	if len(wrapped) == aes.BlockSize {
		var b [aes.BlockSize]byte
		block.Decrypt(b[:], wrapped)
		copy(prefix[:], b[:8])
		copy(text, b[8:])
	} else {
		copy(prefix[:], wrapped)
		copy(text, wrapped[8:])
		unwrapBlocks(block.Decrypt, &prefix, text)
	}
	size := int(binary.BigEndian.Uint32(prefix[4:]))
	if binary.BigEndian.Uint32(prefix[:]) != alternativeInitialValue || size <= len(text)-8 || size > len(text) {
		return nil, ErrCiphertext
	}
	if padding := text[size:]; subtle.ConstantTimeCompare(padding, make([]byte, len(padding))) != 1 {
		return nil, ErrCiphertext
	}
	return text[:size], nil
}

// unwrapBlocks undoes the six rounds of RFC 3394 over blocks of eight bytes.
func unwrapBlocks(decrypt func(dst, src []byte), prefix *[8]byte, text []byte) {
	n := len(text) / 8
	var b [aes.BlockSize]byte
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			binary.BigEndian.PutUint64(b[:], binary.BigEndian.Uint64(prefix[:])^uint64(n*j+i))
			copy(b[8:], text[8*(i-1):8*i])
			decrypt(b[:], b[:])
			copy(prefix[:], b[:8])
			copy(text[8*(i-1):], b[8:])
		}
	}
}
