package keypair

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"

	"filippo.io/mldsa"
	"filippo.io/mldsa/x509"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// ErrSpec is the error for a key of another spec than expected.
var ErrSpec = errors.New("not a key of this spec")

// Private is the private key of a pair.
type Private struct {
	spec string
	key  any // *rsa.PrivateKey, *ecdsa.PrivateKey, *secp256k1.PrivateKey, ed25519.PrivateKey, *mldsa.PrivateKey
}

// Generate generates a key pair of a spec. RSA takes long: a second and more for
// RSA_4096.
func Generate(spec string) (Private, error) {
	f, ok := families[spec]
	if !ok {
		return Private{}, fmt.Errorf("generate %s: %w", spec, ErrSpec)
	}
	var key any
	var err error
	switch {
	case f.bits > 0:
		key, err = rsa.GenerateKey(rand.Reader, f.bits)
	case f.curve != nil:
		key, err = ecdsa.GenerateKey(f.curve, rand.Reader)
	case f.params != nil:
		key, err = mldsa.GenerateKey(f.params())
	case spec == Secp256k1:
		key, err = secp256k1.GeneratePrivateKey()
	default:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return Private{}, fmt.Errorf("generate %s: %w", spec, err)
	}
	return Private{spec, key}, nil
}

// ParsePrivate parses a private key in PKCS #8. The error is ErrSpec for a key of another
// spec and for other texts.
func ParsePrivate(spec string, der []byte) (Private, error) {
	var key any
	var err error
	if spec == Secp256k1 {
		key, err = parseSecp256k1(der)
	} else {
		key, err = x509.ParsePKCS8PrivateKey(der)
	}
	if err != nil || !families[spec].fits(spec, key) {
		return Private{}, fmt.Errorf("parse %s: %w", spec, ErrSpec)
	}
	return Private{spec, key}, nil
}

// fits reports whether a private key is of a spec of the family.
func (f family) fits(spec string, key any) bool {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key.N.BitLen() == f.bits && len(key.Primes) == 2
	case *ecdsa.PrivateKey:
		return key.Curve == f.curve
	case *mldsa.PrivateKey:
		return f.params != nil && key.PublicKey().Parameters() == f.params()
	case *secp256k1.PrivateKey:
		return spec == Secp256k1
	case ed25519.PrivateKey:
		return spec == Ed25519
	}
	return false
}

// PKCS8 encodes the key in PKCS #8, DER. ML-DSA keys are encoded as their seed.
func (p Private) PKCS8() ([]byte, error) {
	if key, ok := p.key.(*secp256k1.PrivateKey); ok {
		return marshalSecp256k1(key)
	}
	return x509.MarshalPKCS8PrivateKey(p.key)
}

// Public is the public key of the pair.
func (p Private) Public() Public {
	switch key := p.key.(type) {
	case *rsa.PrivateKey:
		return Public{p.spec, &key.PublicKey}
	case *ecdsa.PrivateKey:
		return Public{p.spec, &key.PublicKey}
	case *secp256k1.PrivateKey:
		return Public{p.spec, key.PubKey()}
	case ed25519.PrivateKey:
		return Public{p.spec, key.Public()}
	case *mldsa.PrivateKey:
		return Public{p.spec, key.PublicKey()}
	}
	return Public{}
}

// Agree returns the shared secret with another's public key of the same curve: the x
// coordinate, as defined by ECDH. The error is ErrSpec for a public key of another curve.
func (p Private) Agree(peer Public) ([]byte, error) {
	own, ok := p.key.(*ecdsa.PrivateKey)
	other, same := peer.key.(*ecdsa.PublicKey)
	if !ok || !same || own.Curve != other.Curve {
		return nil, fmt.Errorf("agree on a secret of %s: %w", p.spec, ErrSpec)
	}
	secret, err := own.ECDH()
	if err != nil {
		return nil, fmt.Errorf("agree on a secret of %s: %w", p.spec, err)
	}
	var public *ecdh.PublicKey
	if public, err = other.ECDH(); err == nil {
		return secret.ECDH(public)
	}
	return nil, fmt.Errorf("agree on a secret of %s: %w", p.spec, ErrSpec)
}
