package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/keypair"
)

// private returns the private key of a key pair.
func (k *Key) private(sealer *Sealer) (keypair.Private, error) {
	sealed := k.Seed
	if k.Origin == External {
		sealed = k.currentImported().Sealed
	}
	if pair, ok := sealer.pairs.get(k.ARN(), sealed); ok {
		return pair, nil
	}
	secret, err := k.secret(sealer)
	if err != nil {
		return keypair.Private{}, err
	}
	pair, err := keypair.ParsePrivate(k.Spec, secret)
	if err != nil {
		return keypair.Private{}, fmt.Errorf("private key of %s: %w", k.ARN(), err)
	}
	sealer.pairs.put(k.ARN(), sealed, pair)
	return pair, nil
}

func (k *Key) publicKey() (keypair.Public, error) {
	public, err := keypair.ParsePublic(k.Spec, k.Public)
	if err != nil {
		return keypair.Public{}, fmt.Errorf("public key of %s: %w", k.ARN(), err)
	}
	return public, nil
}

// checkUse returns an error if the key cannot be used now for an operation with an
// algorithm.
func (k *Key) checkUse(now time.Time, operation, algorithm string) error {
	if err := k.CheckUsable(now); err != nil {
		return err
	}
	return k.checkUsage(operation, algorithm)
}

// Sign signs a message; the message types are those of package keypair.
func (k *Key) Sign(sealer *Sealer, now time.Time, algorithm, messageType string, message []byte) ([]byte, error) {
	if err := k.checkUse(now, "Sign", algorithm); err != nil {
		return nil, err
	}
	pair, err := k.private(sealer)
	if err != nil {
		return nil, err
	}
	signature, err := pair.Sign(algorithm, messageType, message)
	return signature, messageError(err, algorithm, messageType)
}

// Verify returns a KMSInvalidSignatureException if the signature is not valid for the
// message.
func (k *Key) Verify(now time.Time, algorithm, messageType string, message, signature []byte) error {
	if err := k.checkUse(now, "Verify", algorithm); err != nil {
		return err
	}
	public, err := k.publicKey()
	if err != nil {
		return err
	}
	valid, err := public.Verify(algorithm, messageType, message, signature)
	if err == nil && !valid {
		return awserr.New("KMSInvalidSignatureException", 400, "")
	}
	return messageError(err, algorithm, messageType)
}

// messageError converts an error of package keypair about a message.
func messageError(err error, algorithm, messageType string) error {
	switch {
	case errors.Is(err, keypair.ErrDigest):
		return invalid("Digest is invalid length for algorithm %s.", algorithm)
	case errors.Is(err, keypair.ErrMessageType):
		return invalid("Message type %s is not valid for algorithm %s.", messageType, algorithm)
	}
	return err
}

// invalid returns the error for an input that violates a rule beyond the model's
// constraints.
func invalid(format string, args ...any) *awserr.Error {
	return awserr.New("ValidationException", 400, format, args...)
}

// Derive returns the shared secret of the key and a public key, DER. If that is not a
// public key of the same curve, the error is a ValidationException without a message, as
// AWS's is.
func (k *Key) Derive(sealer *Sealer, now time.Time, algorithm string, public []byte) ([]byte, error) {
	if err := k.checkUse(now, "DeriveSharedSecret", algorithm); err != nil {
		return nil, err
	}
	peer, err := keypair.ParsePublic(k.Spec, public)
	if err != nil {
		return nil, invalid("")
	}
	pair, err := k.private(sealer)
	if err != nil {
		return nil, err
	}
	secret, err := pair.Agree(peer)
	if errors.Is(err, keypair.ErrSpec) {
		err = invalid("")
	}
	return secret, err
}

// GenerateMac is the HMAC of a message.
func (k *Key) GenerateMac(sealer *Sealer, now time.Time, algorithm string, message []byte) ([]byte, error) {
	if err := k.checkUse(now, "GenerateMac", algorithm); err != nil {
		return nil, err
	}
	return k.mac(sealer, message)
}

// VerifyMac returns a KMSInvalidMacException if the HMAC is not that of the message.
func (k *Key) VerifyMac(sealer *Sealer, now time.Time, algorithm string, message, mac []byte) error {
	if err := k.checkUse(now, "VerifyMac", algorithm); err != nil {
		return err
	}
	want, err := k.mac(sealer, message)
	if err == nil && !hmac.Equal(want, mac) {
		return awserr.New("KMSInvalidMacException", 400, "")
	}
	return err
}

func (k *Key) mac(sealer *Sealer, message []byte) ([]byte, error) {
	secret, err := k.secret(sealer)
	if err != nil {
		return nil, err
	}
	hashes := map[int]func() hash.Hash{224: sha256.New224, 256: sha256.New, 384: sha512.New384, 512: sha512.New}
	h := hmac.New(hashes[k.macBits()], secret)
	h.Write(message)
	return h.Sum(nil), nil
}

// encryptPair encrypts with the public key of a pair.
func (k *Key) encryptPair(use Use, plaintext []byte) ([]byte, error) {
	public, err := k.publicKey()
	if err != nil {
		return nil, err
	}
	if most := public.MaxPlaintext(use.Algorithm); len(plaintext) > most {
		return nil, invalid("Algorithm %s and key spec %s cannot encrypt data larger than %d bytes.", use.Algorithm, k.Spec, most)
	}
	return public.Encrypt(use.Algorithm, plaintext)
}

// decryptPair decrypts with the private key of a pair.
func (k *Key) decryptPair(sealer *Sealer, use Use, blob []byte) ([]byte, error) {
	pair, err := k.private(sealer)
	if err != nil {
		return nil, err
	}
	plaintext, err := pair.Decrypt(use.Algorithm, blob)
	if errors.Is(err, keypair.ErrCiphertext) {
		err = errCiphertext()
	}
	return plaintext, err
}
