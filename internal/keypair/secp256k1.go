package keypair

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// The standard library does not encode keys of secp256k1: this file has their PKCS #8 and
// SubjectPublicKeyInfo, according to RFC 5915 and RFC 5480.

var (
	oidEC        = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidSecp256k1 = asn1.ObjectIdentifier{1, 3, 132, 0, 10}
)

type pkcs8 struct {
	Version   int
	Algorithm pkix.AlgorithmIdentifier
	Key       []byte
	Rest      asn1.RawValue `asn1:"optional,tag:0"` // attributes
}

type ecPrivateKey struct {
	Version int
	Key     []byte
	Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	Public  asn1.BitString        `asn1:"optional,explicit,tag:1"`
}

type publicKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Public    asn1.BitString
}

func secp256k1Algorithm() (pkix.AlgorithmIdentifier, error) {
	curve, err := asn1.Marshal(oidSecp256k1)
	return pkix.AlgorithmIdentifier{Algorithm: oidEC, Parameters: asn1.RawValue{FullBytes: curve}}, err
}

func isSecp256k1(a pkix.AlgorithmIdentifier) bool {
	var curve asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(a.Parameters.FullBytes, &curve)
	return err == nil && len(rest) == 0 && a.Algorithm.Equal(oidEC) && curve.Equal(oidSecp256k1)
}

func marshalSecp256k1(key *secp256k1.PrivateKey) ([]byte, error) {
	public := key.PubKey().SerializeUncompressed()
	inner, err := asn1.Marshal(ecPrivateKey{Version: 1, Key: key.Serialize(), Public: asn1.BitString{Bytes: public, BitLength: 8 * len(public)}})
	if err != nil {
		return nil, err
	}
	algorithm, err := secp256k1Algorithm()
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}{0, algorithm, inner})
}

// parseSecp256k1 returns an error for a scalar outside 1..n-1, too.
func parseSecp256k1(der []byte) (*secp256k1.PrivateKey, error) {
	var outer pkcs8
	var inner ecPrivateKey
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 || !isSecp256k1(outer.Algorithm) {
		return nil, fmt.Errorf("no PKCS #8 of secp256k1: %w", ErrSpec)
	}
	if rest, err := asn1.Unmarshal(outer.Key, &inner); err != nil || len(rest) > 0 || len(inner.Key) != 32 {
		return nil, fmt.Errorf("no private key of secp256k1: %w", ErrSpec)
	}
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(inner.Key); overflow || scalar.IsZero() {
		return nil, fmt.Errorf("no scalar of secp256k1: %w", ErrSpec)
	}
	return secp256k1.NewPrivateKey(&scalar), nil
}

func marshalPublicSecp256k1(key *secp256k1.PublicKey) ([]byte, error) {
	algorithm, err := secp256k1Algorithm()
	if err != nil {
		return nil, err
	}
	point := key.SerializeUncompressed()
	return asn1.Marshal(publicKeyInfo{algorithm, asn1.BitString{Bytes: point, BitLength: 8 * len(point)}})
}

func parsePublicSecp256k1(der []byte) (*secp256k1.PublicKey, error) {
	var info publicKeyInfo
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 || !isSecp256k1(info.Algorithm) {
		return nil, fmt.Errorf("no public key of secp256k1: %w", ErrSpec)
	}
	return secp256k1.ParsePubKey(info.Public.RightAlign())
}
