package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// keySize is the size in bytes of a sealing key: AES-256.
const keySize = 32

// ErrSealed is returned for a text that this Sealer did not seal, or sealed for another
// purpose.
var ErrSealed = errors.New("sealed text cannot be decrypted")

// Sealer encrypts and decrypts secrets at rest.
type Sealer struct {
	aead  cipher.AEAD
	pairs pairCache
}

// NewSealer returns a Sealer with a random key that is not stored.
func NewSealer() (*Sealer, error) {
	key := make([]byte, keySize)
	rand.Read(key)
	return newSealer(key)
}

// OpenSealer returns a Sealer with the key in the file at path, which it creates with
// mode 0600 if it does not exist.
func OpenSealer(path string) (*Sealer, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, keySize)
		rand.Read(key)
		err = WriteKey(path, key)
	}
	if err != nil {
		return nil, fmt.Errorf("sealing key: %w", err)
	}
	return ReadSealer(path)
}

// ReadSealer returns a Sealer with the key in the file at path.
func ReadSealer(path string) (*Sealer, error) {
	key, err := ReadKey(path)
	if err != nil {
		return nil, err
	}
	return newSealer(key)
}

// ReadKey reads a sealing key.
func ReadKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("sealing key: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("sealing key: %s holds %d bytes, wanted %d", path, len(key), keySize)
	}
	return key, nil
}

// WriteKey writes a sealing key to a new file and syncs it to disk.
func WriteKey(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

func newSealer(key []byte) (*Sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead: aead}, nil
}

// Seal encrypts secret. The purpose, such as an access key id, is authenticated with it,
// so that a sealed text cannot be used for another purpose.
func (s *Sealer) Seal(secret []byte, purpose string) []byte {
	return s.aead.Seal(nil, nil, secret, []byte(purpose))
}

// Open decrypts a text that was sealed for the same purpose.
func (s *Sealer) Open(sealed []byte, purpose string) ([]byte, error) {
	secret, err := s.aead.Open(nil, nil, sealed, []byte(purpose))
	if err != nil {
		return nil, ErrSealed
	}
	return secret, nil
}
