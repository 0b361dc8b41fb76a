package keys

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/writdev/writ/internal/awserr"
)

// A blob is the ciphertext that Encrypt returns for a symmetric key, and that Decrypt
// accepts:
//
//	version  1 byte, 1
//	length   of the ARN, 1 byte
//	ARN      of the key
//	id       of the backing key, 32 bytes
//	nonce    12 bytes
//	text     AES-256-GCM, with its tag of 16 bytes
//
// The fields before the nonce and the encryption context are authenticated as additional
// data, so none of them can be changed. docs/design/0004-kms.md gives the reasons for the
// format.

const blobVersion = 1

// errCiphertext is the error for a text that is not a blob, was changed, or was encrypted
// with another encryption context. It does not say which.
func errCiphertext() error { return awserr.New("InvalidCiphertextException", 400, "") }

// BlobKey returns the ARN of the key that a blob names; an InvalidCiphertextException if
// it is not a blob.
func BlobKey(blob []byte) (string, error) {
	_, arn, _, err := parseBlob(blob)
	return arn, err
}

// parseBlob parses a blob. header is the length of the fields before the nonce, which
// include the ARN and the id of the backing key.
func parseBlob(blob []byte) (header int, arn string, id [materialIDSize]byte, err error) {
	if len(blob) < 2 || blob[0] != blobVersion {
		return 0, "", id, errCiphertext()
	}
	end := 2 + int(blob[1])
	if len(blob) < end+len(id) || !bytes.HasPrefix(blob[2:], []byte("arn:")) { // this also rejects the ciphertext of a key pair
		return 0, "", id, errCiphertext()
	}
	return end + copy(id[:], blob[end:]), string(blob[2:end]), id, nil
}

// Use is how a key encrypts or decrypts.
type Use struct {
	Operation string // the operation of KMS: "Encrypt", "GenerateDataKey"
	Algorithm string
	Context   map[string]string // the encryption context; symmetric keys only
}

// check returns an error if the key cannot be used in this way now.
func (k *Key) check(use Use, now time.Time) error {
	if err := k.checkUse(now, use.Operation, use.Algorithm); err != nil {
		return err
	}
	if !k.IsSymmetric() && len(use.Context) > 0 {
		return invalid("An encryption context cannot be used with the asymmetric key %s.", k.ARN())
	}
	return nil
}

// Encrypt encrypts a plaintext. A symmetric key returns a blob under its current backing
// key, whose id is materialID; a key pair returns the ciphertext of its algorithm.
func (k *Key) Encrypt(sealer *Sealer, now time.Time, use Use, plaintext []byte) (blob []byte, materialID string, err error) {
	if err := k.check(use, now); err != nil {
		return nil, "", err
	}
	if !k.IsSymmetric() {
		blob, err = k.encryptPair(use, plaintext)
		return blob, "", err
	}
	m, err := k.current(sealer, now)
	if err != nil {
		return nil, "", err
	}
	aead, err := m.aead()
	if err != nil {
		return nil, "", err
	}
	arn := k.ARN()
	blob = append([]byte{blobVersion, byte(len(arn))}, arn...)
	blob = append(blob, m.id[:]...)
	return aead.Seal(blob, nil, plaintext, additionalData(blob, use.Context)), hex.EncodeToString(m.id[:]), nil
}

// Decrypt is the inverse of Encrypt with the same encryption context. The error for a
// blob of another key, or one that was changed, is an InvalidCiphertextException.
func (k *Key) Decrypt(sealer *Sealer, now time.Time, use Use, blob []byte) (plaintext []byte, materialID string, err error) {
	if err := k.check(use, now); err != nil {
		return nil, "", err
	}
	if !k.IsSymmetric() {
		plaintext, err = k.decryptPair(sealer, use, blob)
		return plaintext, "", err
	}
	header, arn, id, err := parseBlob(blob)
	if err != nil {
		return nil, "", err
	}
	m, found, err := k.materialByID(sealer, id, now)
	if err != nil {
		return nil, "", err
	}
	if !k.IsSameOrRelated(arn) || !found {
		return nil, "", errCiphertext()
	}
	aead, err := m.aead()
	if err != nil {
		return nil, "", err
	}
	plaintext, err = aead.Open([]byte{}, nil, blob[header:], additionalData(blob[:header], use.Context))
	if err != nil {
		return nil, "", errCiphertext()
	}
	return plaintext, hex.EncodeToString(id[:]), nil
}

// IsSameOrRelated reports whether the key ARN in a blob is that of this key or of a
// related multi-Region key.
func (k *Key) IsSameOrRelated(arn string) bool {
	if arn == k.ARN() || k.MultiRegion == nil {
		return arn == k.ARN()
	}
	return slices.ContainsFunc(k.MultiRegion.Regions, func(r Region) bool { return arn == k.In(r.Name).Key(k.ID) })
}

// additionalDataData is the additional authenticated data of a text: the blob's header and
// the encryption context, ordered by key, each key and value with its length, so that no
// two contexts have the same encoding.
func additionalData(header []byte, context map[string]string) []byte {
	data := bytes.Clone(header)
	data = binary.AppendUvarint(data, uint64(len(context)))
	for _, key := range slices.Sorted(maps.Keys(context)) {
		for _, text := range []string{key, context[key]} {
			data = binary.AppendUvarint(data, uint64(len(text)))
			data = append(data, text...)
		}
	}
	return data
}
