package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// materialIDSize is the size of the id of a backing key, in bytes.
const materialIDSize = 32

// material is one backing key of a symmetric key; a rotation creates another. Those that
// KMS generates are derived from the key's random seed, so an automatic rotation needs no
// write. The others are imported.
type material struct {
	id     [materialIDSize]byte
	secret [keySize]byte
}

// derived returns a backing key that KMS generates; generation 0 is the key's first.
func (k *Key) derived(sealer *Sealer, generation int) (m material, err error) {
	seed, err := k.seed(sealer)
	if err != nil {
		return m, err
	}
	text, err := hkdf.Key(sha256.New, seed, nil, "backing key "+strconv.Itoa(generation)+" of "+k.root(), len(m.id)+len(m.secret))
	if err != nil {
		return m, fmt.Errorf("backing key of %s: %w", k.ARN(), err)
	}
	copy(m.id[:], text)
	copy(m.secret[:], text[len(m.id):])
	return m, nil
}

// seed decrypts the seed of the key.
func (k *Key) seed(sealer *Sealer) ([]byte, error) {
	seed, err := sealer.Open(k.Seed, k.root())
	if err != nil {
		return nil, fmt.Errorf("seed of %s: %w", k.ARN(), err)
	}
	return seed, nil
}

// imported returns an imported backing key.
func (k *Key) imported(sealer *Sealer, i *Imported) (m material, err error) {
	secret, err := k.openImported(sealer, i)
	if err != nil {
		return m, err
	}
	if _, err := hex.Decode(m.id[:], []byte(i.ID)); err != nil {
		return m, fmt.Errorf("material of %s: %w", k.ARN(), err)
	}
	copy(m.secret[:], secret)
	return m, nil
}

// MaterialID is the id of the backing key of a generation: the number of rotations before
// it.
func (k *Key) MaterialID(sealer *Sealer, generation int) (string, error) {
	m, err := k.derived(sealer, generation)
	return hex.EncodeToString(m.id[:]), err
}

// CurrentMaterialID is the id of the current backing key; "" for a key that is not
// symmetric or into which no material was imported.
func (k *Key) CurrentMaterialID(sealer *Sealer, now time.Time) (string, error) {
	switch {
	case !k.IsSymmetric():
		return "", nil
	case k.Origin == External:
		if m := k.currentImported(); m != nil && k.hasAllMaterial(now) {
			return m.ID, nil
		}
		return "", nil
	}
	return k.MaterialID(sealer, len(k.Rotations(now)))
}

// current returns the backing key that encrypts now.
func (k *Key) current(sealer *Sealer, now time.Time) (material, error) {
	if k.Origin == External {
		return k.imported(sealer, k.currentImported())
	}
	return k.derived(sealer, len(k.Rotations(now)))
}

// materialByID returns one of the backing keys that exist now.
func (k *Key) materialByID(sealer *Sealer, id [materialIDSize]byte, now time.Time) (m material, found bool, err error) {
	if k.Origin == External {
		text := hex.EncodeToString(id[:])
		i := slices.IndexFunc(k.Imported, func(m Imported) bool { return m.ID == text && !m.Pending })
		if i < 0 {
			return m, false, nil
		}
		m, err = k.imported(sealer, &k.Imported[i])
		return m, err == nil, err
	}
	for generation := range len(k.Rotations(now)) + 1 {
		m, err = k.derived(sealer, generation)
		if err != nil || m.id == id {
			return m, err == nil, err
		}
	}
	return material{}, false, nil
}

// secret decrypts the only secret of an HMAC key or of a key pair (PKCS #8).
func (k *Key) secret(sealer *Sealer) ([]byte, error) {
	if k.Origin == External {
		return k.openImported(sealer, k.currentImported())
	}
	return k.seed(sealer)
}

func (m *material) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(m.secret[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
