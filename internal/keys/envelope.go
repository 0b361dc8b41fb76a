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

// A blob is what Encrypt returns of a symmetric key, and Decrypt takes:
//
//	version  1 byte, 1
//	length   of the ARN, 1 byte
//	ARN      of the key
//	id       of the backing key, 32 bytes
//	nonce    12 bytes
//	text     AES-256-GCM, with its tag of 16 bytes
//
// What stands before the nonce and the encryption context are authenticated
// with the text, so none of them can be another when it is decrypted.
// docs/design/0004-kms.md says why it is so.

const blobVersion = 1

// errCiphertext is the error for all that is no blob, was changed, or was made
// with another encryption context: it does not say which.
func errCiphertext() error { return awserr.New("InvalidCiphertextException", 400, "") }

// BlobKey is the ARN of the key that a blob says it was encrypted under; an
// InvalidCiphertextException if it is no blob.
func BlobKey(blob []byte) (string, error) {
	_, arn, _, err := cutBlob(blob)
	return arn, err
}

// cutBlob takes a blob apart: its header, of which ARN and backing key are told,
// is what stands before the nonce.
func cutBlob(blob []byte) (header int, arn string, id [materialIDSize]byte, err error) {
	if len(blob) < 2 || blob[0] != blobVersion {
		return 0, "", id, errCiphertext()
	}
	end := 2 + int(blob[1])
	if len(blob) < end+len(id) || !bytes.HasPrefix(blob[2:], []byte("arn:")) { // as what a key pair encrypted is not
		return 0, "", id, errCiphertext()
	}
	return end + copy(id[:], blob[end:]), string(blob[2:end]), id, nil
}

// Use is how a key encrypts or decrypts.
type Use struct {
	Operation string // for which it is asked to: "Encrypt", "GenerateDataKey"
	Algorithm string
	Context   map[string]string // the encryption context, of symmetric keys only
}

// check returns an error if a key cannot be used so now.
func (k *Key) check(use Use, now time.Time) error {
	if err := k.usable(now, use.Operation, use.Algorithm); err != nil {
		return err
	}
	if !k.IsSymmetric() && len(use.Context) > 0 {
		return invalid("An encryption context cannot be used with the asymmetric key %s.", k.ARN())
	}
	return nil
}

// Encrypt encrypts a plaintext: a symmetric key makes a blob under the backing key that is
// current, and materialID tells which that is; a key pair encrypts as any other would.
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
	return aead.Seal(blob, nil, plaintext, additional(blob, use.Context)), hex.EncodeToString(m.id[:]), nil
}

// Decrypt is the inverse of Encrypt under the same context. The error for a blob
// that is not of this key, or not whole, is an InvalidCiphertextException.
func (k *Key) Decrypt(sealer *Sealer, now time.Time, use Use, blob []byte) (plaintext []byte, materialID string, err error) {
	if err := k.check(use, now); err != nil {
		return nil, "", err
	}
	if !k.IsSymmetric() {
		plaintext, err = k.decryptPair(sealer, use, blob)
		return plaintext, "", err
	}
	header, arn, id, err := cutBlob(blob)
	if err != nil {
		return nil, "", err
	}
	m, found, err := k.materialByID(sealer, id, now)
	if err != nil {
		return nil, "", err
	}
	if !k.Wrote(arn) || !found {
		return nil, "", errCiphertext()
	}
	aead, err := m.aead()
	if err != nil {
		return nil, "", err
	}
	plaintext, err = aead.Open([]byte{}, nil, blob[header:], additional(blob[:header], use.Context))
	if err != nil {
		return nil, "", errCiphertext()
	}
	return plaintext, hex.EncodeToString(id[:]), nil
}

// Wrote reports whether a blob that names a key was encrypted by this one, or by one that
// is related to it in another region.
func (k *Key) Wrote(arn string) bool {
	if arn == k.ARN() || k.MultiRegion == nil {
		return arn == k.ARN()
	}
	return slices.ContainsFunc(k.MultiRegion.Regions, func(r Region) bool { return arn == k.In(r.Name).Key(k.ID) })
}

// additional is what is authenticated with a text: the blob's header and the
// context, in the order of its keys and each with its length, so that no two
// contexts have the same encoding.
func additional(header []byte, context map[string]string) []byte {
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
