package keypair

import (
	"crypto/elliptic"
	"slices"

	"filippo.io/mldsa"
)

// The key pair specs of KMS outside China.
const (
	RSA2048   = "RSA_2048"
	RSA3072   = "RSA_3072"
	RSA4096   = "RSA_4096"
	P256      = "ECC_NIST_P256"
	P384      = "ECC_NIST_P384"
	P521      = "ECC_NIST_P521"
	Secp256k1 = "ECC_SECG_P256K1"
	Ed25519   = "ECC_NIST_EDWARDS25519"
	MLDSA44   = "ML_DSA_44"
	MLDSA65   = "ML_DSA_65"
	MLDSA87   = "ML_DSA_87"
)

// Algorithms are the algorithms of a spec by key usage, in the order in which KMS lists
// them. A usage that the spec does not support is empty.
type Algorithms struct{ Signing, Encryption, Agreement []string }

// family has the common properties of several specs.
type family struct {
	Algorithms
	bits   int // of the modulus of RSA
	curve  elliptic.Curve
	params func() mldsa.Parameters
}

var (
	rsaAlgorithms = Algorithms{
		Signing: []string{
			"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
			"RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512",
		},
		Encryption: []string{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"},
	}
	agreement       = []string{"ECDH"}
	mldsaAlgorithms = Algorithms{Signing: []string{"ML_DSA_SHAKE_256"}}
)

// families has each spec. https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
var families = map[string]family{
	RSA2048:   {Algorithms: rsaAlgorithms, bits: 2048},
	RSA3072:   {Algorithms: rsaAlgorithms, bits: 3072},
	RSA4096:   {Algorithms: rsaAlgorithms, bits: 4096},
	P256:      {Algorithms: Algorithms{Signing: []string{"ECDSA_SHA_256"}, Agreement: agreement}, curve: elliptic.P256()},
	P384:      {Algorithms: Algorithms{Signing: []string{"ECDSA_SHA_384"}, Agreement: agreement}, curve: elliptic.P384()},
	P521:      {Algorithms: Algorithms{Signing: []string{"ECDSA_SHA_512"}, Agreement: agreement}, curve: elliptic.P521()},
	Secp256k1: {Algorithms: Algorithms{Signing: []string{"ECDSA_SHA_256"}}},
	Ed25519:   {Algorithms: Algorithms{Signing: []string{"ED25519_PH_SHA_512", "ED25519_SHA_512"}}},
	MLDSA44:   {Algorithms: mldsaAlgorithms, params: mldsa.MLDSA44},
	MLDSA65:   {Algorithms: mldsaAlgorithms, params: mldsa.MLDSA65},
	MLDSA87:   {Algorithms: mldsaAlgorithms, params: mldsa.MLDSA87},
}

// Of returns the algorithms of a spec; ok is false for a spec that is not a key pair.
func Of(spec string) (a Algorithms, ok bool) {
	f, ok := families[spec]
	return f.Algorithms, ok
}

// has reports whether an algorithm is among them.
func (a Algorithms) has(algorithm string) bool {
	return slices.Contains(a.Signing, algorithm) || slices.Contains(a.Encryption, algorithm) || slices.Contains(a.Agreement, algorithm)
}
