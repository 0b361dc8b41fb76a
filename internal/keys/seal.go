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

// ErrSealed is returned for a sealed text that this Sealer did not make, or
// that was made for another purpose.
var ErrSealed = errors.New("sealed text does not open")

// Sealer encrypts and decrypts secrets at rest.
type Sealer struct {
	aead  cipher.AEAD
	pairs pairCache
}

// NewSealer makes a Sealer whose key lives only as long as the process.
func NewSealer() (*Sealer, error) {
	key := make([]byte, keySize)
	rand.Read(key)
	return newSealer(key)
}

// OpenSealer makes a Sealer with the key in the file at path, which is created
// (mode 0600) if absent.
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

// ReadSealer makes a Sealer with the key in the file at path.
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

// WriteKey writes a sealing key to a file that must not exist yet, down to the disk.
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

// Seal encrypts secret; purpose (such as an access key id) is bound to it, so
// that a sealed text put in another's place does not open.
func (s *Sealer) Seal(secret []byte, purpose string) []byte {
	return s.aead.Seal(nil, nil, secret, []byte(purpose))
}

// Open decrypts what Seal made for the same purpose.
func (s *Sealer) Open(sealed []byte, purpose string) ([]byte, error) {
	secret, err := s.aead.Open(nil, nil, sealed, []byte(purpose))
	if err != nil {
		return nil, ErrSealed
	}
	return secret, nil
}
