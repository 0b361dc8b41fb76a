package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/writdev/writ/internal/awserr"
)

// A key with the origin EXTERNAL has key material that its owner imports. Material can be
// deleted, and expires if the owner says so; the key can then be used again when the same
// material is imported again. A symmetric key can have several materials: each is a
// backing key, and an on-demand rotation makes the next one current.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html

// Imported is one imported key material.
type Imported struct {
	ID          string // 64 hexadecimal digits, derived from the key's id and the secret
	Sealed      []byte // nil if the material is not imported, or was deleted
	Description string `json:",omitempty"`
	ValidTo     time.Time
	Pending     bool      `json:",omitempty"` // imported, but not current until a rotation
	RotatedAt   time.Time // when a rotation made it current; zero for the first
}

// IsPresent reports whether the material is imported and has not expired.
func (m *Imported) IsPresent(now time.Time) bool {
	return m.Sealed != nil && (m.ValidTo.IsZero() || now.Before(m.ValidTo))
}

// hasAllMaterial reports whether all materials that the key needs are present.
func (k *Key) hasAllMaterial(now time.Time) bool {
	some := false
	for i := range k.Imported {
		m := &k.Imported[i]
		if !m.Pending && !m.IsPresent(now) {
			return false
		}
		some = some || !m.Pending
	}
	return some
}

// Expires is when the first of the key's materials expires; zero if none does.
func (k *Key) Expires() (at time.Time) {
	for _, m := range k.Imported {
		if !m.Pending && !m.ValidTo.IsZero() && (at.IsZero() || m.ValidTo.Before(at)) {
			at = m.ValidTo
		}
	}
	return at
}

// currentImported is the current material; nil if none was ever imported.
func (k *Key) currentImported() *Imported {
	for i := len(k.Imported) - 1; i >= 0; i-- {
		if !k.Imported[i].Pending {
			return &k.Imported[i]
		}
	}
	return nil
}

// PendingMaterial is the material that is pending rotation; nil if there is none.
func (k *Key) PendingMaterial() *Imported {
	i := slices.IndexFunc(k.Imported, func(m Imported) bool { return m.Pending })
	if i < 0 {
		return nil
	}
	return &k.Imported[i]
}

// An Import is a request to import key material.
type Import struct {
	Secret      []byte
	New         *bool // whether the material must be new or must be known; nil accepts both
	ID          *string
	Description *string
	ValidTo     time.Time // zero if it does not expire
}

// Import imports material and returns it. The errors are IncorrectKeyMaterialException
// and KMSInvalidStateException.
func (k *Key) Import(sealer *Sealer, in Import, now time.Time) (*Imported, error) {
	if err := k.CheckNotPendingDeletion(now); err != nil {
		return nil, err
	}
	if !k.isValidSecret(in.Secret) {
		return nil, incorrectMaterial("The key material is not that of a key of the spec %s.", k.Spec)
	}
	id := materialID(k.ID, in.Secret)
	i := slices.IndexFunc(k.Imported, func(m Imported) bool { return m.ID == id })
	isNew := len(k.Imported) == 0
	if in.New != nil {
		isNew = *in.New
	}
	switch {
	case in.ID != nil && *in.ID != id:
		return nil, incorrectMaterial("The key material is not the one with the id %s.", *in.ID)
	case i >= 0 && in.New != nil && isNew:
		return nil, incorrectMaterial("The key material with the id %s was imported before.", id)
	case i < 0 && !isNew:
		return nil, incorrectMaterial("The key material is not one that was imported before.")
	case i < 0:
		if err := k.checkNewMaterial(id); err != nil {
			return nil, err
		}
		k.Imported = append(k.Imported, Imported{ID: id, Pending: len(k.Imported) > 0})
		i = len(k.Imported) - 1
	}
	waiting := k.State(now) == PendingImport
	m := &k.Imported[i]
	m.Sealed, m.ValidTo = sealer.Seal(in.Secret, k.materialPurpose(id)), in.ValidTo
	if in.Description != nil {
		m.Description = *in.Description
	}
	if waiting {
		k.Disabled = false
	}
	public, err := k.public(in.Secret)
	if err != nil {
		return nil, fmt.Errorf("import into %s: %w", k.ARN(), err)
	}
	k.Public = public
	return m, nil
}

// checkNewMaterial returns an error if no new material can be imported into the key now.
func (k *Key) checkNewMaterial(id string) error {
	switch pending := k.PendingMaterial(); {
	case k.IsReplica():
		return awserr.New("UnsupportedOperationException", 400, "New key material cannot be imported into the replica key %s: import it into the primary key first.", k.ARN())
	case len(k.Imported) > 0 && !k.IsSymmetric():
		return incorrectMaterial("The key material of a key of the spec %s cannot be changed.", k.Spec)
	case pending != nil:
		return invalidState("New key material (id: %s) cannot be imported into KMS key %s, because another key material (id: %s) is pending rotation.", id, k.ARN(), pending.ID)
	}
	return nil
}

// DeleteImported deletes a material, or the current one if id is nil, and returns its id;
// "" if there was none. Material that is pending rotation is removed from the list, too.
func (k *Key) DeleteImported(id *string) (string, error) {
	m := k.currentImported()
	if id != nil {
		i := slices.IndexFunc(k.Imported, func(m Imported) bool { return m.ID == *id })
		if i < 0 {
			return "", awserr.New("NotFoundException", 400, "Key material %s of %s does not exist", *id, k.ARN())
		}
		m = &k.Imported[i]
	}
	if m == nil {
		return "", nil
	}
	deleted := m.ID
	if m.Sealed = nil; m.Pending && !k.IsReplica() {
		k.Imported = slices.DeleteFunc(k.Imported, func(other Imported) bool { return other.ID == deleted })
	}
	return deleted, nil
}

// RotateImported makes the material that is pending rotation the current one.
func (k *Key) RotateImported(now time.Time) error {
	m := k.PendingMaterial()
	if m == nil || !m.IsPresent(now) {
		return invalidState("No available key material pending rotation for the key: %s.", k.ARN())
	}
	m.Pending, m.RotatedAt = false, now
	return nil
}

// materialID is the id of a material of a key. It reveals nothing about the secret and is
// the same in all regions.
func materialID(key string, secret []byte) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("key material of " + key))
	return hex.EncodeToString(h.Sum(nil))
}

func (k *Key) materialPurpose(id string) string { return k.ARN() + "/material/" + id }

// openImported decrypts the secret of a material.
func (k *Key) openImported(sealer *Sealer, m *Imported) ([]byte, error) {
	secret, err := sealer.Open(m.Sealed, k.materialPurpose(m.ID))
	if err != nil {
		return nil, fmt.Errorf("material of %s: %w", k.ARN(), err)
	}
	return secret, nil
}

// replicaMaterial returns the materials of a replica key: the list of its primary key, with
// the secrets that were imported into the replica.
func replicaMaterial(primary, own []Imported) []Imported {
	list := slices.Clone(primary)
	for i := range list {
		m := &list[i]
		m.Sealed, m.ValidTo = nil, time.Time{}
		for _, known := range own {
			if known.ID == m.ID {
				m.Sealed, m.ValidTo = known.Sealed, known.ValidTo
			}
		}
	}
	return list
}

func incorrectMaterial(format string, args ...any) *awserr.Error {
	return awserr.New("IncorrectKeyMaterialException", 400, format, args...)
}
