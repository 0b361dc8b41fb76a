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

// A blob is what Encrypt returns and Decrypt takes:
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
	if len(blob) < end+len(id) {
		return 0, "", id, errCiphertext()
	}
	return end + copy(id[:], blob[end:]), string(blob[2:end]), id, nil
}

// Encrypt makes a blob of a plaintext under the backing key that is current.
// materialID tells which that is.
func (k *Key) Encrypt(sealer *Sealer, now time.Time, context map[string]string, plaintext []byte) (blob []byte, materialID string, err error) {
	if err := k.Works(); err != nil {
		return nil, "", err
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
	return aead.Seal(blob, nil, plaintext, additional(blob, context)), hex.EncodeToString(m.id[:]), nil
}

// Decrypt is the inverse of Encrypt under the same context. The error for a blob
// that is not of this key, or not whole, is an InvalidCiphertextException.
func (k *Key) Decrypt(sealer *Sealer, now time.Time, context map[string]string, blob []byte) (plaintext []byte, materialID string, err error) {
	if err := k.Works(); err != nil {
		return nil, "", err
	}
	header, arn, id, err := cutBlob(blob)
	if err != nil {
		return nil, "", err
	}
	m, found, err := k.materialByID(sealer, id, now)
	if err != nil {
		return nil, "", err
	}
	if arn != k.ARN() || !found {
		return nil, "", errCiphertext()
	}
	aead, err := m.aead()
	if err != nil {
		return nil, "", err
	}
	plaintext, err = aead.Open([]byte{}, nil, blob[header:], additional(blob[:header], context))
	if err != nil {
		return nil, "", errCiphertext()
	}
	return plaintext, hex.EncodeToString(id[:]), nil
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
