package operation

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"

	"github.com/writdev/writ/internal/keys"
)

// Envelope is a text under a data key of its own (AES-256-GCM), and that data key under
// a KMS key: for texts that are longer than KMS itself encrypts.
type Envelope struct{ Key, Text []byte }

// SealVia encrypts a text on behalf of the caller of the service via, with a new data
// key, as GenerateDataKey makes it. name and the errors are as those of EncryptVia.
func (c *Call) SealVia(via, name string, context map[string]string, plaintext []byte) (Envelope, *keys.Key, error) {
	const operation = "GenerateDataKey"
	found, err := c.ProvideKey(name)
	if err != nil {
		return Envelope{}, nil, err
	}
	key, err := c.useKey(found, KeyUse{Operation: operation, Context: context, Via: via})
	if err != nil {
		return Envelope{}, nil, err
	}
	dataKey := make([]byte, 32)
	if _, err := rand.Read(dataKey); err != nil {
		return Envelope{}, nil, err
	}
	blob, _, err := key.Encrypt(c.Directory.Sealer, c.Now, symmetricUse(operation, context), dataKey)
	if err != nil {
		return Envelope{}, nil, err
	}
	aead, err := newAEAD(dataKey)
	if err != nil {
		return Envelope{}, nil, err
	}
	return Envelope{Key: blob, Text: aead.Seal(nil, nil, plaintext, nil)}, key, nil
}

// OpenVia is the inverse of SealVia: it decrypts the data key with the key policy's and
// the caller's permission to Decrypt. Its errors are those of DecryptVia.
func (c *Call) OpenVia(via string, e Envelope, context map[string]string) ([]byte, *keys.Key, error) {
	dataKey, key, err := c.DecryptVia(via, e.Key, context)
	if err != nil {
		return nil, nil, err
	}
	aead, err := newAEAD(dataKey)
	if err != nil {
		return nil, nil, err
	}
	plaintext, err := aead.Open(nil, nil, e.Text, nil)
	return plaintext, key, err
}

// newAEAD is AES-256-GCM that puts a random nonce before each text.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
