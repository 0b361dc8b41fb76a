package keypair

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"

	"filippo.io/mldsa"
	"filippo.io/mldsa/x509"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Public is the public key of a pair.
type Public struct {
	spec string
	key  any // *rsa.PublicKey, *ecdsa.PublicKey, *secp256k1.PublicKey, ed25519.PublicKey, *mldsa.PublicKey
}

// ParsePublic parses the SubjectPublicKeyInfo of a public key. The error is ErrSpec for a
// key of another spec and for other texts.
func ParsePublic(spec string, der []byte) (Public, error) {
	var key any
	var err error
	if spec == Secp256k1 {
		key, err = parsePublicSecp256k1(der)
	} else {
		key, err = x509.ParsePKIXPublicKey(der)
	}
	if err != nil || !families[spec].fitsPublic(spec, key) {
		return Public{}, fmt.Errorf("parse public %s: %w", spec, ErrSpec)
	}
	return Public{spec, key}, nil
}

func (f family) fitsPublic(spec string, key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() == f.bits
	case *ecdsa.PublicKey:
		return key.Curve == f.curve
	case *mldsa.PublicKey:
		return f.params != nil && key.Parameters() == f.params()
	case *secp256k1.PublicKey:
		return spec == Secp256k1
	case ed25519.PublicKey:
		return spec == Ed25519
	}
	return false
}

// DER is the key's SubjectPublicKeyInfo.
func (p Public) DER() ([]byte, error) {
	if key, ok := p.key.(*secp256k1.PublicKey); ok {
		return marshalPublicSecp256k1(key)
	}
	return x509.MarshalPKIXPublicKey(p.key)
}
