package keypair

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // crypto.SHA256 makes its hashes
	_ "crypto/sha512"
	"errors"
	"fmt"
	"strings"

	"filippo.io/mldsa"
	"filippo.io/mldsa/mldsacrypto"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secp256k1ecdsa "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// The types of messages.
const (
	Raw        = "RAW"         // the message, to be hashed
	Digest     = "DIGEST"      // its hash
	ExternalMu = "EXTERNAL_MU" // the representative of a message that ML-DSA signs
)

// Errors for messages that an algorithm cannot sign.
var (
	ErrDigest      = errors.New("not a digest of this algorithm")
	ErrMessageType = errors.New("not a message type of this algorithm")
)

// pss has a salt as long as the hash, as KMS does.
var pss = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}

// hashOf is the hash of an algorithm, whose name ends with it.
func hashOf(algorithm string) crypto.Hash {
	switch {
	case strings.HasSuffix(algorithm, "SHA_1"):
		return crypto.SHA1
	case strings.HasSuffix(algorithm, "SHA_256"):
		return crypto.SHA256
	case strings.HasSuffix(algorithm, "SHA_384"):
		return crypto.SHA384
	}
	return crypto.SHA512
}

// digest returns the digest of a message, which is hashed unless it is a digest already.
func digest(algorithm, messageType string, message []byte) ([]byte, error) {
	hash := hashOf(algorithm)
	switch {
	case messageType == Raw:
		h := hash.New()
		h.Write(message)
		return h.Sum(nil), nil
	case messageType != Digest:
		return nil, ErrMessageType
	case len(message) != hash.Size():
		return nil, ErrDigest
	}
	return message, nil
}

// Sign signs a message. The errors are ErrDigest and ErrMessageType.
func (p Private) Sign(algorithm, messageType string, message []byte) ([]byte, error) {
	if !families[p.spec].has(algorithm) {
		return nil, fmt.Errorf("sign %s with %s: %w", algorithm, p.spec, ErrSpec)
	}
	switch key := p.key.(type) {
	case ed25519.PrivateKey:
		options, err := ed25519Options(algorithm, messageType, message)
		if err != nil {
			return nil, err
		}
		return key.Sign(nil, message, options)
	case *mldsa.PrivateKey:
		options, err := mldsaOptions(messageType, message)
		if err != nil {
			return nil, err
		}
		return key.Sign(nil, message, options)
	}
	hashed, err := digest(algorithm, messageType, message)
	if err != nil {
		return nil, err
	}
	hash := hashOf(algorithm)
	switch key := p.key.(type) {
	case *rsa.PrivateKey:
		if strings.HasPrefix(algorithm, "RSASSA_PSS") {
			return rsa.SignPSS(rand.Reader, key, hash, hashed, pss)
		}
		return rsa.SignPKCS1v15(nil, key, hash, hashed)
	case *ecdsa.PrivateKey:
		return ecdsa.SignASN1(rand.Reader, key, hashed)
	case *secp256k1.PrivateKey:
		return secp256k1ecdsa.Sign(key, hashed).Serialize(), nil
	}
	return nil, fmt.Errorf("sign with %s: %w", p.spec, ErrSpec)
}

// ed25519Options returns the options of the two algorithms of Ed25519: the pure one signs the
// message, the other its hash.
func ed25519Options(algorithm, messageType string, message []byte) (*ed25519.Options, error) {
	pure := algorithm == "ED25519_SHA_512"
	switch {
	case pure != (messageType == Raw), messageType == ExternalMu:
		return nil, ErrMessageType
	case pure:
		return &ed25519.Options{}, nil
	case len(message) != crypto.SHA512.Size():
		return nil, ErrDigest
	}
	return &ed25519.Options{Hash: crypto.SHA512}, nil
}

// muSize is the size of the representative of a message in ML-DSA.
const muSize = 64

// mldsaOptions returns the options of ML-DSA.
func mldsaOptions(messageType string, message []byte) (crypto.SignerOpts, error) {
	switch {
	case messageType == Raw:
		return &mldsa.Options{}, nil
	case messageType != ExternalMu:
		return nil, ErrMessageType
	case len(message) != muSize:
		return nil, ErrDigest
	}
	return mldsacrypto.MLDSAMu, nil
}

// Verify reports whether a signature is valid for a message. The errors are ErrDigest and
// ErrMessageType; the latter also for ExternalMu, which the ML-DSA library signs but does
// not verify.
func (p Public) Verify(algorithm, messageType string, message, signature []byte) (bool, error) {
	if !families[p.spec].has(algorithm) {
		return false, fmt.Errorf("verify %s with %s: %w", algorithm, p.spec, ErrSpec)
	}
	switch key := p.key.(type) {
	case ed25519.PublicKey:
		options, err := ed25519Options(algorithm, messageType, message)
		if err != nil {
			return false, err
		}
		return ed25519.VerifyWithOptions(key, message, signature, options) == nil, nil
	case *mldsa.PublicKey:
		if messageType != Raw {
			return false, ErrMessageType
		}
		return mldsa.Verify(key, message, signature, nil) == nil, nil
	}
	hashed, err := digest(algorithm, messageType, message)
	if err != nil {
		return false, err
	}
	hash := hashOf(algorithm)
	switch key := p.key.(type) {
	case *rsa.PublicKey:
		if strings.HasPrefix(algorithm, "RSASSA_PSS") {
			return rsa.VerifyPSS(key, hash, hashed, signature, pss) == nil, nil
		}
		return rsa.VerifyPKCS1v15(key, hash, hashed, signature) == nil, nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, hashed, signature), nil
	case *secp256k1.PublicKey:
		s, err := secp256k1ecdsa.ParseDERSignature(signature)
		return err == nil && s.Verify(hashed, key), nil
	}
	return false, fmt.Errorf("verify with %s: %w", p.spec, ErrSpec)
}
