package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// materialIDSize is the size of the id of a backing key, in bytes.
const materialIDSize = 32

// material is one backing key of a key: what a rotation changes. All of them
// come of the key's random seed, so that a rotation needs no write when it falls
// due, and none is ever lost.
type material struct {
	id     [materialIDSize]byte
	secret [keySize]byte
}

// material derives a backing key: generation 0 is the key's first.
func (k *Key) material(sealer *Sealer, generation int) (m material, err error) {
	seed, err := sealer.Open(k.Seed, k.ARN())
	if err != nil {
		return m, fmt.Errorf("seed of %s: %w", k.ARN(), err)
	}
	text, err := hkdf.Key(sha256.New, seed, nil, "backing key "+strconv.Itoa(generation)+" of "+k.ARN(), len(m.id)+len(m.secret))
	if err != nil {
		return m, fmt.Errorf("backing key of %s: %w", k.ARN(), err)
	}
	copy(m.id[:], text)
	copy(m.secret[:], text[len(m.id):])
	return m, nil
}

// MaterialID is the id of the backing key of a generation: how often the key
// was rotated before.
func (k *Key) MaterialID(sealer *Sealer, generation int) (string, error) {
	m, err := k.material(sealer, generation)
	return hex.EncodeToString(m.id[:]), err
}

// current is the backing key that encrypts now.
func (k *Key) current(sealer *Sealer, now time.Time) (material, error) {
	return k.material(sealer, len(k.Rotations(now)))
}

// materialByID is one of the backing keys until now.
func (k *Key) materialByID(sealer *Sealer, id [materialIDSize]byte, now time.Time) (m material, found bool, err error) {
	for generation := range len(k.Rotations(now)) + 1 {
		m, err = k.material(sealer, generation)
		if err != nil || m.id == id {
			return m, err == nil, err
		}
	}
	return material{}, false, nil
}

func (m *material) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(m.secret[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
